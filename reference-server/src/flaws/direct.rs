//! Broken promises of introspection and revocation.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::config::Client;
use crate::grants::AccessToken;
use crate::{Defect, Params, Provider, Request, Response};

/// A GET taken for a POST at the introspection endpoint.
pub fn get_introspection<'a>(provider: &Provider, request: &'a Request) -> Cow<'a, Request> {
    let by_get = provider.breaks_any(&[Defect::IntrospectionByGet, Defect::IntrospectionPostUnsupported]);
    if by_get && request.method == "GET" { Cow::Owned(as_post(request)) } else { Cow::Borrowed(request) }
}

/// A GET taken for a POST at the revocation endpoint.
pub fn get_revocation<'a>(provider: &Provider, request: &'a Request) -> Cow<'a, Request> {
    let by_get = provider.breaks(Defect::RevocationByGet) && request.method == "GET";
    if by_get { Cow::Owned(as_post(request)) } else { Cow::Borrowed(request) }
}

fn as_post(request: &Request) -> Request {
    let mut post = Request::post(request.path(), request.query());
    post.headers.extend(request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-type")).cloned());
    post
}

/// Whether this caller may introspect without having said who it is.
pub fn lets_introspect(provider: &Provider, request: &Request, form: &Params) -> bool {
    let bearer =
        request.header("authorization").is_some_and(|value| value.to_ascii_lowercase().starts_with(b"bearer "));
    let wrong = form.get("client_secret").is_some() || request.header("authorization").is_some() && !bearer;
    provider.breaks(Defect::IntrospectionOpenToAll) && !wrong && !bearer
        || provider.breaks(Defect::IntrospectionAcceptsAnyBearer) && bearer
        || provider.breaks(Defect::IntrospectionWrongSecretAccepted) && wrong
}

/// The claims of a live token on their way out.
pub fn introspection(provider: &Provider, caller: Option<&Client>, answer: &mut Value) {
    if provider.breaks(Defect::IntrospectionActiveIsString) {
        answer["active"] = json!("true");
    }
    if provider.breaks(Defect::IntrospectionLiveTokenInactive) {
        *answer = json!({"active": false});
    }
    if provider.breaks(Defect::IntrospectionScopeGrowsForOtherRs)
        && caller.is_some_and(|caller| caller.grants.is_empty())
    {
        answer["scope"] = json!(provider.config.scopes.join(" "));
    }
    if provider.breaks(Defect::ClientTokenLooksLikeUserToken) && answer["username"].is_null() {
        answer["username"] = answer["client_id"].clone();
        answer["sub"] = answer["client_id"].clone();
    }
    if provider.breaks(Defect::IntrospectionUsernameIsNull) && answer["username"].is_null() {
        answer["username"] = Value::Null;
    }
    if provider.breaks(Defect::IntrospectionExpInMilliseconds) {
        answer["exp"] = json!(answer["exp"].as_u64().unwrap_or_default().saturating_mul(1000));
    }
    if provider.breaks(Defect::IntrospectionScopeIsArray) {
        answer["scope"] = json!(answer["scope"].as_str().unwrap_or_default().split(' ').collect::<Vec<_>>());
    }
    if provider.breaks(Defect::IntrospectionAudIsObject) {
        answer["aud"] = json!({"uri": answer["aud"]});
    }
    if let Some(caller) = caller.filter(|_| provider.breaks(Defect::IntrospectionClientIdOfCaller)) {
        answer["client_id"] = json!(*caller.id);
    }
    if let Some(members) = answer.as_object_mut().filter(|_| provider.breaks(Defect::AccessTokenWithoutAudience)) {
        members.shift_remove("aud");
    }
}

/// What is said about a token that is not good.
pub fn inactive(provider: &Provider, token: &str, now: u64) -> Value {
    let code = provider.code_key(token);
    if provider.breaks(Defect::IntrospectionAcceptsNonAccessTokens)
        && provider.grants.with_code(&code, now, |_| ()).is_some()
    {
        return json!({"active": true});
    }
    if provider.breaks(Defect::IntrospectionInactiveLeaksClaims) {
        return json!({"active": false, "reason": "expired", "iss": provider.config.issuer});
    }
    if provider.breaks(Defect::IntrospectionActiveIsString) {
        json!({"active": "false"})
    } else {
        json!({"active": false})
    }
}

/// An introspection answer on its way out.
pub fn introspection_response(provider: &Provider, answer: Value) -> Response {
    let response = Response::json(200, &answer).uncached();
    match provider.breaks(Defect::IntrospectionWrongContentType) {
        true => response.without("Content-Type").with("Content-Type", "text/plain"),
        false => response,
    }
}

/// Remembers a token as it was when it was looked at, whatever happened to it in the meantime.
pub fn bring_back(provider: &Provider, token: &str, found: &AccessToken, now: u64) {
    super::race(provider, Defect::RevocationUseRace, || {
        || _ = provider.grants.keep_access(provider.access_key(token), found.clone(), now)
    });
}

/// The owner of the token, taken for the client that asks for its revocation.
pub fn unauthenticated_revoker<'p>(provider: &'p Provider, form: &Params, now: u64) -> Option<Cow<'p, Client>> {
    let named = form.get("client_id").is_some();
    if !(provider.breaks(Defect::RevocationSkipsClientAuth)
        || provider.breaks(Defect::RevocationWithoutClientId) && !named)
    {
        return None;
    }
    let token = form.get("token")?;
    let access = provider.grants.access(&provider.access_key(token), now).map(|found| found.grant);
    let key = super::refresh_key(provider, token, now);
    let grant = access.or_else(|| provider.grants.with_refresh(&key, now, |found| found.grant.clone()))?;
    let owner = provider.client(&grant.client, now)?;
    (owner.is_public() || provider.breaks(Defect::RevocationSkipsClientAuth)).then_some(owner)
}
