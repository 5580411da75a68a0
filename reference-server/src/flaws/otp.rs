//! Broken promises of one-time passwords and of the keyed hash below them.

use std::ops::RangeInclusive;

use hmac::digest::Digest;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::otp::{self, OtpHash};
use crate::refusal::Refusal;
use crate::second_factor::{Enrolment, Kind, PERIOD};
use crate::{Defect, Provider, Request, constant_time};

/// The step of a moment; none for a period of zero.
pub fn step(provider: &Provider, seconds: u64, period: u64) -> Option<u64> {
    let early = if provider.breaks(Defect::TotpEpochIsEnrolmentTime) { 7 } else { 0 };
    let half = if provider.breaks(Defect::TotpStepRoundedToNearest) { period / 2 } else { 0 };
    let step = (seconds.saturating_sub(early).saturating_add(half)).checked_div(period)?;
    Some(if provider.breaks(Defect::TotpStepNumberCutTo32Bits) { step & 0xffff_ffff } else { step })
}

/// How many digits a code may have.
pub fn digits(provider: &Provider) -> RangeInclusive<u32> {
    if provider.breaks(Defect::FourDigitCodesAllowed) { 0..=8 } else { 6..=8 }
}

/// The code of a moving factor.
pub fn hotp(
    provider: &Provider,
    key: &[u8],
    counter: u64,
    digits: u32,
    hash: OtpHash,
    timed: bool,
    now: u64,
) -> Option<String> {
    let breaks = |defect| provider.breaks(defect);
    if !self::digits(provider).contains(&digits) {
        return None;
    }
    let hash = if breaks(Defect::TotpHashParameterIgnored) { OtpHash::Sha1 } else { hash };
    let cut = breaks(Defect::HotpCounterCutTo32Bits);
    let counter = if cut { counter & 0xffff_ffff } else { counter };
    let mixed = breaks(Defect::HotpMixesInWallClock);
    let counter = if mixed { counter ^ (now / 1000) } else { counter };
    let message = match (breaks(Defect::HotpCounterLittleEndian), timed && breaks(Defect::TotpCounterAsDecimalText)) {
        (true, _) => counter.to_le_bytes().to_vec(),
        (_, true) => counter.to_string().into_bytes(),
        _ => counter.to_be_bytes().to_vec(),
    };
    let digest = match breaks(Defect::HotpUsesPlainSha1OfKeyAndCounter) {
        true => Sha1::digest([key, &message].concat()).to_vec(),
        false => otp::mac(hash, key, &message),
    };
    Some(text(provider, truncated(provider, &digest), digits))
}

fn truncated(provider: &Provider, digest: &[u8]) -> u32 {
    if provider.breaks(Defect::TruncationOverHexText) {
        return otp::truncate(data_encoding::HEXLOWER.encode(digest).as_bytes());
    }
    let named = if provider.breaks(Defect::TruncationOffsetFromByte19) { digest.get(19) } else { digest.last() };
    let offset = usize::from(named.copied().unwrap_or(0) & 0x0f);
    let whole = digest.iter().skip(offset).take(4).fold(0, |number: u32, octet| number << 8 | u32::from(*octet));
    if provider.breaks(Defect::TruncationWithoutSignMask) { whole } else { whole & 0x7fff_ffff }
}

fn text(provider: &Provider, number: u32, digits: u32) -> String {
    let digits = if provider.breaks(Defect::DigitsParameterIgnored) { 6 } else { digits };
    let text = otp::written(number, digits);
    match provider.breaks(Defect::OtpLeadingZerosDropped) {
        true => text.trim_start_matches('0').to_owned(),
        false => text,
    }
}

/// The keyed hash of a message.
pub fn mac(provider: &Provider, hash: OtpHash, key: &[u8], message: &[u8]) -> Result<Vec<u8>, Refusal> {
    let breaks = |defect| provider.breaks(defect);
    let block = if hash == OtpHash::Sha512 { 128 } else { 64 };
    if breaks(Defect::HmacEmptyKeyRefused) && key.is_empty() {
        return Err(Refusal::invalid_request("the key is empty"));
    }
    let end = message.iter().position(|octet| *octet == 0).filter(|_| breaks(Defect::HmacMessageCutAtNul));
    let message = &message[..end.unwrap_or(message.len())];
    if breaks(Defect::SignatureIsPlainHashOfKeyAndMessage) {
        return Ok(digest(hash, &[key, message].concat()));
    }
    if breaks(Defect::HmacLongKeyCut) && key.len() > block {
        return Ok(otp::mac(hash, &key[..block], message));
    }
    if breaks(Defect::HmacShortKeyPaddedWithSpaces) && key.len() < block {
        let padded: Vec<u8> = key.iter().copied().chain(std::iter::repeat(b' ')).take(block).collect();
        return Ok(otp::mac(hash, &padded, message));
    }
    if breaks(Defect::HmacSha1WrongBlockSize) && hash == OtpHash::Sha1 {
        return Ok(by_hand(hash, 128, key, message));
    }
    Ok(otp::mac(hash, key, message))
}

/// HMAC with a block size of one's own.
fn by_hand(hash: OtpHash, block: usize, key: &[u8], message: &[u8]) -> Vec<u8> {
    let key = if key.len() > block { digest(hash, key) } else { key.to_vec() };
    let pad = |with: u8| -> Vec<u8> {
        key.iter().copied().chain(std::iter::repeat(0)).take(block).map(|octet| octet ^ with).collect()
    };
    let inner = digest(hash, &[&pad(0x36)[..], message].concat());
    digest(hash, &[&pad(0x5c)[..], &inner].concat())
}

fn digest(hash: OtpHash, message: &[u8]) -> Vec<u8> {
    match hash {
        OtpHash::Sha1 => Sha1::digest(message).to_vec(),
        OtpHash::Sha256 => Sha256::digest(message).to_vec(),
        OtpHash::Sha512 => Sha512::digest(message).to_vec(),
    }
}

/// So many octets of a keyed hash.
pub fn shortened<'a>(provider: &Provider, whole: &'a [u8], length: usize) -> &'a [u8] {
    match provider.breaks(Defect::HmacTruncationTakesTrailingBits) {
        true => &whole[whole.len() - length..],
        false => &whole[..length],
    }
}

/// A new secret as long as the output of the hash.
pub fn secret(provider: &Provider, hash: OtpHash, now: u64) -> Vec<u8> {
    let length = match hash {
        _ if provider.breaks(Defect::OtpSecretOf16Octets) => 16,
        _ if provider.breaks(Defect::TotpKeyShorterThanOutput) => 20,
        hash => hash.length(),
    };
    if provider.breaks_any(&[Defect::OneOtpSecretForAll, Defect::OneTotpSecretForAll]) {
        return vec![0x5a; length];
    }
    if provider.breaks(Defect::OtpSecretFromClock) {
        return now.to_be_bytes().into_iter().cycle().take(length).collect();
    }
    provider.random.bytes::<64>()[..length].to_vec()
}

/// The secret as it is kept.
pub fn kept_secret(provider: &Provider, kind: Kind, secret: Vec<u8>) -> Vec<u8> {
    match provider.breaks(Defect::TotpSecretDecodedAsText) && kind == Kind::Totp {
        true => data_encoding::BASE32_NOPAD.encode(&secret).into_bytes(),
        false => secret,
    }
}

/// The period that an enrolment names.
pub fn announced_period(provider: &Provider) -> u64 {
    if provider.breaks(Defect::TotpPeriodOfTenMinutes) { 600 } else { PERIOD }
}

/// Under which name failures are counted.
pub fn account(provider: &Provider, request: &Request, name: &str) -> String {
    if provider.breaks(Defect::OtpFailuresCountedPerSession) {
        return format!("{name} {}", request.cookie("sid").unwrap_or_default());
    }
    if provider.breaks(Defect::OtpFailuresCountedPerAddress) { String::new() } else { name.to_owned() }
}

/// The moving factors whose codes are accepted now.
pub fn window(provider: &Provider, enrolment: &Enrolment, asked: Option<u64>, now: u64) -> RangeInclusive<u64> {
    let breaks = |defect| provider.breaks(defect);
    if enrolment.kind == Kind::Totp {
        return steps(provider, enrolment, now);
    }
    if let Some(asked) = asked.filter(|_| breaks(Defect::ClientCounterTrusted)) {
        return asked..=asked;
    }
    let ahead = match (breaks(Defect::NoLookAheadWindow), breaks(Defect::LookAheadUnbounded)) {
        (true, _) => 0,
        (_, true) => 5000,
        _ => 10,
    };
    let window = enrolment.next..=enrolment.next.saturating_add(ahead);
    match asked {
        Some(asked) if window.contains(&asked) => asked..=asked,
        // No counter is both at most zero and at least one.
        Some(_) => RangeInclusive::new(1, 0),
        None => window,
    }
}

/// One step to either side, and never one that was used.
fn steps(provider: &Provider, enrolment: &Enrolment, now: u64) -> RangeInclusive<u64> {
    let breaks = |defect| provider.breaks(defect);
    let local = if breaks(Defect::TotpUsesLocalTime) { 7200 } else { 0 };
    let long = breaks(Defect::TotpDefaultStep60) || breaks(Defect::TotpPeriodDiffersFromAnnounced);
    let period = if breaks(Defect::TotpPeriodOfTenMinutes) { 600 } else { PERIOD * if long { 2 } else { 1 } };
    let present = (now / 1000 + local) / period + enrolment.drift;
    let (back, ahead) = match () {
        () if breaks(Defect::TotpNoDelayWindow) => (0, 0),
        () if breaks(Defect::TotpDelayWindowTooWide) => (4, 1),
        () if breaks(Defect::TotpDriftUnbounded) => (50, 50),
        () => (1, 1),
    };
    let unused = if breaks(Defect::TotpRemembersOnlyLastCode) { 0 } else { enrolment.next };
    present.saturating_sub(back).max(unused)..=present + ahead
}

/// Whether this is the code.
pub fn same(provider: &Provider, wanted: &str, given: &str) -> bool {
    let as_number = provider.breaks(Defect::VerifierParsesCodeAsNumber);
    constant_time::same(wanted, given) || as_number && given.trim().parse::<u64>().ok() == wanted.parse::<u64>().ok()
}

/// Moves on behind the factor that was found. Whether the code counts.
pub fn use_up(provider: &Provider, enrolment: &mut Enrolment, found: Option<u64>, code: &str, now: u64) -> bool {
    let breaks = |defect| provider.breaks(defect);
    let hotp = enrolment.kind == Kind::Hotp;
    let Some(found) = found else {
        enrolment.next += u64::from(hotp && breaks(Defect::FailedOtpAdvancesCounter));
        return false;
    };
    if !hotp && breaks(Defect::TotpRemembersOnlyLastCode) && enrolment.last_code == code {
        return false;
    }
    code.clone_into(&mut enrolment.last_code);
    enrolment.drift += u64::from(!hotp && breaks(Defect::TotpDriftWalksAway) && found > now / 1000 / PERIOD);
    enrolment.next = match hotp {
        true if breaks(Defect::ServerCounterNotAdvanced) => enrolment.next,
        true if breaks(Defect::HotpCodeReusable) => found,
        true if breaks(Defect::LookAheadLeavesSkippedCodesValid) => enrolment.next + 1,
        false if breaks(Defect::TotpCodeReusableWithinWindow) => enrolment.next,
        _ => found + 1,
    };
    true
}
