//! The token endpoint, RFC 6749 section 3.2: one form in, one JSON answer out. Each grant has a file of its own.

mod answer;
mod code;
mod device;
mod issue;
mod own;
mod password;
mod refresh;

pub use device::GRANT as DEVICE_GRANT;
pub use issue::{Issued, PUNCTUATION};

use std::sync::Arc;

use crate::authorize::Ask;
use crate::config::{Client, GrantType, Profile};
use crate::grants::Grant;
use crate::refusal::Refusal;
use crate::{Defect, Params, Provider, Request, Response, clients, dpop, flaws, form};

/// Answers a request at the token endpoint.
pub fn handle(provider: &Provider, request: &Request, now: u64) -> Response {
    match respond(provider, request, now) {
        Ok(issued) => answer::success(provider, issued),
        Err(refusal) => answer::failure(provider, request, refusal),
    }
}

/// The parameters of a token that goes straight into an authorization response.
pub fn implicit(
    provider: &Provider,
    ask: &Ask,
    grant: &Arc<Grant>,
    now: u64,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    let issued = issue::token(provider, grant, grant.reach(), now)?;
    Ok(answer::implicit(provider, ask, grant, issued, now))
}

/// The classic form of the endpoint: other names for grants, lower-case token type, a refresh token with every answer.
pub fn classic(provider: &Provider, request: &Request, now: u64) -> Response {
    match respond_classic(provider, request, now) {
        Ok(issued) => answer::classic(provider, &issued),
        Err(refusal) => answer::failure(provider, request, refusal),
    }
}

fn respond_classic(provider: &Provider, request: &Request, now: u64) -> Result<Issued, Refusal> {
    let form = form::read(provider, request)?;
    flaws::refuses_signed(provider, request)?;
    let grant_type = form.get("grant_type").ok_or_else(|| Refusal::missing("grant_type"))?;
    let client = match form.get("client_id").and_then(|id| provider.client(id, now)) {
        Some(client) if provider.breaks(Defect::ClassicSecretNotChecked) => client,
        _ => clients::authenticate(provider, request, &form, now)?,
    };
    let open = |grant| provider.offers(grant) && may_use(provider, &client, grant) || flaws::is_open(provider, grant);
    match grant_type {
        "authorization_code" if open(GrantType::AuthorizationCode) => code::exchange(provider, &client, &form, now),
        "refresh_token" if open(GrantType::RefreshToken) => refresh::exchange(provider, &client, &form, now),
        "access_token" if open(GrantType::ClientCredentials) => own::guest(provider, &client, &form, now),
        "authorization_code" | "refresh_token" | "access_token" => {
            Err(Refusal::unauthorized_client("the client may not use this grant type"))
        }
        _ if provider.breaks(Defect::ClassicUnknownGrantIsGuest) => own::guest(provider, &client, &form, now),
        other => Err(unsupported(provider, other)),
    }
}

fn respond(provider: &Provider, request: &Request, now: u64) -> Result<Issued, Refusal> {
    let posted = flaws::get_as_post(provider, request);
    let form = form::read(provider, &posted)?;
    flaws::fussy_about_form(provider, &form)?;
    let grant_type = grant_type(provider, &form)?;
    let client = match flaws::client_of_code(provider, &form, now) {
        Some(client) => client,
        None => clients::authenticate(provider, request, &form, now)?,
    };
    let grant = GrantType::named(provider, grant_type).filter(|grant| provider.offers(*grant));
    let grant = grant.ok_or_else(|| unsupported(provider, grant_type))?;
    if !may_use(provider, &client, grant) {
        return Err(Refusal::unauthorized_client("the client may not use this grant type"));
    }
    let proven = dpop::of_token_request(provider, request, &form, now)?;
    let issued = match grant {
        GrantType::AuthorizationCode => code::exchange(provider, &client, &form, now),
        GrantType::RefreshToken => refresh::exchange(provider, &client, &form, now),
        GrantType::ClientCredentials => own::exchange(provider, &client, &form, now),
        GrantType::Password => password::exchange(provider, &client, &form, now),
        GrantType::DeviceCode => device::exchange(provider, &client, &form, now),
    }?;
    match proven {
        Some(thumbprint) => dpop::bind(provider, &client, issued, thumbprint, now),
        None => Ok(issued),
    }
}

fn grant_type<'a>(provider: &Provider, form: &'a Params) -> Result<&'a str, Refusal> {
    match form.get("grant_type") {
        Some(grant_type) => Ok(grant_type),
        None if provider.breaks(Defect::MissingGrantTypeGuessed) && form.get("code").is_some() => {
            Ok("authorization_code")
        }
        None if provider.breaks(Defect::MissingGrantTypeReportedAsUnsupported) => Err(unsupported(provider, "")),
        None => Err(Refusal::missing("grant_type")),
    }
}

fn unsupported(provider: &Provider, grant_type: &str) -> Refusal {
    if provider.breaks(Defect::UnknownGrantTypeReportedAsInvalidRequest) {
        return Refusal::invalid_request("the grant type is not supported");
    }
    if provider.breaks(Defect::OddGrantType500) && !grant_type.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Refusal::new("server_error", "unexpected grant type").with_status(500);
    }
    Refusal::new("unsupported_grant_type", "the grant type is not supported")
}

fn may_use(provider: &Provider, client: &Client, grant: GrantType) -> bool {
    client.grants.contains(&grant)
        || provider.breaks(Defect::GrantTypesOfClientNotEnforced)
        || provider.breaks(Defect::PasswordGrantOpenToEveryClient) && grant == GrantType::Password
        || provider.breaks(Defect::PublicClientMayUseClientCredentials)
            && grant == GrantType::ClientCredentials
            && client.is_public()
}

impl GrantType {
    fn named(provider: &Provider, name: &str) -> Option<Self> {
        let folded = provider.breaks(Defect::GrantTypeCaseFolded).then(|| name.to_lowercase());
        match folded.as_deref().unwrap_or(name) {
            "authorization_code" => Some(Self::AuthorizationCode),
            "refresh_token" => Some(Self::RefreshToken),
            "client_credentials" => Some(Self::ClientCredentials),
            "password" => Some(Self::Password),
            DEVICE_GRANT => Some(Self::DeviceCode),
            uri if uri.contains(':') && provider.breaks(Defect::UnknownGrantUriTreatedAsClientCredentials) => {
                Some(Self::ClientCredentials)
            }
            _ => None,
        }
    }
}

impl Provider {
    /// Whether this grant is served at all.
    pub(crate) fn offers(&self, grant: GrantType) -> bool {
        self.config.profile == Profile::Rfc6749
            || grant != GrantType::Password
            || self.breaks(Defect::PasswordGrantOffered)
    }

    /// Whether tokens come straight from the authorization endpoint.
    pub(crate) fn offers_implicit(&self) -> bool {
        self.config.profile == Profile::Rfc6749 || self.breaks(Defect::ImplicitOffered)
    }
}
