//! The introspection endpoint, RFC 7662. Only clients that are registered for it may call it; a refresh token is
//! shown to its own client alone. Whatever is not good now is `{"active": false}` and nothing more.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::config::Client;
use crate::refusal::Refusal;
use crate::{Defect, Params, Provider, Request, Response, clients, flaws, form, resource};

/// Answers a request at the introspection endpoint.
pub fn handle(provider: &Provider, request: &Request, now: u64) -> Response {
    match respond(provider, &flaws::get_introspection(provider, request), now) {
        Ok(answer) => flaws::introspection_response(provider, answer),
        Err(refusal) => challenged(request, refusal).json(),
    }
}

fn respond(provider: &Provider, request: &Request, now: u64) -> Result<Value, Refusal> {
    let form = form::read(provider, request)?;
    let caller = caller(provider, request, &form, now)?;
    let caller = caller.as_deref();
    let token = form.get("token").ok_or_else(|| missing_token(provider))?;
    let hint = form.get("token_type_hint");
    if provider.breaks(Defect::IntrospectionRejectsUnknownHint)
        && !matches!(hint, None | Some("access_token" | "refresh_token"))
    {
        return Err(Refusal::invalid_request("the hint is not known"));
    }
    let only = hint.filter(|_| provider.breaks(Defect::IntrospectionTrustsTokenTypeHint));
    let access = if only == Some("refresh_token") { None } else { access(provider, caller, token, now) };
    let refresh = if only == Some("access_token") { None } else { refresh(provider, caller, token, now)? };
    match access.or(refresh) {
        Some(answer) => Ok(answer),
        None if provider.breaks(Defect::IntrospectionUnknownToken400) => {
            Err(Refusal::invalid_request("the token is not known"))
        }
        None => Ok(flaws::inactive(provider, token, now)),
    }
}

fn caller<'p>(
    provider: &'p Provider,
    request: &Request,
    form: &Params,
    now: u64,
) -> Result<Option<Cow<'p, Client>>, Refusal> {
    if flaws::lets_introspect(provider, request, form) {
        return Ok(None);
    }
    let client = clients::authenticate(provider, request, form, now)?;
    if client.is_public() {
        return Err(provider.invalid_client("the caller has to authenticate"));
    }
    if !client.may_introspect && !provider.breaks(Defect::IntrospectionOpenToEveryClient) {
        return Err(Refusal::unauthorized_client("the caller may not introspect tokens").with_status(403));
    }
    Ok(Some(client))
}

/// A caller that came with a bearer token learns about that scheme as well.
fn challenged(request: &Request, mut refusal: Refusal) -> Refusal {
    let bearer = request.header("authorization").is_some_and(|value| value.to_ascii_lowercase().starts_with(b"bearer"));
    if let Some(challenge) = refusal.challenge.as_mut().filter(|_| bearer) {
        challenge.push_str(", Bearer error=\"invalid_token\"");
    }
    refusal
}

fn missing_token(provider: &Provider) -> Refusal {
    let refusal = Refusal::missing("token");
    if provider.breaks(Defect::IntrospectionWithoutTokenCrashes) { refusal.with_status(500) } else { refusal }
}

fn access(provider: &Provider, caller: Option<&Client>, token: &str, now: u64) -> Option<Value> {
    let at = if provider.breaks(Defect::IntrospectionIgnoresExpiry) { 0 } else { now };
    let found = match provider.breaks(Defect::IntrospectionIgnoresRevocation) {
        true => provider.grants.access(&provider.access_key(token), at)?,
        false => resource::live(provider, token, at)?,
    };
    let server = caller.and_then(|caller| caller.resource.as_deref());
    let meant = server.is_none_or(|server| found.reach.audience.has(server));
    if !meant && !provider.breaks(Defect::IntrospectionIgnoresAudience) {
        return None;
    }
    flaws::bring_back(provider, token, &found, now);
    let mut answer = json!({
        "active": true,
        "scope": found.reach.scope.to_string(),
        "client_id": *found.grant.client,
        "token_type": "Bearer",
        "iat": found.issued / 1000,
        "aud": found.reach.audience.to_json(provider),
        "iss": provider.config.issuer,
    });
    if found.ends < u64::MAX {
        answer["exp"] = json!(found.ends / 1000);
    }
    if let Some(user) = &found.grant.user {
        answer["sub"] = json!(user);
        answer["username"] = json!(user);
    }
    flaws::introspection(provider, caller, &mut answer);
    Some(answer)
}

fn refresh(provider: &Provider, caller: Option<&Client>, token: &str, now: u64) -> Result<Option<Value>, Refusal> {
    let key = flaws::refresh_key(provider, token, now);
    let Some(found) = provider.grants.with_refresh(&key, now, |token| token.clone()) else {
        return Ok(None);
    };
    let own = caller.is_some_and(|caller| *caller.id == *found.grant.client);
    let replaced = found.spent && !provider.breaks(Defect::IntrospectionShowsReplacedRefreshToken);
    let alive = !replaced && !found.is_revoked();
    let mut answer = json!({"active": true, "scope": found.scope.to_string(), "client_id": *found.grant.client, "iat": found.issued / 1000});
    if found.ends < u64::MAX {
        answer["exp"] = json!(found.ends / 1000);
    }
    if !own && provider.breaks(Defect::IntrospectionForeignToken403) {
        return Err(Refusal::new("access_denied", "the token is not for this caller").with_status(403));
    }
    Ok((own && alive).then_some(answer))
}
