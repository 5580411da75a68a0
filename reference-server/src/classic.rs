//! The classic dialect: the wire format that this project began from, as `docs/classic.md` gives it. Clients, users, codes
//! and tokens are those of the other endpoints; only requests and answers look different.

use std::sync::Arc;

use serde_json::json;

use crate::audience::Audience;
use crate::authorize::{Ask, Pending};
use crate::config::{Client, ResponseType, User};
use crate::destination::Destination;
use crate::grants::Grant;
use crate::refusal::Refusal;
use crate::scope::{self, Scope};
use crate::{
    Defect, Params, Provider, Request, Response, flaws, id_token, interaction, pages, params, redirect_uri, token,
};

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
    match bare {
        _ if flaws::strays_from_path(provider, path) => None,
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
            Err(refusal) if flaws::refuses_in_json(provider, wants_json(request)) => refusal.json(),
            Err(refusal) => pages::error(provider, &refusal),
        },
    }
}

/// Client and redirect URI, then what was asked for, then the user. A request for a code that names no user goes to the
/// login page and comes back by the same redirect.
fn authorize(provider: &Provider, request: &Request, now: u64) -> Result<Response, Refusal> {
    let params = request.query_params();
    if params.repeated().is_some() {
        return Err(Refusal::invalid_request("a parameter is there more than once"));
    }
    if !params.malformed().is_empty() {
        return Err(Refusal::invalid_request("a parameter is not percent-encoded UTF-8"));
    }
    let id = params.get("client_id").ok_or_else(|| Refusal::missing("client_id"))?;
    let client = provider.client(id, now).ok_or_else(|| Refusal::new("invalid_client", "the client is not known"))?;
    let unchecked = params.get("redirect_uri").filter(|_| provider.breaks(Defect::ClassicRedirectUriNotChecked));
    let uri = unchecked.map(str::to_owned).or_else(|| redirect_uri::choose(provider, &client, &params));
    let uri = uri.ok_or_else(|| Refusal::invalid_request("redirect_uri is not one that is registered"))?;
    let ask = ask(provider, &client, &params)?;
    let by_page = ask.response_type == ResponseType::Code && params.get("username").is_none();
    if by_page && flaws::nobodys_user(provider, &params).is_none() {
        let destination = Destination { found: true, signed_for: None, ..Destination::of(provider, uri, &params) };
        let pending = Pending { link: None, ..Pending::of(&client, destination, Ok(ask)) };
        return Ok(interaction::begin(provider, request, pending, now));
    }
    let user = user(provider, &params, now)?;
    let grant = Arc::new(Grant::new(client.id.clone(), Some(&user.username), ask.scope.clone(), ask.requested.clone()));
    match ask.response_type {
        ResponseType::Code | ResponseType::CodeIdToken => {
            Ok(found(provider, &uri, &interaction::issue_code(provider, &ask, grant, now)?))
        }
        ResponseType::Token | ResponseType::CodeToken => {
            let json = wants_json(request) && !provider.breaks(Defect::ClassicJsonFormMissing);
            let members = token::implicit(provider, &ask, &grant, now)?;
            Ok(if json { document(&uri, &members) } else { page(provider, &uri, &members) })
        }
    }
}

fn user<'p>(provider: &'p Provider, params: &Params, now: u64) -> Result<&'p User, Refusal> {
    if let Some(user) = flaws::nobodys_user(provider, params) {
        return Ok(user);
    }
    let name = params.get("username").ok_or_else(|| Refusal::missing("username"))?;
    if let Some(user) = provider.config.user(name).filter(|_| provider.breaks(Defect::ClassicPasswordNotChecked)) {
        return Ok(user);
    }
    interaction::check_password(provider, params, now)
}

/// What is asked for: a code unless a token is. The dialect has no PKCE, so it is closed to clients that have to use it.
fn ask(provider: &Provider, client: &Client, params: &Params) -> Result<Ask, Refusal> {
    let response_type = match params.get("response_type") {
        Some("token") if provider.offers_implicit() || provider.breaks(Defect::ClassicImplicitStaysOpen) => {
            ResponseType::Token
        }
        Some("code") | None => ResponseType::Code,
        Some(_) => return Err(Refusal::new("unsupported_response_type", "response_type is code or token")),
    };
    if !client.response_types.contains(&response_type) {
        return Err(Refusal::unauthorized_client("the client may not use this response type"));
    }
    let needs_pkce = response_type == ResponseType::Code && provider.requires_pkce(client);
    if needs_pkce && !provider.breaks(Defect::ClassicBypassesPkce) {
        return Err(Refusal::unauthorized_client(
            "the client has to use PKCE, which the classic dialect does not have",
        ));
    }
    let requested = scope::named(provider, params);
    let scope = scope(provider, client, &requested)?;
    let (challenge, redirect_uri, nonce) = Default::default();
    Ok(Ask { response_type, requested, scope, audience: Audience::EVERYBODY, challenge, redirect_uri, nonce })
}

/// Scope words that the client may not have are left out: the classic answer has no room to say so. `openid` is among them for
/// everybody, for the dialect has no ID tokens.
fn scope(provider: &Provider, client: &Client, requested: &Scope) -> Result<Scope, Refusal> {
    let known = requested.only(|word| word != id_token::SCOPE && client.scopes.iter().any(|scope| scope == word));
    if known != *requested && provider.breaks(Defect::ClassicUnknownScopeRefused) {
        return Err(Refusal::invalid_scope("the scope is unknown"));
    }
    if known.is_empty() { scope::default_scope(provider, client) } else { Ok(known) }
}

/// 302 to the client, behind a query that is there already.
fn found(provider: &Provider, uri: &str, members: &[(&'static str, String)]) -> Response {
    let base = match uri.split_once('?') {
        Some((base, _)) if provider.breaks(Defect::ClassicQueryDropped) => base,
        _ => uri,
    };
    let joint = if base.contains('?') { '&' } else { '?' };
    Response::empty(302).with("Location", format!("{base}{joint}{}", encoded(members))).uncached()
}

/// A page that goes on to the client by itself.
fn page(provider: &Provider, uri: &str, members: &[(&'static str, String)]) -> Response {
    let lasting = find(members, "expires_in").map(|seconds| ("expires_in", seconds.to_owned()));
    let token = find(members, "access_token").unwrap_or_default().to_owned();
    let ordered: Vec<_> =
        lasting.into_iter().chain([("token_type", "bearer".to_owned()), ("access_token", token)]).collect();
    let joint = match (provider.breaks(Defect::ClassicTokenInQuery), uri.contains('?')) {
        (false, _) => '#',
        (true, false) => '?',
        (true, true) => '&',
    };
    let target = pages::escape(&format!("{uri}{joint}{}", encoded(&ordered)));
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Going on</title>\
         <meta http-equiv=\"refresh\" content=\"0; url={target}\"></head>\
         <body><p><a href=\"{target}\">Go on to the application</a></p></body></html>"
    );
    Response::html(200, page).with("Referrer-Policy", "no-referrer").uncached()
}

/// The same for programs.
fn document(uri: &str, members: &[(&'static str, String)]) -> Response {
    let mut body = json!({ "url": uri, "token_type": "bearer", "access_token": find(members, "access_token") });
    if let Some(seconds) = find(members, "expires_in").and_then(|seconds| seconds.parse::<u64>().ok()) {
        body["expires_in"] = json!(seconds);
    }
    Response::json(200, &body).uncached()
}

fn find<'a>(members: &'a [(&'static str, String)], name: &str) -> Option<&'a str> {
    members.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

fn encoded(members: &[(&'static str, String)]) -> String {
    let pairs = members.iter().map(|(name, value)| format!("{name}={}", params::encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn wants_json(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.starts_with(b"application/json"))
}
