//! The authorization endpoint, RFC 6749 sections 4.1.1 and 4.2.1: who asks, where the answer goes, and what is
//! asked for. Only a known client with a registered redirect URI is ever answered by a redirect; everybody
//! else gets a page. The user logs in before any redirect, erroneous requests included (RFC 9700 section 4.11.2).

use std::sync::Arc;

use crate::audience::Audience;
use crate::config::{Client, ResponseType};
use crate::destination::Destination;
use crate::pkce::{self, Challenge};
use crate::refusal::Refusal;
use crate::scope::{self, Scope};
use crate::{Defect, Liberty, Params, Provider, Request, Response, flaws, id_token, interaction, pages, redirect_uri};

/// An authorization request that waits for the user.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The client that asks.
    pub client: Arc<str>,
    /// Its name, as the pages show it.
    pub title: String,
    /// Its page, if it has one.
    pub link: Option<String>,
    /// Where the answer goes.
    pub destination: Destination,
    /// What is asked for, or what is wrong with it.
    pub ask: Result<Ask, Refusal>,
}

impl Pending {
    /// What this client asks.
    pub fn of(client: &Client, destination: Destination, ask: Result<Ask, Refusal>) -> Self {
        let (id, title, link) = (client.id.clone(), client.title().to_owned(), client.link.clone());
        Self { client: id, title, link, destination, ask }
    }
}

/// What a good authorization request asks for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// A code, a token or both, or a code and an ID token.
    pub response_type: ResponseType,
    /// The scope that can be granted.
    pub scope: Scope,
    /// The scope that the request names; empty when it names none.
    pub requested: Scope,
    /// The resource servers that tokens are for.
    pub audience: Audience,
    /// The PKCE challenge, if any.
    pub challenge: Option<Challenge>,
    /// The redirect URI, if the request named it.
    pub redirect_uri: Option<String>,
    /// What an ID token repeats, if the request named it.
    pub nonce: Option<String>,
}

/// Answers a request at the authorization endpoint.
pub fn handle(provider: &Provider, request: &Request, now: u64) -> Response {
    let params = match params(provider, request) {
        Ok(params) => params,
        Err(refusal) => return pages::error(provider, &refusal),
    };
    if provider.takes(Liberty::EmbeddedAgentsBlocked) && is_embedded(request) {
        let refusal =
            Refusal::new("access_denied", "open this page in a browser of your own, not inside an application");
        return pages::error(provider, &refusal.with_status(403));
    }
    if let Some(response) = flaws::embedded_agent_answer(provider, request, &params) {
        return response;
    }
    match read(provider, request, &params, now) {
        Ok(pending) => interaction::begin(provider, request, pending, now),
        Err(refusal) => {
            flaws::bad_client_answer(provider, &params, now).unwrap_or_else(|| pages::error(provider, &refusal))
        }
    }
}

/// A web view of Android says so; others cannot be told from browsers (RFC 8252 section 8.12).
pub fn is_embedded(request: &Request) -> bool {
    request.header("user-agent").is_some_and(|agent| agent.windows(4).any(|word| word == b"; wv"))
}

fn params<'a>(provider: &Provider, request: &'a Request) -> Result<Params<'a>, Refusal> {
    let not_a_form = || Refusal::invalid_request("the body has to be of type application/x-www-form-urlencoded");
    let params = match request.method.as_str() {
        "POST" => request.form().ok_or_else(not_a_form)?,
        _ if provider.breaks(Defect::AuthorizeQueryPlusKeptLiteral) => {
            Params::parse(&flaws::plus_escaped(request.query().as_bytes())).into_owned()
        }
        _ => request.query_params(),
    };
    if !params.malformed().is_empty() && provider.breaks(Defect::BrokenPercent500) {
        return Err(Refusal::invalid_request("broken").with_status(500));
    }
    Ok(params)
}

/// Client and redirect URI first: without them there is nowhere to send an error.
fn read(provider: &Provider, request: &Request, params: &Params, now: u64) -> Result<Pending, Refusal> {
    if params.is_unclear("client_id") {
        return Err(Refusal::invalid_request("client_id is there more than once or cannot be read"));
    }
    let id = params.get("client_id").ok_or_else(|| Refusal::missing("client_id"))?;
    let client = provider.client(id, now).ok_or_else(|| Refusal::new("invalid_client", "the client is not known"))?;
    let redirect_uri = match redirect_uri::choose(provider, &client, params) {
        None if provider.breaks(Defect::AuthorizePostSkipsValidation) && request.method == "POST" => {
            params.get("redirect_uri").map(Into::into)
        }
        chosen => chosen,
    };
    let redirect_uri = redirect_uri
        .ok_or_else(|| Refusal::invalid_request("redirect_uri is not one that is registered for this client"))?;
    let destination = Destination::of(provider, redirect_uri, params);
    let ask = ask(provider, &client, params, &destination);
    Ok(Pending::of(&client, destination, ask))
}

fn ask(provider: &Provider, client: &Client, params: &Params, destination: &Destination) -> Result<Ask, Refusal> {
    clear(provider, params)?;
    let response_type = response_type(provider, client, params)?;
    if !destination.heeds(provider, params) {
        return Err(Refusal::invalid_request("response_mode is not supported for this response type"));
    }
    let unknown_granted = Defect::UnknownScopeGranted;
    let named = scope::named(provider, params);
    let scope = scope::requested(provider, client, params, &named, unknown_granted)?;
    let challenge = challenge(provider, client, params, response_type)?;
    let [redirect_uri, nonce] = ["redirect_uri", "nonce"].map(|name| params.get(name).map(Into::into));
    if response_type == ResponseType::CodeIdToken && (nonce.is_none() || !scope.has(id_token::SCOPE)) {
        return Err(Refusal::invalid_request("an ID token here takes the scope openid and a nonce"));
    }
    let audience = Audience::named(provider, params)?;
    Ok(Ask { response_type, scope, requested: named, audience, challenge, redirect_uri, nonce })
}

/// No parameter twice, none that cannot be decoded.
fn clear(provider: &Provider, params: &Params) -> Result<(), Refusal> {
    let tolerated = flaws::tolerates_repeated(provider, params);
    if params.repeated().is_some() && !tolerated {
        return Err(Refusal::invalid_request("a parameter is there more than once"));
    }
    if !params.malformed().is_empty() {
        return Err(Refusal::invalid_request("a parameter is not percent-encoded UTF-8"));
    }
    flaws::fussy_about(provider, params)
}

fn response_type(provider: &Provider, client: &Client, params: &Params) -> Result<ResponseType, Refusal> {
    let ordered = provider.breaks(Defect::CompositeResponseTypeOrderMatters);
    let wanted = match params.get("response_type") {
        Some("code") => ResponseType::Code,
        Some("token") if provider.offers_implicit() => ResponseType::Token,
        Some("code token") if provider.offers_implicit() => ResponseType::CodeToken,
        Some("token code") if provider.offers_implicit() && !ordered => ResponseType::CodeToken,
        Some("code id_token" | "id_token code") if provider.offers_hybrid() => ResponseType::CodeIdToken,
        Some(other) => flaws::odd_response_type(provider, other)?,
        None => flaws::no_response_type(provider, params)?,
    };
    let open = match wanted {
        ResponseType::Code | ResponseType::CodeIdToken => provider.breaks(Defect::ClientWithoutCodeGrantGetsCode),
        ResponseType::Token | ResponseType::CodeToken => provider.breaks(Defect::ImplicitOpenToEveryClient),
    };
    if open || client.response_types.contains(&wanted) {
        return Ok(wanted);
    }
    Err(Refusal::unauthorized_client("the client may not use this response type"))
}

/// Public clients always use PKCE with a code, others when they are registered so.
fn challenge(
    provider: &Provider,
    client: &Client,
    params: &Params,
    response_type: ResponseType,
) -> Result<Option<Challenge>, Refusal> {
    let challenge = pkce::read(provider, params)?;
    let required = response_type != ResponseType::Token && provider.requires_pkce(client);
    if challenge.is_none() && required && !flaws::requirement_is_waived(provider, params) {
        return Err(pkce::missing_challenge(provider));
    }
    Ok(challenge)
}
