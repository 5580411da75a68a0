//! Broken promises of the authorization endpoint.

use std::borrow::Cow;

use crate::authorize::{Ask, Pending, is_embedded};
use crate::config::ResponseType;
use crate::destination::{Destination, Mode};
use crate::refusal::Refusal;
use crate::{Defect, Liberty, Params, Provider, Request, Response, interaction, params};

/// What a provider answers that does not show its error page to a bad client or redirect URI.
pub fn bad_client_answer(provider: &Provider, params: &Params, now: u64) -> Option<Response> {
    let known = params.get("client_id").is_some_and(|id| provider.client(id, now).is_some());
    let implicit = params.get("response_type") == Some("token");
    let silent = provider.breaks(Defect::UnknownClientEmptyAnswer) && !known
        || provider.breaks(Defect::ImplicitBadClientEmptyAnswer) && implicit
        || provider.breaks(Defect::BadRedirectUriEmptyAnswer) && known;
    let unchecked =
        provider.breaks_any(&[Defect::ErrorRedirectBeforeRedirectUriCheck, Defect::ErrorRedirectToUnregisteredUri]);
    let forwards = provider.breaks(Defect::UnknownClientRedirected) && !known
        || unchecked && known
        || provider.breaks(Defect::ImplicitErrorRedirectToBadUri) && implicit;
    if silent {
        return Some(Response::empty(400));
    }
    let uri = params.all("redirect_uri").next_back().filter(|_| forwards)?;
    Some(Response::empty(303).with("Location", format!("{uri}?error=invalid_request")))
}

/// What an embedded user agent gets that is turned away before anything of its request was checked.
pub fn embedded_agent_answer(provider: &Provider, request: &Request, params: &Params) -> Option<Response> {
    if !provider.breaks(Defect::EmbeddedAgentBlockLeaksError) || !is_embedded(request) {
        return None;
    }
    let uri = params.get("redirect_uri")?;
    Some(Response::empty(303).with("Location", format!("{uri}?error=access_denied")))
}

/// Refuses what is to be ignored or accepted.
pub fn fussy_about(provider: &Provider, params: &Params) -> Result<(), Refusal> {
    let known = [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
        "resource",
    ];
    let unknown = params.pairs().iter().any(|(name, _)| !known.contains(&&**name));
    let quoted = params.get("state").is_some_and(|state| state.contains('"'));
    if provider.breaks(Defect::AuthorizeRefusesUnknownParameter) && unknown
        || provider.breaks(Defect::EmptyStateRefused) && params.literal("state") == Some("")
        || provider.breaks(Defect::StateWithQuoteRefused) && quoted
    {
        return Err(Refusal::invalid_request("unexpected parameter"));
    }
    Ok(())
}

/// Whether the doubled parameter of this request does not matter.
pub fn tolerates_repeated(provider: &Provider, params: &Params) -> bool {
    let challenge = params.repeated() == Some("code_challenge");
    provider.breaks(Defect::RepeatedAuthorizeParameterAccepted)
        || provider.breaks(Defect::FirstChallengeCheckedLastStored) && challenge
}

/// What becomes of a response type that is not served: an error.
pub fn odd_response_type(provider: &Provider, name: &str) -> Result<ResponseType, Refusal> {
    match name.to_lowercase().as_str() {
        "code" if provider.breaks(Defect::ResponseTypeCaseFolded) => Ok(ResponseType::Code),
        "token" if provider.breaks(Defect::ResponseTypeCaseFolded) => Ok(ResponseType::Token),
        _ if provider.breaks(Defect::UnknownResponseTypeTreatedAsCode) => Ok(ResponseType::Code),
        _ if provider.breaks(Defect::UnsupportedResponseTypeOtherError) => {
            Err(Refusal::new("server_error", "unexpected response type"))
        }
        _ => Err(Refusal::new("unsupported_response_type", "the response type is not supported")),
    }
}

/// What becomes of a request without response type: an error.
pub fn no_response_type(provider: &Provider, params: &Params) -> Result<ResponseType, Refusal> {
    let empty = params.literal("response_type").is_some();
    if provider.breaks(Defect::MissingResponseTypeDefaultsToCode) && !empty
        || provider.breaks(Defect::EmptyResponseTypeDefaultsToCode) && empty
    {
        return Ok(ResponseType::Code);
    }
    if provider.breaks(Defect::MissingParameterReportedAsServerError) {
        return Err(Refusal::new("server_error", "something went wrong"));
    }
    Err(Refusal::missing("response_type"))
}

/// The parameters of an error that goes to the client.
pub fn authorization_error(provider: &Provider, to: &Destination, refusal: &Refusal) -> Vec<(&'static str, String)> {
    let mut refusal = refusal.clone();
    if provider.breaks(Defect::AuthorizationErrorCodeUnregistered) && !to.implicit
        || provider.breaks(Defect::ImplicitErrorCodeUnregistered) && to.implicit
    {
        refusal.error = "something_failed".into();
    }
    if provider.breaks(Defect::AuthorizationErrorCharsetViolated)
        || provider.breaks(Defect::ExtensionErrorCodeMalformed)
    {
        refusal.error = format!("\"{}\"", refusal.error);
    }
    if provider.breaks(Defect::AuthorizationErrorDescriptionEchoesInput) && !to.implicit
        || provider.breaks(Defect::ImplicitErrorDescriptionEchoesInput) && to.implicit
    {
        refusal.description = format!("unexpected value: {}", to.asked);
    }
    if provider.breaks(Defect::ErrorValueEmpty) {
        refusal.error.clear();
    }
    if provider.takes(Liberty::ErrorDescriptionAbsent) {
        refusal.description.clear();
    }
    let mut members = refusal.members();
    if provider.breaks(Defect::ErrorDescriptionEmpty) {
        members = vec![("error", refusal.error), ("error_description", String::new())];
    }
    if provider.breaks(Defect::ErrorRedirectAlsoCarriesCode) {
        members.push(("code", provider.random.value()));
    }
    if provider.breaks(Defect::AuthorizationErrorUriMalformed) {
        members.push(("error_uri", "see the \"manual\"".into()));
    }
    members
}

/// A redirect URI on its way into the Location header.
pub fn rewritten<'a>(provider: &Provider, uri: &'a str) -> Cow<'a, str> {
    if provider.breaks(Defect::PrivateUseLocationRewritten) && !uri.contains("://") {
        return Cow::Owned(uri.replacen(":/", "://", 1));
    }
    Cow::Borrowed(uri)
}

/// The state on its way back.
pub fn state(provider: &Provider, state: &str) -> String {
    if provider.breaks(Defect::StateAlteredOnReturn) { state.to_lowercase() } else { state.to_owned() }
}

/// The issuer in an authorization response.
pub fn iss(provider: &Provider) -> String {
    let issuer = &provider.config.issuer;
    if provider.breaks(Defect::IssParameterWrongValue) {
        return "https://other.example".into();
    }
    if provider.breaks(Defect::IssHasQuery) {
        return format!("{issuer}?tenant=1");
    }
    if provider.breaks(Defect::IssDiffersByTrailingSlash) { format!("{issuer}/") } else { issuer.clone() }
}

/// The issuer in a signed authorization response.
pub fn jarm_iss(provider: &Provider) -> String {
    let issuer = &provider.config.issuer;
    if provider.breaks(Defect::JarmIssDiffers) { format!("{issuer}/signed") } else { issuer.clone() }
}

/// Ways around the login page.
pub fn shortcut(provider: &Provider, request: &Request, pending: &Pending, now: u64) -> Option<Response> {
    let params = if request.method == "POST" { request.form().unwrap_or_default() } else { request.query_params() };
    let odd = |text: &str| text.len() > 1500 || text.chars().any(char::is_control);
    if provider.breaks(Defect::Authorize500OnOddInput) && params.pairs().iter().any(|(_, value)| odd(value)) {
        return Some(Response::empty(500));
    }
    let next = ["next", "continue", "return_to", "resume"].iter().find_map(|name| params.get(name));
    if let Some(next) = next.filter(|_| provider.breaks(Defect::LoginPageOpenRedirect)) {
        return Some(Response::empty(303).with("Location", next.to_owned()));
    }
    if provider.sessions.find(request, now).is_some_and(|(_, session)| session.user.is_some()) {
        return None;
    }
    let silent = params.get("prompt") == Some("none") && provider.breaks(Defect::PromptNoneWithoutSessionGrants);
    match &pending.ask {
        Ok(ask) if silent || provider.breaks(Defect::AuthorizeIssuesCodeWithoutLogin) => {
            let user = &provider.config.users.first()?.username;
            Some(interaction::grant(provider, pending, ask, user, ask.scope.clone(), now))
        }
        Err(refusal) if provider.breaks(Defect::ErrorRedirectBeforeLogin) => {
            Some(pending.destination.refuse(provider, refusal, now))
        }
        _ => None,
    }
}

/// Lets the login form travel on with the answer.
pub fn copy_credentials(provider: &Provider, pending: &mut Pending, form: &Params) {
    let redirects = pending.destination.mode != Mode::Device;
    if redirects && provider.breaks(Defect::LoginCredentialsCopiedToRedirect) {
        let pair = |name| format!("{name}={}", params::encode(form.get(name).unwrap_or_default()));
        let joint = if pending.destination.uri.contains('?') { '&' } else { '?' };
        pending.destination.uri.push_str(&format!("{joint}{}&{}", pair("username"), pair("password")));
    }
}

/// A request that waits in the session of another browser.
pub fn foreign_waiting(provider: &Provider, ticket: &str) -> Option<Pending> {
    if !provider.breaks(Defect::TransactionNotBoundToSession) {
        return None;
    }
    provider.sessions.waiting_anywhere(ticket)
}

/// The parameters that go along with a code.
pub fn code_members(provider: &Provider, code: String) -> Vec<(&'static str, String)> {
    let mut members = vec![("code", code.clone())];
    if provider.breaks(Defect::ResponseCarriesTwoCodes) {
        members.push(("code", code));
    }
    if provider.breaks(Defect::RefreshTokenShownOutsideTokenResponse) {
        members.push(("refresh_token", provider.random.value()));
    }
    if provider.breaks(Defect::TokenInAuthorizationResponse) {
        members.push(("access_token", provider.random.value()));
    }
    members
}

/// A code that says too much, or too little.
pub fn odd_code(provider: &Provider, ask: &Ask) -> Option<String> {
    let challenge = ask.challenge.as_ref().filter(|challenge| {
        provider.breaks(Defect::CodeContainsReadableChallenge)
            || provider.breaks(Defect::PlainChallengeReadableInCode) && challenge.is_plain()
    });
    if let Some(challenge) = challenge {
        return Some(format!("{}.{}", provider.random.value(), challenge.value()));
    }
    if provider.breaks(Defect::CodesHave64Bits) {
        return Some(params::encode(&data_encoding::BASE64URL_NOPAD.encode(&provider.random.bytes::<8>())));
    }
    if provider.breaks(Defect::CodesHave128BitsOnly) {
        return Some(data_encoding::BASE64URL_NOPAD.encode(&provider.random.bytes::<16>()));
    }
    provider.breaks(Defect::CodeHasControlCharacters).then(|| format!("{}\u{7}", provider.random.value()))
}
