//! The client configuration endpoint, RFC 7592: a client that registered itself reads its registration, or ends it and with it
//! everything that it was given. It is not changed here.

use serde_json::Value;

use super::with_manager;
use crate::shelf::key;
use crate::{Defect, Provider, Request, Response, params};

/// Where the client of this identifier is managed.
pub fn address(provider: &Provider, id: &str) -> String {
    format!("{}/register/{}", provider.config.issuer.trim_end_matches('/'), params::encode_all(id))
}

/// Answers a request about the client of this identifier, as it stands in the path. Whoever does not hold its token does not
/// learn whether there is such a client.
pub fn handle(provider: &Provider, encoded: &str, request: &Request, now: u64) -> Response {
    let id = params::decode(encoded.as_bytes()).unwrap_or_default();
    let Some(token) = bearer(request).filter(|token| opens(provider, &id, token, now)) else { return refused() };
    match request.method.as_str() {
        "GET" => provider.registrations.information(&id, now).map_or_else(refused, |known| read(known, token)),
        _ => end(provider, &id, now),
    }
}

fn refused() -> Response {
    Response::empty(401).with("WWW-Authenticate", "Bearer error=\"invalid_token\"").uncached()
}

fn read(known: Value, token: &str) -> Response {
    Response::json(200, &with_manager(known, token)).uncached()
}

fn opens(provider: &Provider, id: &str, token: &str, now: u64) -> bool {
    let manager = key(token);
    provider.registrations.is_managed_by(id, &manager, now)
        // Every registration is looked at, which only the defect is worth.
        || provider.breaks(Defect::ClientConfigTokenOpensOtherClient) && provider.registrations.is_manager(&manager)
}

fn end(provider: &Provider, id: &str, now: u64) -> Response {
    if !provider.breaks(Defect::RotatedSecretStillWorks) {
        provider.registrations.end(id, now);
        provider.grants.revoke_client(id);
    }
    Response::empty(204).uncached()
}

fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = std::str::from_utf8(request.header("authorization")?).ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start())
}
