//! Broken promises of the protected resource.

use std::borrow::Cow;
use std::sync::Arc;

use crate::audience::Audience;
use crate::grants::{AccessToken, Grant, Reach};
use crate::refusal::{Refusal, quotable};
use crate::scope::Scope;
use crate::{Defect, Provider, Request, Response, params};

/// A refusal on its way out.
pub fn resource_response(provider: &Provider, mut response: Response) -> Response {
    let text = String::from_utf8_lossy(&response.body).into_owned();
    if provider.breaks(Defect::ResourceRefusesSilently) {
        response = Response { body: Vec::new(), ..response.without("WWW-Authenticate") };
    }
    if provider.breaks(Defect::ResourceRefusalStatus200) {
        response.status = 200;
    }
    if provider.breaks(Defect::ResourceInvalidRequestStatus401) && text.contains("invalid_request") {
        response.status = 401;
    }
    if provider.breaks(Defect::InsufficientScopeStatus401) && response.status == 403 {
        response.status = 401;
    }
    response
}

/// A refusal that repeats the token.
pub fn echo(provider: &Provider, mut response: Response, token: &str) -> Response {
    if provider.breaks(Defect::AccessTokenInErrorPage) {
        response.body = serde_json::json!({"error": "invalid_token", "token": token}).to_string().into();
    }
    if provider.breaks(Defect::ChallengeDescriptionEchoesToken) {
        let header = format!(
            "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"\\\"{token}\\\" is not \u{201c}good\u{201d}\""
        );
        response = response.without("WWW-Authenticate").with("WWW-Authenticate", header);
    }
    response
}

/// Too little scope, reported as something else.
pub fn insufficient_scope(provider: &Provider, refusal: Refusal) -> Refusal {
    if provider.breaks(Defect::InsufficientScopeReportedAsInvalidToken) {
        return Refusal::new("invalid_token", "the token is not good").with_status(401);
    }
    refusal
}

/// A token that no access token is behind.
pub fn any_token(provider: &Provider, request: &Request, token: &str, now: u64) -> Option<AccessToken> {
    let everything: Scope = provider.config.scopes.iter().map(String::as_str).collect();
    let made_up = AccessToken {
        grant: Arc::new(Grant::new("", None, everything.clone(), Scope::default())),
        reach: Reach { scope: everything, audience: Audience::EVERYBODY },
        issued: now,
        ends: u64::MAX,
        revoked: false,
    };
    let lets_revoked = [
        Defect::RevokedTokenAcceptedByResource,
        Defect::ResourceNeverNoticesRevocation,
        Defect::ResourceCachesFirstVerdict,
    ];
    if provider.breaks_any(&lets_revoked) {
        return provider.grants.access(&provider.access_key(token), now);
    }
    if provider.breaks(Defect::ResourceAcceptsRefreshToken) {
        let key = super::refresh_key(provider, token, now);
        let grant = provider.grants.with_refresh(&key, now, |found| found.grant.clone())?;
        return Some(AccessToken { reach: grant.reach(), grant, ..made_up });
    }
    let in_form = request.method == "POST" && request.is_form() && request.header("authorization").is_none();
    let anything = provider.breaks(Defect::ResourceAcceptsAnyToken)
        || super::forged_jwt(provider, token)
        || provider.breaks(Defect::FormBodyTokenNotChecked) && in_form
        || provider.breaks(Defect::QueryTokenNotChecked) && request.query_params().get("access_token") == Some(token);
    anything.then_some(made_up)
}

/// What becomes of another authentication scheme: it is as good as none.
pub fn unknown_scheme(provider: &Provider) -> Result<Option<String>, Refusal> {
    match provider.breaks(Defect::ChallengeErrorForUnknownScheme) {
        true => Err(Refusal::new("invalid_token", "the scheme is not known").with_status(401)),
        false => Ok(None),
    }
}

/// The token in a cookie.
pub fn cookie_token(provider: &Provider, request: &Request) -> Option<String> {
    let cookie =
        request.cookie("access_token").filter(|_| provider.breaks(Defect::CookieTokenWithoutCsrfProtection))?;
    Some(cookie.to_owned())
}

/// The token in a body of several parts.
pub fn multipart_token(provider: &Provider, request: &Request) -> Option<String> {
    let kind = request.header("content-type").filter(|kind| kind.starts_with(b"multipart/form-data"));
    kind.filter(|_| provider.breaks(Defect::MultipartTokenAccepted))?;
    let body = String::from_utf8_lossy(&request.body);
    let part = body.split("name=\"access_token\"").nth(1)?;
    part.trim_start().lines().next().map(|line| line.trim().to_owned())
}

/// The `WWW-Authenticate` header with these attributes.
pub fn challenge(provider: &Provider, mut attributes: Vec<(&'static str, String)>) -> String {
    let (error, scoped) =
        (attributes.iter().any(|(name, _)| *name == "error"), attributes.iter().any(|(name, _)| *name == "scope"));
    if provider.breaks(Defect::ChallengeErrorWithoutCredentials) && !error {
        attributes.push(("error", "invalid_token".into()));
    }
    if provider.breaks(Defect::ChallengeWithoutParameters) {
        attributes.clear();
    }
    if provider.breaks(Defect::ChallengeRealmTwice) {
        attributes.push(("realm", "again".into()));
    }
    if provider.breaks(Defect::ChallengeScopeRepeated) && scoped {
        attributes.push(("scope", "read".into()));
    }
    if provider.breaks(Defect::ChallengeErrorTwice) && error {
        attributes.push(("error", "invalid_request".into()));
    }
    if provider.breaks(Defect::ChallengeErrorUriRelative) && error {
        attributes.push(("error_uri", "/help".into()));
    }
    if provider.breaks(Defect::ChallengeErrorUriMalformed) && error {
        attributes.push(("error_uri", "https://help.example/a page".into()));
    }
    attributes.iter_mut().for_each(|(name, value)| bend(provider, name, value));
    written(provider, &attributes)
}

fn bend(provider: &Provider, name: &str, value: &mut String) {
    if name == "scope" && provider.breaks(Defect::ChallengeScopeCommaSeparated) {
        value.push_str(",  \"more\"");
    }
    if name == "error"
        && (provider.breaks(Defect::ResourceErrorCodeHomeMade) || provider.breaks(Defect::ExtensionErrorCodeMalformed))
    {
        *value = if provider.breaks(Defect::ResourceErrorCodeHomeMade) {
            "token_broken".into()
        } else {
            "token broken \\\\".into()
        };
    }
}

fn written(provider: &Provider, attributes: &[(&'static str, String)]) -> String {
    let scheme = if provider.breaks(Defect::ChallengeSchemeToken) { "Token" } else { "Bearer" };
    let joint = if provider.breaks(Defect::ChallengeParametersWithoutCommas) { " " } else { ", " };
    let pairs: Vec<_> = attributes.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    let challenge = format!("{scheme} {}", pairs.join(joint));
    if provider.breaks(Defect::BearerChallengeHiddenByBasic) {
        return format!("Basic realm=\"{}\"", quotable(&provider.config.issuer));
    }
    challenge.trim_end().to_owned()
}

/// A header read as if it were a form.
pub fn form_decoded(token: &str) -> Option<String> {
    params::decode(token.as_bytes()).map(Cow::into_owned)
}

/// Whether the browser was let in before, which is enough for a server that remembers.
pub fn remembers(provider: &Provider, request: &Request) -> bool {
    provider.breaks(Defect::ResourceRemembersConnectionAuthorization) && request.cookie(REMEMBERED).is_some()
}

/// What lets the browser in the next time.
pub fn remembering(provider: &Provider, response: Response) -> Response {
    match provider.breaks(Defect::ResourceRemembersConnectionAuthorization) {
        true => response.with("Set-Cookie", format!("{REMEMBERED}=yes; Path=/; Secure; HttpOnly; SameSite=Lax")),
        false => response,
    }
}

const REMEMBERED: &str = "resource_session";
