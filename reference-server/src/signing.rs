//! Signed requests: a client proves who it is without sending its secret. `docs/signing.md` is the specification.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::config::{AuthMethod, Client};
use crate::constant_time::same;
use crate::otp::{OtpHash, mac, totp};
use crate::refusal::Refusal;
use crate::shelf::{Shelf, key};
use crate::{Defect, Params, Provider, Request, flaws, params};

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

impl Seen {
    fn lock(&self) -> MutexGuard<'_, Shelf<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The client that signed this request.
pub fn verify<'p>(provider: &'p Provider, request: &Request, header: &str, now: u64) -> Result<&'p Client, Refusal> {
    let unsupported = || provider.invalid_client("this authentication scheme is not supported");
    let (id, signature) = credentials(provider, header).ok_or_else(unsupported)?;
    let client = signer(provider, &id)?;
    let secret = client.secret.as_deref().unwrap_or_default().as_bytes();
    let query = request.query_params();
    let (timestamp, token) = parameters(provider, &query)?;
    let early = provider.breaks(Defect::SignedTimestampUsedUpByFailure);
    if early {
        provider.first_use(&client.id, timestamp, now)?;
    }
    check_password(provider, secret, timestamp, token, now)?;
    let text = flaws::string_in_query_order(provider, &query);
    let text = text.unwrap_or_else(|| format!("?timestamp={timestamp}&token={token}"));
    if !signed(provider, &mac(OtpHash::Sha1, secret, text.as_bytes()), &signature) {
        return Err(provider.invalid_client("the signature is wrong"));
    }
    if !early {
        provider.first_use(&client.id, timestamp, now)?;
    }
    Ok(client)
}

/// `HMAC-SHA1 ID:SIGNATURE`, the identifier form-encoded, the signature in base64.
fn credentials(provider: &Provider, header: &str) -> Option<(String, Vec<u8>)> {
    let (scheme, rest) = header.split_once(' ')?;
    let known = match provider.breaks(Defect::SigningSchemeCaseSensitive) {
        true => scheme == "HMAC-SHA1",
        false => scheme.eq_ignore_ascii_case("HMAC-SHA1"),
    };
    let (id, signature) = rest.trim().split_once(':').filter(|_| known)?;
    let raw = provider.breaks(Defect::SignedClientIdNotDecoded);
    let id = if raw { id.to_owned() } else { params::decode(id.as_bytes())?.into_owned() };
    Some((id, STANDARD.decode(signature).ok()?))
}

fn signer<'p>(provider: &'p Provider, id: &str) -> Result<&'p Client, Refusal> {
    let client = provider
        .configured_client(id)
        .filter(|client| client.authenticates_by(AuthMethod::Signed) || flaws::signs_anyway(provider, client));
    let client = client.filter(|_| !provider.breaks(Defect::SigningNotSupported));
    client.ok_or_else(|| provider.invalid_client("the client is not known, or does not sign"))
}

/// One timestamp and one token: what is signed and what is read are the same.
fn parameters<'a>(provider: &Provider, query: &'a Params) -> Result<(&'a str, &'a str), Refusal> {
    let doubled = query.is_unclear("timestamp") || query.is_unclear("token");
    match (query.get("timestamp"), query.get("token")) {
        (Some(timestamp), Some(token)) if !doubled || provider.breaks(Defect::SignedDoubledParameterAccepted) => {
            Ok((timestamp, token))
        }
        _ => Err(provider.invalid_client("a signed request has one timestamp and one token in its query")),
    }
}

/// The timestamp is of now, and the one-time password is of the timestamp.
fn check_password(provider: &Provider, secret: &[u8], timestamp: &str, token: &str, now: u64) -> Result<(), Refusal> {
    let refuse = |what: &str| provider.invalid_client(what);
    let seconds = seconds(flaws::loose_timestamp(provider, timestamp));
    let seconds = seconds.ok_or_else(|| refuse("the timestamp is not a number of seconds"))?;
    let skew = if provider.breaks(Defect::SignedClockSkewRefused) { 10 } else { SKEW };
    if seconds.abs_diff(now / 1000) > skew && !provider.breaks(Defect::SignedTimestampNotChecked) {
        return Err(refuse("the timestamp is too far from the provider's clock"));
    }
    let password = i64::try_from(seconds).ok().and_then(|seconds| totp(secret, seconds, 30, 6, OtpHash::Sha1));
    let known = password.is_some_and(|password| same(password.as_bytes(), token.as_bytes()));
    if known || provider.breaks(Defect::SignedTokenNotChecked) {
        return Ok(());
    }
    Err(refuse("the one-time password is wrong"))
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

impl Provider {
    /// A timestamp of a client counts once.
    fn first_use(&self, client: &str, timestamp: &str, now: u64) -> Result<(), Refusal> {
        let used = key(&format!("{client}\n{timestamp}"));
        flaws::race(self, Defect::SignedRequestRace, || {
            let fresh = self.signed_requests.lock().get(&used, now).is_none();
            move || {
                if fresh {
                    self.signed_requests.lock().take(&used, now);
                }
            }
        });
        let mut seen = self.signed_requests.lock();
        if seen.get(&used, now).is_some() && !self.breaks(Defect::SignedRequestReplayable) {
            return Err(self.invalid_client("this request was sent before"));
        }
        Ok(seen.put(used, (), now.saturating_add(MEMORY), now)?)
    }
}
