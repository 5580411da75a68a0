//! Requests that came without TLS to a provider whose issuer has it: they are turned away. Revocation is served all the same, so
//! that a token that was sent in the clear by mistake is withdrawn (RFC 7009 2).

use serde_json::json;

use crate::{Liberty, Provider, Request, Response, flaws};

/// The answer that such a request gets; `None` when the provider serves it.
pub fn turned_away(provider: &Provider, request: &Request) -> Option<Response> {
    if !request.cleartext {
        return None;
    }
    let path = request.path().strip_prefix(provider.base_path()).unwrap_or(request.path());
    let revokes = path == "/revoke" && !flaws::leaves_cleartext_revocations(provider);
    if revokes || flaws::serves_cleartext(provider, request, path) {
        return None;
    }
    // What was posted would be posted again behind a 308, and read again on the way (RFC 9700 4.12).
    if request.method == "GET" && provider.takes(Liberty::CleartextRedirectsToTls) {
        let origin = provider.config.issuer.strip_suffix(provider.base_path()).unwrap_or(&provider.config.issuer);
        return Some(Response::empty(301).with("Location", format!("{origin}{}", request.target)));
    }
    let error = json!({ "error": "invalid_request", "error_description": "this endpoint is reached over TLS only" });
    Some(Response::json(403, &error).uncached())
}
