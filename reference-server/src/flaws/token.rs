//! Broken promises of the token endpoint.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::first_part;
use crate::config::{Client, Lifetime};
use crate::grants::{Grant, Reach};
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::shelf::{Key, key};
use crate::{Defect, Params, Provider, Request, Response};

/// What is said of a client that nobody registered.
pub fn unknown_client(provider: &Provider, id: &str) -> Refusal {
    let refusal = provider.invalid_client("the client is not known");
    let broken = provider.breaks(Defect::SqlInjectionInClientId) && id.contains('\'');
    if broken { Refusal::new("server_error", "unterminated quoted string").with_status(500) } else { refusal }
}

/// A GET taken for a POST.
pub fn get_as_post<'a>(provider: &Provider, request: &'a Request) -> Cow<'a, Request> {
    if provider.breaks(Defect::TokenEndpointAnswersGet) && request.method == "GET" {
        return Cow::Owned(Request::post(request.path(), request.query()));
    }
    Cow::Borrowed(request)
}

/// Refuses parameters that are to be ignored.
pub fn fussy_about_form(provider: &Provider, form: &Params) -> Result<(), Refusal> {
    const KNOWN: [&str; 14] = [
        "grant_type",
        "client_id",
        "client_secret",
        "code",
        "device_code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "scope",
        "username",
        "password",
        "resource",
        "client_assertion",
        "client_assertion_type",
    ];
    let unknown = || form.pairs().iter().any(|(name, _)| !KNOWN.contains(&&**name));
    if provider.breaks(Defect::TokenEndpointRefusesUnknownParameter) && unknown() {
        return Err(Refusal::invalid_request("unexpected parameter"));
    }
    Ok(())
}

/// The client that a code was issued to, for a request that does not name one.
pub fn client_of_code<'p>(provider: &'p Provider, form: &Params, now: u64) -> Option<Cow<'p, Client>> {
    if !provider.breaks(Defect::CodeExchangeWithoutClientId) || form.get("client_id").is_some() {
        return None;
    }
    let key = provider.code_key(form.get("code")?);
    let id = provider.grants.with_code(&key, now, |code| code.grant.client.to_string())?;
    provider.client(&id, now).filter(|client| client.is_public())
}

/// Whether a client without a secret is asked for one.
pub fn demands_secret(provider: &Provider, client: &Client) -> bool {
    let https = client.redirect_uris.iter().any(|uri| uri.starts_with("https:"));
    provider.breaks(Defect::NativeClientMustSendSecret) && client.native
        || provider.breaks(Defect::HttpsRedirectImpliesConfidential) && https
}

/// How long a look and the act that follows it are apart: about what a round trip to a database takes.
const WINDOW: Duration = Duration::from_millis(1);

/// Looks at a secret, takes its time, and then acts on what it saw.
pub fn race<F: FnOnce()>(provider: &Provider, defect: Defect, look: impl FnOnce() -> F) {
    if provider.breaks(defect) {
        let act = look();
        std::thread::sleep(WINDOW);
        act();
    }
}

/// The key under which a refresh token is kept.
pub fn refresh_key(provider: &Provider, token: &str, _now: u64) -> Key {
    if provider.breaks(Defect::RefreshTokenSignatureNotChecked) { key(first_part(token)) } else { key(token) }
}

/// An access token taken for a refresh token.
pub fn access_as_refresh(provider: &Provider, token: &str, now: u64) -> Option<Result<(Arc<Grant>, Reach), Refusal>> {
    if !provider.breaks(Defect::RefreshAcceptsAccessToken) {
        return None;
    }
    provider.grants.access(&provider.access_key(token), now).map(|found| Ok((found.grant, found.reach)))
}

/// A password as it arrives at the check.
pub fn password(provider: &Provider, password: &str) -> String {
    if provider.breaks(Defect::PasswordDecodedAsLatin1) {
        return password.bytes().map(char::from).collect();
    }
    if provider.breaks(Defect::PasswordCutAtAstralCharacter) {
        return password.chars().take_while(|letter| u32::from(*letter) < 0x10000).collect();
    }
    password.to_owned()
}

/// When an access token ends.
pub fn access_end(provider: &Provider, lifetime: Lifetime, now: u64) -> u64 {
    if provider.breaks(Defect::TokenOutlivesExpiresIn) { u64::MAX } else { lifetime.end(now) }
}

/// Whether a refresh token is handed out without being kept.
pub fn forgets_refresh_token(provider: &Provider, generation: u32) -> bool {
    provider.breaks(Defect::RefreshTokenIssuedButUnknown) && generation == 0
        || provider.breaks(Defect::RotatedRefreshTokenUnknown) && generation > 0
}

/// An access token that does not fit into a header.
pub fn odd_access_token(provider: &Provider) -> Option<String> {
    if provider.breaks(Defect::AccessTokenHasNonAscii) {
        return Some(format!("{}\u{e9}", provider.random.value()));
    }
    if provider.breaks(Defect::AccessTokenLowEntropy) {
        return Some(data_encoding::BASE64URL_NOPAD.encode(&provider.random.bytes::<4>()));
    }
    provider.breaks(Defect::BearerTokenOutsideAlphabet).then(|| format!("{}!{{}}", provider.random.value()))
}

/// The value of `expires_in`.
pub fn expires_in(provider: &Provider, seconds: u64) -> Value {
    if provider.breaks(Defect::ExpiresInSentAsString) {
        return json!(seconds.to_string());
    }
    if provider.breaks(Defect::ExpiresInHasFraction) { json!(seconds as f64 + 0.5) } else { seconds.into() }
}

/// The value of `scope` where it is no text.
pub fn scope(provider: &Provider, scope: &Scope) -> Option<Value> {
    provider.breaks(Defect::ScopeReturnedAsArray).then(|| json!(scope.words()))
}

/// A successful answer on its way out.
pub fn token_response(provider: &Provider, mut response: Response) -> Response {
    let text = |response: &Response| String::from_utf8_lossy(&response.body).into_owned();
    if provider.breaks(Defect::TokenResponseStatus201) {
        response.status = 201;
    }
    if provider.breaks(Defect::TokenResponseRepeatsMember) {
        response.body = text(&response).replacen('{', "{\"token_type\":\"Bearer\",", 1).into();
    }
    if provider.breaks(Defect::TokenResponseWrappedInEnvelope) {
        response.body = format!("{{\"data\":{}}}", text(&response)).into();
    }
    if provider.breaks(Defect::TokenResponseMediaTypeText) {
        response = response.without("Content-Type").with("Content-Type", "text/plain");
    }
    if !provider.breaks(Defect::TokenResponseCacheable) {
        response = response.with("Cache-Control", "no-store");
    }
    if provider.breaks(Defect::TokenResponseWithoutPragma) { response } else { response.with("Pragma", "no-cache") }
}

/// A refusal on its way out.
pub fn token_error(provider: &Provider, request: &Request, refusal: Refusal) -> Response {
    let basic = request.header("authorization").is_some();
    let refusal = other_challenge(provider, basic, other_words(provider, request, other_code(provider, refusal)));
    let is_grant = refusal.error == "invalid_grant";
    if provider.breaks(Defect::TokenErrorAsHtml) || provider.breaks(Defect::PasswordGrantFailureAsHtml) && is_grant {
        return refusal.dress(Response::html(refusal.status, "<h1>Error</h1>".into()).uncached());
    }
    let mut response = refusal.json();
    let text = String::from_utf8_lossy(&response.body).into_owned();
    let mut extra = |member: &str| response.body = text.replacen('{', &format!("{{{member},"), 1).into();
    if provider.breaks(Defect::TokenErrorAlsoCarriesToken) {
        extra(&format!("\"access_token\":\"{}\"", provider.random.value()));
    }
    if provider.breaks(Defect::TokenErrorUriMalformed) {
        extra("\"error_uri\":\"see the \\\"manual\\\"\"");
    }
    if provider.breaks(Defect::ErrorDescriptionEmpty) {
        response.body = json!({"error": refusal.error, "error_description": ""}).to_string().into();
    }
    response
}

fn other_code(provider: &Provider, mut refusal: Refusal) -> Refusal {
    let failed = refusal.error == "invalid_client";
    if provider.breaks(Defect::ClientAuthenticationFailureReportedAsInvalidGrant) && failed {
        refusal.error = "invalid_grant".into();
    }
    if provider.breaks(Defect::ClientAuthenticationFailureOtherError) && failed {
        refusal.error = "invalid_request".into();
    }
    if provider.breaks(Defect::TokenErrorCodeHomeMade) {
        refusal.error = "something_failed".into();
    }
    if provider.breaks(Defect::TokenErrorCharsetViolated) || provider.breaks(Defect::ExtensionErrorCodeMalformed) {
        refusal.error = format!("\"{}\"", refusal.error);
    }
    if provider.breaks(Defect::ErrorValueEmpty) {
        refusal.error.clear();
    }
    refusal
}

fn other_words(provider: &Provider, request: &Request, mut refusal: Refusal) -> Refusal {
    if provider.breaks(Defect::TokenErrorDescriptionEchoesInput) {
        let form = request.form().unwrap_or_default();
        let echoed: Vec<_> = ["grant_type", "scope", "code"].iter().filter_map(|name| form.get(name)).collect();
        refusal.description = format!("unexpected value: {}", echoed.join(" "));
    }
    refusal
}

fn other_challenge(provider: &Provider, basic: bool, mut refusal: Refusal) -> Refusal {
    let failed = refusal.status == 401;
    if provider.breaks(Defect::InvalidClient401WithoutChallenge) && !basic
        || provider.breaks(Defect::BasicFailureWithoutChallenge) && basic
    {
        refusal.challenge = None;
    }
    if provider.breaks(Defect::BasicFailureStatus400) && basic && failed {
        refusal.status = 400;
    }
    if provider.breaks(Defect::TokenErrorStatus200) {
        refusal.status = 200;
    }
    refusal
}
