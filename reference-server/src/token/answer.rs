//! How the token endpoint answers: RFC 6749 section 5.1 for tokens, 5.2 for errors, 4.2.2 for the implicit grant.

use std::borrow::Cow;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::issue::{self, Issued};
use crate::authorize::Ask;
use crate::grants::Grant;
use crate::refusal::Refusal;
use crate::{Defect, Liberty, Provider, Request, Response, flaws};

/// A successful answer.
pub fn success(provider: &Provider, issued: Issued) -> Response {
    let in_cookie = provider.breaks(Defect::AccessTokenInCookieWithoutSecure);
    let cookie = in_cookie.then(|| format!("access_token={}; Path=/", issued.access_token));
    let mut response = Response::document(200, &Answer { provider, issued: &issued });
    if provider.takes(Liberty::CharsetInContentType) {
        response = response.without("Content-Type").with("Content-Type", "application/json;charset=UTF-8");
    }
    if let Some(cookie) = cookie {
        response = response.with("Set-Cookie", cookie);
    }
    flaws::token_response(provider, response)
}

/// A successful answer in the classic dialect: four members and no more.
pub fn classic(provider: &Provider, issued: &Issued) -> Response {
    let mut members = Map::new();
    if !provider.breaks(Defect::ClassicAnswerWithoutTokenType) {
        members.insert("token_type".into(), json!("bearer"));
    }
    members.extend(issued.expires_in.map(|seconds| ("expires_in".into(), json!(seconds))));
    members.extend(issued.refresh_token.as_ref().map(|token| ("refresh_token".into(), json!(token))));
    members.insert("access_token".into(), json!(issued.access_token));
    Response::json(200, &Value::Object(members)).with("Cache-Control", "no-store").with("Pragma", "no-cache")
}

/// A refusal.
pub fn failure(provider: &Provider, request: &Request, mut refusal: Refusal) -> Response {
    if provider.takes(Liberty::InvalidClient400ForBodyCredentials)
        && request.header("authorization").is_none()
        && refusal.error == "invalid_client"
    {
        refusal = Refusal { challenge: None, ..refusal.with_status(400) };
    }
    if provider.takes(Liberty::ErrorDescriptionAbsent) {
        refusal.description.clear();
    }
    flaws::token_error(provider, request, refusal)
}

/// The parameters of the implicit grant.
pub fn implicit(
    provider: &Provider,
    ask: &Ask,
    grant: &Arc<Grant>,
    issued: Issued,
    now: u64,
) -> Vec<(&'static str, String)> {
    let mut members = vec![("access_token", issued.access_token)];
    if !provider.breaks(Defect::ImplicitAnswerWithoutTokenType) {
        members.push(("token_type", token_type(provider).into_owned()));
    }
    if let Some(seconds) = issued.expires_in.filter(|_| !provider.breaks(Defect::ImplicitAnswerWithoutExpiresIn)) {
        members.push(("expires_in", seconds.to_string()));
    }
    if !provider.breaks(Defect::ImplicitReducedScopeNotReported)
        && !scope_may_be_left_out(provider, issued.scope == ask.requested)
    {
        members.push(("scope", issued.scope.to_string()));
    }
    if provider.breaks(Defect::ImplicitIssuesRefreshToken) {
        members.extend(
            issue::with_refresh(provider, grant, now)
                .ok()
                .and_then(|more| more.refresh_token)
                .map(|token| ("refresh_token", token)),
        );
    }
    members
}

/// The members of a successful answer, written one after the other: half the work of a map.
struct Answer<'a> {
    provider: &'a Provider,
    issued: &'a Issued,
}

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { provider, issued } = *self;
        let mut members = serializer.serialize_map(None)?;
        if !provider.breaks(Defect::AccessTokenMemberMissing) {
            members.serialize_entry("access_token", &issued.access_token)?;
        }
        if !provider.breaks(Defect::TokenTypeMemberMissing) {
            let kind = if issued.bound { "DPoP".into() } else { token_type(provider) };
            members.serialize_entry("token_type", &kind)?;
        }
        if let Some(seconds) = issued.expires_in.filter(|_| !leaves_out_expires_in(provider)) {
            members.serialize_entry("expires_in", &flaws::expires_in(provider, seconds))?;
        }
        if issued.refresh_token.is_some() || provider.breaks(Defect::TokenResponseNullRefreshToken) {
            members.serialize_entry("refresh_token", &issued.refresh_token)?;
        }
        if !scope_may_be_left_out(provider, issued.as_requested) && !hides_scope(provider, issued) {
            match flaws::scope(provider, &issued.scope) {
                None => members.serialize_entry("scope", &issued.scope.text())?,
                Some(odd) => members.serialize_entry("scope", &odd)?,
            }
        }
        if let Some(token) = &issued.id_token {
            members.serialize_entry("id_token", token)?;
        }
        if provider.takes(Liberty::ExtraMembers) {
            members.serialize_entry("example_extension", &json!({"version": 1, "list": ["a", null]}))?;
        }
        members.end()
    }
}

fn token_type(provider: &Provider) -> Cow<'static, str> {
    let (lower, mac) = (Liberty::LowerCaseTokenType, Defect::TokenTypeDoesNotMatchToken);
    let name = if provider.breaks(mac) || provider.breaks(Defect::BearerTokenTypeMisnamed) { "mac" } else { "Bearer" };
    let name = if provider.breaks(Defect::TokenTypeMalformed) { "Bearer token" } else { name };
    if provider.takes(lower) { name.to_lowercase().into() } else { name.into() }
}

fn leaves_out_expires_in(provider: &Provider) -> bool {
    provider.breaks(Defect::ExpiresInMemberMissing) || provider.takes(Liberty::NoExpiresIn)
}

fn scope_may_be_left_out(provider: &Provider, as_requested: bool) -> bool {
    as_requested
        && (provider.takes(Liberty::ScopeOmittedWhenUnchanged) || provider.breaks(Defect::ScopeLeftOutWhenUnchanged))
}

fn hides_scope(provider: &Provider, issued: &Issued) -> bool {
    !issued.as_requested
        && provider.breaks_any(&[Defect::ReducedScopeNotReported, Defect::ScopeAfterPartialConsentNotReported])
}
