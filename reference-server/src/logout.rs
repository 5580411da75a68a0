//! Logout at the wish of a client, as OpenID Connect RP-Initiated Logout 1.0 has it without its ID tokens: the session
//! ends, and the browser goes on only to an address that is registered for the client that is named.

use crate::{Defect, Params, Provider, Request, Response, pages};

/// Answers a request at the end-session endpoint.
pub fn handle(provider: &Provider, request: &Request, now: u64) -> Response {
    let params = if request.method == "POST" { request.form().unwrap_or_default() } else { request.query_params() };
    if let Some((id, _)) = provider.sessions.find(request, now) {
        provider.sessions.end(&id, now);
    }
    match target(provider, &params, now) {
        Some(uri) => Response::empty(303).with("Location", with_state(uri, &params)).uncached(),
        None => pages::done(provider),
    }
}

fn target<'a>(provider: &Provider, params: &'a Params, now: u64) -> Option<&'a str> {
    if params.repeated().is_some() || !params.malformed().is_empty() {
        return None;
    }
    let uri = params.get("post_logout_redirect_uri")?;
    let client = params.get("client_id").and_then(|id| provider.client(id, now));
    let registered = client.is_some_and(|client| client.post_logout_redirect_uris.iter().any(|known| known == uri));
    (registered || provider.breaks(Defect::LogoutOpenRedirect)).then_some(uri)
}

fn with_state(uri: &str, params: &Params) -> String {
    let joint = if uri.contains('?') { '&' } else { '?' };
    params
        .get("state")
        .map_or_else(|| uri.to_owned(), |state| format!("{uri}{joint}state={}", crate::params::encode(state)))
}
