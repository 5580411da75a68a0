//! One-time passwords: HOTP (RFC 4226) and TOTP (RFC 6238), as the provider computes and compares them. Pure.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The hash inside the HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtpHash {
    /// The one of RFC 4226.
    Sha1,
    /// RFC 6238 allows it.
    Sha256,
    /// RFC 6238 allows it.
    Sha512,
}

impl OtpHash {
    /// By its name, `sha1`, `SHA-1` or `SHA1`.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().replace('-', "").as_str() {
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The name in an enrolment.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// Octets that the hash gives.
    pub fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// HMAC (RFC 2104) under a key of any length.
pub fn mac(hash: OtpHash, key: &[u8], message: &[u8]) -> Vec<u8> {
    fn of<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mac = <M as KeyInit>::new_from_slice(key).map(|mac| mac.chain_update(message).finalize().into_bytes());
        mac.map(|bytes| bytes.to_vec()).unwrap_or_default()
    }
    match hash {
        OtpHash::Sha1 => of::<Hmac<Sha1>>(key, message),
        OtpHash::Sha256 => of::<Hmac<Sha256>>(key, message),
        OtpHash::Sha512 => of::<Hmac<Sha512>>(key, message),
    }
}

/// The number inside a digest: four octets at the offset that its last one names, without the sign bit (RFC 4226, 5.3).
pub fn truncate(digest: &[u8]) -> u32 {
    let offset = usize::from(digest.last().copied().unwrap_or(0) & 0x0f);
    digest.iter().skip(offset).take(4).fold(0, |number, octet| number << 8 | u32::from(*octet)) & 0x7fff_ffff
}

/// The last digits of a number, with leading zeros.
pub fn written(number: u32, digits: u32) -> String {
    format!("{:0width$}", u64::from(number) % 10_u64.pow(digits), width = digits as usize)
}

/// The code for a counter; none for other than 6 to 8 digits.
pub fn hotp(key: &[u8], counter: u64, digits: u32, hash: OtpHash) -> Option<String> {
    (6..=8).contains(&digits).then(|| written(truncate(&mac(hash, key, &counter.to_be_bytes())), digits))
}

/// The code for Unix seconds; none before 1970, for a period of zero, or for other than 6 to 8 digits.
pub fn totp(key: &[u8], seconds: i64, period: u64, digits: u32, hash: OtpHash) -> Option<String> {
    hotp(key, u64::try_from(seconds).ok()?.checked_div(period)?, digits, hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"12345678901234567890";

    #[test]
    fn a_hash_is_found_by_the_name_that_it_gives() {
        for hash in [OtpHash::Sha1, OtpHash::Sha256, OtpHash::Sha512] {
            assert_eq!(OtpHash::named(hash.name()), Some(hash));
        }
    }

    #[test]
    fn the_codes_of_rfc_4226_appendix_d_are_right() {
        let codes =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (counter, code) in codes.into_iter().enumerate() {
            assert_eq!(hotp(KEY, counter as u64, 6, OtpHash::Sha1).as_deref(), Some(code), "counter {counter}");
        }
    }

    #[test]
    fn the_codes_of_rfc_6238_appendix_b_are_right() {
        let long = |length: usize| KEY.iter().copied().cycle().take(length).collect::<Vec<_>>();
        let table = [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ];
        for (time, sha1, sha256, sha512) in table {
            for (hash, code) in [(OtpHash::Sha1, sha1), (OtpHash::Sha256, sha256), (OtpHash::Sha512, sha512)] {
                assert_eq!(totp(&long(hash.length()), time, 30, 8, hash).as_deref(), Some(code), "{time} {hash:?}");
            }
        }
    }

    #[test]
    fn what_has_no_code_is_refused() {
        assert_eq!(totp(KEY, -1, 30, 6, OtpHash::Sha1), None);
        assert_eq!(totp(KEY, 1, 0, 6, OtpHash::Sha1), None);
        assert!([0, 5, 9].into_iter().all(|digits| hotp(KEY, 0, digits, OtpHash::Sha1).is_none()));
    }

    #[test]
    fn the_number_is_taken_from_the_octets_and_not_from_their_hexadecimal_text() {
        let key = [0x90, 0xab, 0x89, 0x1c];
        assert_eq!(hotp(&key, 0x0001_2346_5539, 6, OtpHash::Sha256).as_deref(), Some("425185"));
    }
}
