//! The device authorization grant, RFC 8628: a device without a keyboard gets two codes, shows one of them to its user
//! and polls with the other, while the user approves in a browser. Here are the codes; the page of the user is in
//! `verification`, polling is a grant of the token endpoint.

mod store;
mod verification;

pub use store::{Decision, Device, Devices};
pub use verification::{handle as verify, proceed};

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::audience::Audience;
use crate::config::GrantType;
use crate::grants::Grant;
use crate::refusal::Refusal;
use crate::{Defect, Provider, Request, Response, clients, flaws, form, pages, scope};

/// How long both codes are good, in seconds.
const LIFETIME: u64 = 600;
/// Seconds between two polls, at first.
pub const INTERVAL: u64 = 5;
/// No vowels, so no words; nothing that looks like something else (RFC 8628 section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Answers a request at the device authorization endpoint.
pub fn authorize(provider: &Provider, request: &Request, now: u64) -> Response {
    respond(provider, request, now).unwrap_or_else(|refusal| refusal.json())
}

fn respond(provider: &Provider, request: &Request, now: u64) -> Result<Response, Refusal> {
    let form = form::read(provider, request)?;
    let client = match flaws::named_device_client(provider, &form, now) {
        Some(client) => client,
        None => clients::authenticate(provider, request, &form, now)?,
    };
    if !client.grants.contains(&GrantType::DeviceCode)
        && !provider.breaks(Defect::DeviceAuthorizationIgnoresClientGrants)
    {
        return Err(Refusal::unauthorized_client("the client may not use the device grant"));
    }
    let named = scope::named(provider, &form);
    let scope = scope::requested(provider, &client, &form, &named, Defect::UnknownScopeIssued)?;
    let audience = Audience::named(provider, &form)?;
    let device_code = flaws::odd_device_code(provider).unwrap_or_else(|| provider.random.value());
    let user_code = flaws::odd_user_code(provider).unwrap_or_else(|| user_code(provider));
    let ends = now + LIFETIME * 1000;
    let device = Device::new(client.id.clone(), &user_code, scope, named, audience, ends);
    provider.devices.keep(&device_code, user_code_key(provider, &user_code), device, now)?;
    Ok(answer(provider, &device_code, &user_code))
}

fn answer(provider: &Provider, device_code: &str, user_code: &str) -> Response {
    let uri = format!("{}/device", provider.config.issuer.trim_end_matches('/'));
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.into(), value);
    put("device_code", json!(device_code));
    put("user_code", json!(user_code));
    put("verification_uri", json!(uri));
    put("verification_uri_complete", json!(format!("{uri}?user_code={user_code}")));
    put("expires_in", json!(LIFETIME));
    put("interval", json!(INTERVAL));
    flaws::device_answer(provider, members)
}

/// Eight letters and a dash: 34 bits, which are typed once and guessed at slowly.
fn user_code(provider: &Provider) -> String {
    let mut letters = String::new();
    while letters.len() < 8 {
        let even = provider.random.bytes::<16>().into_iter().filter(|byte| *byte < 240);
        letters.extend(even.map(|byte| char::from(LETTERS[usize::from(byte % 20)])));
    }
    format!("{}-{}", &letters[..4], &letters[4..8])
}

/// The key of a user code as people type it: with or without the dash, in any case of letters.
fn user_code_key(provider: &Provider, typed: &str) -> crate::shelf::Key {
    if provider.breaks(Defect::UserCodeCaseSensitive) {
        return crate::shelf::key(typed);
    }
    let letters = typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase());
    crate::shelf::key(&letters.collect::<String>())
}

/// The user said yes to the device of this code.
pub fn approve(provider: &Provider, user_code: &str, grant: Arc<Grant>, now: u64) -> Response {
    decide(provider, user_code, Decision::Approved(grant), now)
}

/// The user said no to the device of this code.
pub fn deny(provider: &Provider, user_code: &str, now: u64) -> Response {
    if provider.breaks(Defect::DeviceDenialStaysPending) {
        return pages::device_done(provider);
    }
    decide(provider, user_code, Decision::Denied, now)
}

fn decide(provider: &Provider, user_code: &str, decision: Decision, now: u64) -> Response {
    let key = user_code_key(provider, user_code);
    match provider.devices.decide(&key, decision, now) {
        Some(()) => pages::device_done(provider),
        None => pages::error(provider, &Refusal::invalid_request("the code has expired or was used before")),
    }
}
