//! Signed requests: a client proves who it is without sending its secret. `docs/signing.md` is the specification.

use std::sync::{Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::STANDARD};
use subtle::ConstantTimeEq;

use crate::config::{AuthMethod, Client};
use crate::otp::{OtpHash, mac, totp};
use crate::refusal::Refusal;
use crate::shelf::{Shelf, key};
use crate::{Defect, Provider, Request, params};

/// How far a timestamp may be from the provider's clock, in seconds.
const SKEW: u64 = 60;

/// How long a timestamp is remembered, in milliseconds. One that is sixty seconds ahead is good for two minutes and the rest of
/// the second, since whole seconds are compared.
const MEMORY: u64 = (2 * SKEW + 1) * 1000;

/// Signed requests that were accepted, until their timestamps are too old anyway. Bounded; when it is full, a client is
/// told to come back later.
#[derive(Debug)]
pub struct Seen(Mutex<Shelf<()>>);

impl Default for Seen {
    fn default() -> Self {
        Self(Mutex::new(Shelf::new(100_000)))
    }
}

/// The client that signed this request.
pub fn verify<'p>(provider: &'p Provider, request: &Request, header: &str, now: u64) -> Result<&'p Client, Refusal> {
    let refuse = |what: &str| provider.invalid_client(what);
    let (id, signature) = credentials(header).ok_or_else(|| refuse("this authentication scheme is not supported"))?;
    let unsupported = provider.breaks(Defect::SigningNotSupported);
    let client = provider.client(&id).filter(|client| client.authenticates_by(AuthMethod::Signed) && !unsupported);
    let client = client.ok_or_else(|| refuse("the client is not known, or does not sign"))?;
    let secret = client.secret.as_deref().unwrap_or_default().as_bytes();
    let query = request.query_params();
    let doubled = query.is_unclear("timestamp") || query.is_unclear("token");
    let (Some(timestamp), Some(token), false) = (query.get("timestamp"), query.get("token"), doubled) else {
        return Err(refuse("a signed request has one timestamp and one token in its query"));
    };
    let seconds = seconds(timestamp).ok_or_else(|| refuse("the timestamp is not a number of seconds"))?;
    if seconds.abs_diff(now / 1000) > SKEW && !provider.breaks(Defect::SignedTimestampNotChecked) {
        return Err(refuse("the timestamp is too far from the provider's clock"));
    }
    let password = i64::try_from(seconds).ok().and_then(|seconds| totp(secret, seconds, 30, 6, OtpHash::Sha1));
    let known = password.is_some_and(|password| same(password.as_bytes(), token.as_bytes()));
    if !known && !provider.breaks(Defect::SignedTokenNotChecked) {
        return Err(refuse("the one-time password is wrong"));
    }
    let wanted = mac(OtpHash::Sha1, secret, format!("?timestamp={timestamp}&token={token}").as_bytes());
    if !signed(provider, &wanted, &signature) {
        return Err(refuse("the signature is wrong"));
    }
    provider.first_use(&client.id, timestamp, now)?;
    Ok(client)
}

/// `HMAC-SHA1 ID:SIGNATURE`, the identifier form-encoded, the signature in base64.
fn credentials(header: &str) -> Option<(String, Vec<u8>)> {
    let (scheme, rest) = header.split_once(' ')?;
    let (id, signature) = rest.trim().split_once(':').filter(|_| scheme.eq_ignore_ascii_case("hmac-sha1"))?;
    Some((params::decode(id.as_bytes())?, STANDARD.decode(signature).ok()?))
}

/// Whole seconds of a decimal number; a fraction only tells two requests of one second apart.
fn seconds(timestamp: &str) -> Option<u64> {
    let (whole, fraction) = timestamp.split_once('.').unwrap_or((timestamp, "0"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(fraction)).then(|| whole.parse().ok())?
}

fn signed(provider: &Provider, wanted: &[u8], given: &[u8]) -> bool {
    let beginning = provider.breaks(Defect::TruncatedSignatureAccepted) && wanted.starts_with(given);
    same(wanted, given) || beginning || provider.breaks(Defect::SignatureNotChecked)
}

fn same(wanted: &[u8], given: &[u8]) -> bool {
    wanted.ct_eq(given).into()
}

impl Provider {
    /// A timestamp of a client counts once.
    fn first_use(&self, client: &str, timestamp: &str, now: u64) -> Result<(), Refusal> {
        let mut seen = self.signed_requests.0.lock().unwrap_or_else(PoisonError::into_inner);
        let used = key(&format!("{client}\n{timestamp}"));
        if seen.get(&used, now).is_some() && !self.breaks(Defect::SignedRequestReplayable) {
            return Err(self.invalid_client("this request was sent before"));
        }
        Ok(seen.put(used, (), now.saturating_add(MEMORY), now)?)
    }
}
