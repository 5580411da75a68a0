//! The client configuration endpoint, RFC 7592: a client that registered itself ends its registration, and with it everything
//! that it was given. It is not read and not changed here.

use crate::shelf::key;
use crate::{Defect, Provider, Request, Response, params};

/// Where the client of this identifier is managed.
pub fn address(provider: &Provider, id: &str) -> String {
    format!("{}/register/{}", provider.config.issuer.trim_end_matches('/'), params::encode_all(id))
}

/// Answers a request to delete the client of this identifier, as it stands in the path. Whoever does not hold its token does not
/// learn whether there is such a client.
pub fn handle(provider: &Provider, encoded: &str, request: &Request, now: u64) -> Response {
    let id = params::decode(encoded.as_bytes()).unwrap_or_default();
    match bearer(request) {
        Some(token) if opens(provider, &id, token, now) => end(provider, &id, now),
        _ => Response::empty(401).with("WWW-Authenticate", "Bearer error=\"invalid_token\"").uncached(),
    }
}

fn opens(provider: &Provider, id: &str, token: &str, now: u64) -> bool {
    let manager = key(token);
    provider.registrations.is_managed_by(id, &manager, now)
        || provider.registrations.is_manager(&manager) && provider.breaks(Defect::ClientConfigTokenOpensOtherClient)
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
