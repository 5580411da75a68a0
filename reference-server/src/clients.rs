//! Who the client is: client authentication (RFC 6749 section 2.3) and what a client may ask for.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::config::{AuthMethod, Client};
use crate::constant_time::same;
use crate::refusal::Refusal;
use crate::{Defect, Params, Provider, Request, assertion, flaws, params, signing, token};

/// What a request offers to prove who the client is.
enum Credentials<'a> {
    /// `Authorization: Basic`.
    Basic(&'a [u8]),
    /// Another scheme of the Authorization header.
    Other(&'a str),
    /// `client_secret` in the body.
    Post(&'a str),
    /// `client_assertion` in the body.
    Assertion(&'a str),
    /// Nothing but perhaps a `client_id`.
    Nothing,
}

/// The client that sent this request, authenticated in the way it is registered for.
pub fn authenticate<'p>(
    provider: &'p Provider,
    request: &Request,
    form: &Params,
    now: u64,
) -> Result<Cow<'p, Client>, Refusal> {
    let with_query = form_and_query(provider, request, form);
    let form = with_query.as_ref();
    let told = flaws::by_operator(provider, form, now);
    if let Some(client) = told.or_else(|| flaws::by_certificate_header(provider, request, form, now)) {
        return Ok(client);
    }
    let client = match credentials(provider, request, form)? {
        Credentials::Basic(encoded) => basic(provider, encoded, form, now)?,
        Credentials::Other(scheme) => Cow::Borrowed(signing::verify(provider, request, scheme, now)?),
        Credentials::Post(secret) => post(provider, secret, form, now)?,
        Credentials::Assertion(assertion) => {
            assertion::verify(provider, assertion, form, now).map_err(|refusal| flaws::misnamed(provider, refusal))?
        }
        Credentials::Nothing => named_only(provider, form, now)?,
    };
    match form.get("client_id") {
        Some(id) if provider.breaks(Defect::BodyClientIdOverridesAuthentication) => provider.named_client(id, now),
        Some(id) if *id != *client.id && !provider.folds_client_id() => {
            Err(Refusal::invalid_request("client_id is not the client that authenticated"))
        }
        _ => Ok(client),
    }
}

/// Exactly one way of authentication, or none.
fn credentials<'a>(provider: &Provider, request: &'a Request, form: &'a Params) -> Result<Credentials<'a>, Refusal> {
    let mut headers = request.headers_named("authorization");
    let (header, second) = (headers.next(), headers.next());
    let secret = form.get("client_secret");
    if second.is_some() {
        return Err(Refusal::invalid_request("there are two Authorization headers"));
    }
    if header.is_some() && secret.is_some() && !provider.breaks(Defect::BasicAndBodyCredentialsBothAccepted) {
        return Err(Refusal::invalid_request("the client authenticates in two ways"));
    }
    if let Some(assertion) = form.get("client_assertion").or(form.get("client_assertion_type").map(|_| ""))
        && stands_alone(provider, header.is_some() || secret.is_some())?
    {
        return Ok(Credentials::Assertion(assertion));
    }
    Ok(match (header, secret) {
        (Some(header), _) => header_credentials(provider, header),
        (None, Some(_)) if provider.breaks(Defect::BodyCredentialsNotSupported) => Credentials::Nothing,
        (None, Some(secret)) => Credentials::Post(secret),
        (None, None) => Credentials::Nothing,
    })
}

/// Whether an assertion is the one way of authentication; where others beside it do no harm, they count.
fn stands_alone(provider: &Provider, beside_others: bool) -> Result<bool, Refusal> {
    if beside_others && !provider.breaks(Defect::SeveralClientCredentialsAccepted) {
        return Err(Refusal::invalid_request("the client authenticates in two ways"));
    }
    if provider.breaks(Defect::UnsupportedValueServerError) {
        return Err(Refusal::new("server_error", "unexpected client_assertion_type").with_status(500));
    }
    Ok(!beside_others)
}

fn header_credentials<'a>(provider: &Provider, header: &'a [u8]) -> Credentials<'a> {
    let end = header.iter().position(|byte| *byte == b' ').unwrap_or(header.len());
    let (scheme, rest) = header.split_at(end);
    if scheme.eq_ignore_ascii_case(b"basic") && !provider.breaks(Defect::BasicAuthenticationNotSupported) {
        return Credentials::Basic(rest.trim_ascii());
    }
    Credentials::Other(std::str::from_utf8(header).unwrap_or_default())
}

fn basic<'p>(provider: &'p Provider, encoded: &[u8], form: &Params, now: u64) -> Result<Cow<'p, Client>, Refusal> {
    let refuse = || provider.invalid_client("the Basic credentials are malformed");
    let bytes = STANDARD.decode(encoded).map_err(|_| refuse())?;
    let at = bytes.iter().position(|byte| *byte == b':').ok_or_else(refuse)?;
    let id = basic_part(provider, &bytes[..at], Defect::BasicUsernameNotFormDecoded).ok_or_else(refuse)?;
    let secret = basic_part(provider, &bytes[at + 1..], Defect::BasicPasswordNotFormDecoded).ok_or_else(refuse)?;
    if secret.is_empty() && provider.breaks(Defect::ClientIdAloneAuthenticates) {
        return provider.named_client(&id, now);
    }
    check_secret(provider, AuthMethod::Basic, &id, &secret, form, now)
}

/// Identifier and secret are form-encoded inside the Basic credentials.
fn basic_part<'a>(provider: &Provider, bytes: &'a [u8], kept_raw: Defect) -> Option<Cow<'a, str>> {
    if provider.breaks(kept_raw) {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    }
    if provider.breaks(Defect::BasicPlusKeptLiteral) {
        return params::decode(&flaws::plus_escaped(bytes)).map(|text| text.into_owned().into());
    }
    params::decode(bytes)
}

fn post<'p>(provider: &'p Provider, secret: &str, form: &Params, now: u64) -> Result<Cow<'p, Client>, Refusal> {
    let id = form.get("client_id").ok_or_else(|| provider.invalid_client("client_id is missing"))?;
    let trimmed = if provider.breaks(Defect::ClientSecretTrimmed) { flaws::trimmed(secret) } else { secret };
    check_secret(provider, AuthMethod::Post, id, trimmed, form, now)
}

fn check_secret<'p>(
    provider: &'p Provider,
    method: AuthMethod,
    id: &str,
    secret: &str,
    form: &Params,
    now: u64,
) -> Result<Cow<'p, Client>, Refusal> {
    let client = provider.named_client(id, now)?;
    if let Some(seconds) = provider.client_guesses.wait(&client.id, now) {
        return Err(Refusal::slow_down(seconds));
    }
    let open = provider.breaks(Defect::SigningClientMaySendSecret) && client.authenticates_by(AuthMethod::Signed);
    let registered = client.secret.as_deref().filter(|_| client.authenticates_by(method) || open);
    let right = registered.is_some_and(|known| same(known, secret));
    if !provider.breaks(Defect::ClientSecretGuessingUnlimited) {
        provider.client_guesses.note(&client.id, right, now);
    }
    if right || ignores_wrong_secret(provider, method, form) {
        return Ok(client);
    }
    Err(provider.invalid_client("the client secret is wrong or not to be sent this way"))
}

fn ignores_wrong_secret(provider: &Provider, method: AuthMethod, form: &Params) -> bool {
    let grant_type = form.get("grant_type").unwrap_or_default();
    provider.breaks(Defect::BodySecretNotChecked) && method == AuthMethod::Post
        || provider.breaks(Defect::WrongSecretIgnoredWhenPkcePresent) && form.get("code_verifier").is_some()
        || provider.breaks(Defect::RightVerifierSkipsClientAuthentication) && form.get("code_verifier").is_some()
        || provider.breaks(Defect::PasswordGrantIgnoresWrongClientSecret) && grant_type == "password"
        || provider.breaks(Defect::ClientCredentialsAcceptsAnySecret) && grant_type == "client_credentials"
        || provider.breaks(Defect::RefreshIgnoresWrongSecret) && grant_type == "refresh_token"
        || provider.breaks(Defect::ClientSecretNotCompared)
}

/// No credentials: enough for a public client that names itself, and for no other.
fn named_only<'p>(provider: &'p Provider, form: &Params, now: u64) -> Result<Cow<'p, Client>, Refusal> {
    let id = form.get("client_id").ok_or_else(|| provider.invalid_client("the client does not say who it is"))?;
    let client = provider.named_client(id, now)?;
    let demands_secret = flaws::demands_secret(provider, &client);
    let let_in = || provider.registrations.find(id, now).is_some() && provider.breaks(Defect::DcrAuthMethodNotEnforced);
    if client.is_public() && !demands_secret || may_skip_authentication(provider, form) || let_in() {
        return Ok(client);
    }
    Err(provider.invalid_client("this client has to authenticate"))
}

fn may_skip_authentication(provider: &Provider, form: &Params) -> bool {
    let grant_type = form.get("grant_type").unwrap_or_default();
    provider.breaks(Defect::ConfidentialClientMaySkipAuthentication)
        || provider.breaks(Defect::ConfidentialClientTreatedAsPublicWhenPkceUsed) && form.get("code_verifier").is_some()
        || provider.breaks(Defect::ClientIdAloneAuthenticates)
        || provider.breaks(Defect::EmptyClientSecretAuthenticates) && form.literal("client_secret").is_some()
        || provider.breaks(Defect::PasswordGrantSkipsClientAuthentication) && grant_type == "password"
        || provider.breaks(Defect::RefreshSkipsClientAuthentication) && grant_type == "refresh_token"
        || provider.breaks(Defect::DevicePollingSkipsClientAuth) && grant_type == token::DEVICE_GRANT
}

/// Credentials belong into the header or the body; those in the request URI are not read.
fn form_and_query<'a>(provider: &Provider, request: &'a Request, form: &'a Params<'a>) -> Cow<'a, Params<'a>> {
    if provider.breaks(Defect::ClientCredentialsAcceptedFromQuery) {
        return Cow::Owned(form.clone().joined(request.query_params()));
    }
    Cow::Borrowed(form)
}

impl Provider {
    /// The refusal of a client that did not prove who it is.
    pub(crate) fn invalid_client(&self, description: &str) -> Refusal {
        Refusal::invalid_client(description, &self.config.issuer)
    }

    fn named_client(&self, id: &str, now: u64) -> Result<Cow<'_, Client>, Refusal> {
        self.client(id, now).ok_or_else(|| flaws::unknown_client(self, id))
    }

    /// Whether a client can be told from others that call themselves the same.
    pub(crate) fn trusts(&self, client: &Client) -> bool {
        client.proves_itself() || !client.is_public() && self.breaks(Defect::NativeSecretTreatedAsProof)
    }

    /// The client of this identifier: a configured one, or one that registered itself.
    pub(crate) fn client(&self, id: &str, now: u64) -> Option<Cow<'_, Client>> {
        let configured = self.configured_client(id).map(Cow::Borrowed);
        configured.or_else(|| self.registrations.find(id, now).map(Cow::Owned))
    }

    /// The client of this identifier in the configuration.
    pub(crate) fn configured_client(&self, id: &str) -> Option<&Client> {
        if self.folds_client_id() {
            return self.config.clients.iter().find(|client| client.id.eq_ignore_ascii_case(id));
        }
        if self.breaks(Defect::ClientIdCutAtSpace) {
            return self.config.client(id.split(' ').next().unwrap_or_default());
        }
        self.config.client(id)
    }

    fn folds_client_id(&self) -> bool {
        self.breaks(Defect::ClientIdCaseFolded)
    }
}
