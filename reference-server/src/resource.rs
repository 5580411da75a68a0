//! The protected resource, RFC 6750: `/resource` needs `read` for GET and `write` for POST, `/resource/write`
//! needs `write`; `/archive` is another resource server, with an audience of its own, and needs `read`; `/userinfo` is the user's own. The token comes in the Authorization header, or in a form body, or (off by default) in the
//! query; by exactly one of them.

use serde_json::json;

use crate::grants::AccessToken;
use crate::refusal::{Refusal, quotable};
use crate::{Defect, Provider, Request, Response, dpop, flaws};

/// A protected resource.
#[derive(Clone, Copy)]
pub struct Place {
    /// The path of the resource server that it belongs to.
    pub server: &'static str,
    /// The scope that it needs.
    pub needs: &'static str,
    /// Whether it is the user's own, so that a token without a user does not open it.
    pub personal: bool,
}

/// Answers a request for a resource.
pub fn handle(provider: &Provider, request: &Request, place: Place, now: u64) -> Response {
    let needs = place.needs;
    if flaws::remembers(provider, request) {
        return Response::json(200, &json!({"operation": needs}));
    }
    let token = match presented(provider, request) {
        Ok(Some(token)) => token,
        Ok(None) => return flaws::resource_response(provider, challenge(provider, None, needs)),
        Err(refusal) => {
            return flaws::resource_response(provider, challenge(provider, Some(refusal), needs));
        }
    };
    match check(provider, request, &token, place, now) {
        Ok(token) => content(provider, &token, needs),
        Err(refusal) => {
            flaws::resource_response(provider, flaws::echo(provider, challenge(provider, Some(refusal), needs), &token))
        }
    }
}

/// The token that the request presents, if any.
fn presented(provider: &Provider, request: &Request) -> Result<Option<String>, Refusal> {
    let in_cookie = flaws::cookie_token(provider, request);
    let found = [in_header(provider, request)?, in_body(provider, request)?, in_query(provider, request)?, in_cookie];
    let mut found = found.into_iter().flatten();
    let token = found.next();
    if found.next().is_some() && !provider.breaks(Defect::TwoTokenMethodsAccepted) {
        return Err(Refusal::invalid_request("the token comes by two methods"));
    }
    Ok(token)
}

/// The access token behind this text: known, alive, for this server and wide enough.
fn check(provider: &Provider, request: &Request, token: &str, place: Place, now: u64) -> Result<AccessToken, Refusal> {
    let found = live(provider, token, now).or_else(|| flaws::any_token(provider, request, token, now));
    let found = found.or_else(|| flaws::code_as_token(provider, token, now));
    let found = found.ok_or_else(|| invalid_token(provider))?;
    dpop::allows(provider, request, token, now)?;
    if !found.reach.audience.has(place.server) && !provider.breaks(Defect::ResourceIgnoresAudience) {
        return Err(invalid_token(provider));
    }
    if place.personal && found.grant.user.is_none() && !provider.breaks(Defect::ClientTokenOpensUserResource) {
        return Err(Refusal::new("insufficient_scope", "the token is not a user's").with_status(403));
    }
    if !found.reach.scope.has(place.needs) && !provider.breaks(Defect::ResourceIgnoresScope) {
        let refusal = Refusal::new("insufficient_scope", "the token does not cover this operation");
        return Err(flaws::insufficient_scope(provider, refusal.with_status(403)));
    }
    Ok(found)
}

/// The access token behind this text, if it is good now.
pub fn live(provider: &Provider, token: &str, now: u64) -> Option<AccessToken> {
    let lenient = provider.breaks_any(&[
        Defect::ResourceIgnoresExpiry,
        Defect::ExpiredTokenAcceptedByResource,
        Defect::ResourceCachesIntrospectionPastExp,
    ]);
    let found = provider.grants.access(&provider.access_key(token), if lenient { 0 } else { now })?;
    let off = provider.is_off(found.grant.user.as_deref(), Defect::DisabledUserTokenLives);
    (!found.is_revoked() && !off).then_some(found)
}

fn in_header(provider: &Provider, request: &Request) -> Result<Option<String>, Refusal> {
    let mut headers = request.headers_named("authorization");
    let Some(header) = headers.next() else {
        return Ok(None);
    };
    if headers.next().is_some() && !provider.breaks(Defect::ResourceTakesFirstOfTwoAuthorizationHeaders) {
        return Err(Refusal::invalid_request("there are two Authorization headers"));
    }
    if provider.breaks(Defect::ResourceLacksAuthorizationHeader) {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(header);
    let (scheme, rest) = text.split_once([' ', '\t', '=']).map_or((&*text, ""), |(scheme, rest)| (scheme, rest));
    let is_bearer = if provider.breaks(Defect::BearerSchemeCaseSensitive) {
        scheme == "Bearer"
    } else {
        scheme.eq_ignore_ascii_case("Bearer")
    };
    if !is_bearer && !scheme.eq_ignore_ascii_case("DPoP") {
        return flaws::unknown_scheme(provider);
    }
    let spaces =
        text.as_bytes().get(scheme.len()..).unwrap_or_default().iter().take_while(|byte| **byte == b' ').count();
    let token = if provider.breaks(Defect::BearerHeaderLooselyParsed) {
        flaws::loosely(rest)
    } else {
        rest.trim_start_matches(' ')
    };
    if provider.breaks(Defect::BearerHeaderFormDecoded) {
        return Ok(flaws::form_decoded(token));
    }
    let single = provider.breaks(Defect::BearerSingleSpaceOnly) && spaces != 1;
    if (spaces == 0 || single || !is_token68(token)) && !provider.breaks(Defect::BearerHeaderLooselyParsed) {
        return Err(Refusal::invalid_request("the Bearer credentials are malformed"));
    }
    Ok(Some(token.to_owned()))
}

/// A form body may carry the token, but not with GET.
fn in_body(provider: &Provider, request: &Request) -> Result<Option<String>, Refusal> {
    let readable = matches!(request.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE")
        || provider.breaks(Defect::GetBodyTokenAccepted);
    if !readable || !provider.config.resource.form_token {
        return Ok(None);
    }
    if let Some(token) = flaws::multipart_token(provider, request) {
        return Ok(Some(token));
    }
    let form = match request.form() {
        None if provider.breaks(Defect::BodyTokenAnyMediaType) => crate::Params::parse(&request.body),
        form => match form {
            Some(form) => form,
            None => return Ok(None),
        },
    };
    if form.literal("access_token").is_some() && !request.body.is_ascii() {
        let refusal = Refusal::invalid_request("a form that carries a token is ASCII");
        return Err(if provider.breaks(Defect::NonAsciiFormBody500) { refusal.with_status(500) } else { refusal });
    }
    parameter(provider, &form, Defect::FormTokenOnlyAsFirstParameter)
}

fn in_query(provider: &Provider, request: &Request) -> Result<Option<String>, Refusal> {
    let offered = provider.breaks_any(&[Defect::ResourceOffersQueryToken, Defect::QueryTokenAccepted]);
    if !provider.config.resource.query_token && !offered {
        return Ok(None);
    }
    parameter(provider, &request.query_params(), Defect::QueryTokenOnlyAsFirstParameter)
}

fn parameter(provider: &Provider, params: &crate::Params, only_first: Defect) -> Result<Option<String>, Refusal> {
    if params.is_unclear("access_token") && !provider.breaks(Defect::ResourceTakesFirstOfRepeatedToken) {
        return Err(Refusal::invalid_request("access_token is there more than once or cannot be read"));
    }
    if provider.breaks(only_first) && params.pairs().first().is_some_and(|(name, _)| name != "access_token") {
        return Ok(None);
    }
    Ok(params.get("access_token").map(Into::into))
}

fn invalid_token(provider: &Provider) -> Refusal {
    if provider.breaks(Defect::MadeUpTokenReportedAsInvalidRequest) {
        return Refusal::invalid_request("the token is malformed");
    }
    let status = if provider.breaks(Defect::ResourceInvalidTokenStatus403) { 403 } else { 401 };
    Refusal::new("invalid_token", "the token is not known, has expired or was revoked").with_status(status)
}

/// A refusal with its challenge. Without any credentials it says nothing about errors.
fn challenge(provider: &Provider, refusal: Option<Refusal>, needs: &str) -> Response {
    let header = flaws::challenge(provider, attributes(provider, refusal.as_ref(), needs));
    let response = match &refusal {
        Some(refusal) => refusal.json(),
        None => Response::empty(401).uncached(),
    };
    let sends = match &refusal {
        Some(_) => !provider.breaks(Defect::NoChallengeWithBadToken),
        None => !provider.breaks(Defect::NoChallengeWithoutCredentials),
    };
    if sends { response.with("WWW-Authenticate", header) } else { response }
}

fn attributes(provider: &Provider, refusal: Option<&Refusal>, needs: &str) -> Vec<(&'static str, String)> {
    let mut attributes = vec![("realm", quotable(&provider.config.issuer))];
    let hidden = provider.breaks(Defect::ChallengeWithoutErrorForBadToken);
    if let Some(refusal) = refusal.filter(|_| !hidden) {
        attributes.extend(refusal.members().into_iter().map(|(name, value)| (name, quotable(&value))));
    }
    if refusal.is_some_and(|refusal| refusal.error == "insufficient_scope") {
        let wrong = provider.breaks(Defect::ChallengeNamesWrongScope);
        attributes.push(("scope", if wrong { "read".into() } else { needs.to_owned() }));
    }
    attributes
}

fn content(provider: &Provider, token: &AccessToken, needs: &str) -> Response {
    let content = json!({
        "operation": needs,
        "client_id": *token.grant.client,
        "username": token.grant.user,
        "scope": token.reach.scope.to_string(),
    });
    let response = flaws::remembering(provider, Response::json(200, &content));
    if provider.breaks(Defect::QueryTokenResponseCacheable) {
        response
    } else {
        response.with("Cache-Control", "private, no-store")
    }
}

/// The grammar of a bearer token.
fn is_token68(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    !body.is_empty() && body.bytes().all(allowed)
}
