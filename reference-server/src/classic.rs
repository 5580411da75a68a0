//! The classic dialect: the wire format that this project began from, as `docs/classic.md` gives it. Clients, users, codes
//! and tokens are those of the other endpoints; only requests and answers look different.

use std::sync::Arc;

use serde_json::json;

use crate::authorize::Ask;
use crate::config::{Client, ResponseType, User};
use crate::grants::Grant;
use crate::refusal::Refusal;
use crate::{Defect, Params, Provider, Request, Response, interaction, pages, params, redirect_uri, scope, token};

/// What stands behind a path: with or without `/v1`, with or without a slash at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `/oauth/authorize`.
    Authorize,
    /// `/oauth/token`.
    Token,
}

/// The classic endpoint of a path.
pub fn endpoint(provider: &Provider, path: &str) -> Option<Endpoint> {
    let bare = path.strip_suffix('/').unwrap_or(path);
    let bare = bare.strip_suffix("/v1").unwrap_or(bare);
    if provider.breaks(Defect::ClassicPathNeedsVersion) && !path.contains("/v1") {
        return None;
    }
    match bare {
        "/oauth/authorize" => Some(Endpoint::Authorize),
        "/oauth/token" => Some(Endpoint::Token),
        _ => None,
    }
}

/// Answers a request at a classic endpoint.
pub fn handle(provider: &Provider, endpoint: Endpoint, request: &Request, now: u64) -> Response {
    match endpoint {
        Endpoint::Token => token::classic(provider, request, now),
        Endpoint::Authorize => match authorize(provider, request, now) {
            Ok(response) => response,
            Err(refusal) if wants_json(request) => refusal.json(),
            Err(refusal) => pages::error(provider, &refusal),
        },
    }
}

/// Client and redirect URI, then the user, then what was asked for.
fn authorize(provider: &Provider, request: &Request, now: u64) -> Result<Response, Refusal> {
    let params = request.query_params();
    if params.repeated().is_some() {
        return Err(Refusal::invalid_request("a parameter is there more than once"));
    }
    let id = params.get("client_id").ok_or_else(|| Refusal::missing("client_id"))?;
    let client = provider.client(id).ok_or_else(|| Refusal::new("invalid_client", "the client is not known"))?;
    let unchecked = params.get("redirect_uri").filter(|_| provider.breaks(Defect::ClassicRedirectUriNotChecked));
    let uri = unchecked.map(str::to_owned).or_else(|| redirect_uri::choose(provider, client, &params));
    let uri = uri.ok_or_else(|| Refusal::invalid_request("redirect_uri is not one that is registered"))?;
    let user = user(provider, &params, now)?;
    let response_type = match params.get("response_type") {
        Some("token") => ResponseType::Token,
        Some("code") | None => ResponseType::Code,
        Some(_) => return Err(Refusal::new("unsupported_response_type", "response_type is code or token")),
    };
    if !client.response_types.contains(&response_type) {
        return Err(Refusal::unauthorized_client("the client may not use this response type"));
    }
    let ask = ask(provider, client, &params, response_type)?;
    let grant = Arc::new(Grant::new(&client.id, Some(&user.username), ask.scope.clone(), ask.requested.clone()));
    match response_type {
        ResponseType::Code => Ok(found(provider, &uri, &interaction::issue_code(provider, &ask, grant, now)?)),
        ResponseType::Token => Ok(delivered(request, &uri, token::implicit(provider, &ask, &grant, now)?)),
    }
}

fn user<'p>(provider: &'p Provider, params: &Params, now: u64) -> Result<&'p User, Refusal> {
    let name = params.get("username").ok_or_else(|| Refusal::missing("username"))?;
    if let Some(user) = provider.config.user(name).filter(|_| provider.breaks(Defect::ClassicPasswordNotChecked)) {
        return Ok(user);
    }
    interaction::check_password(provider, params, now)
}

/// Scope words that this provider does not know, such as `openid`, are left out: the classic answer has no room to say so.
fn ask(provider: &Provider, client: &Client, params: &Params, response_type: ResponseType) -> Result<Ask, Refusal> {
    let named = scope::named(params);
    let known = named.only(|word| client.scopes.iter().any(|scope| scope == word));
    let default = provider.config.default_scope.iter().map(String::as_str).collect();
    let scope = if known.is_empty() { default } else { known };
    Ok(Ask { response_type, requested: named, scope, challenge: None, redirect_uri: None })
}

/// 302 to the client, behind a query that is there already.
fn found(provider: &Provider, uri: &str, members: &[(&'static str, String)]) -> Response {
    let base = match uri.split_once('?') {
        Some((base, _)) if provider.breaks(Defect::ClassicQueryDropped) => base,
        _ => uri,
    };
    let joint = if base.contains('?') { '&' } else { '?' };
    Response::empty(302).with("Location", &format!("{base}{joint}{}", encoded(members))).uncached()
}

/// A page that goes on to the client by itself, or the same as JSON.
fn delivered(request: &Request, uri: &str, members: Vec<(&'static str, String)>) -> Response {
    let find = |name: &str| members.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let lasting = find("expires_in").map(|seconds| ("expires_in", seconds));
    let token = find("access_token").unwrap_or_default();
    let ordered: Vec<(&'static str, String)> =
        lasting.into_iter().chain([("token_type", "bearer".to_owned()), ("access_token", token.clone())]).collect();
    if wants_json(request) {
        let expires_in = find("expires_in").and_then(|seconds| seconds.parse::<u64>().ok());
        let body = json!({ "url": uri, "token_type": "bearer", "access_token": token, "expires_in": expires_in });
        return Response::json(200, &body).uncached();
    }
    let target = pages::escape(&format!("{uri}#{}", encoded(&ordered)));
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Going on</title>\
         <meta http-equiv=\"refresh\" content=\"0; url={target}\"></head>\
         <body><p><a href=\"{target}\">Go on to the application</a></p></body></html>"
    );
    Response::html(200, page).with("Referrer-Policy", "no-referrer").uncached()
}

fn encoded(members: &[(&'static str, String)]) -> String {
    let pairs = members.iter().map(|(name, value)| format!("{name}={}", params::encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn wants_json(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.starts_with(b"application/json"))
}
