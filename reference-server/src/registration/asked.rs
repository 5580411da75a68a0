//! What a client asks to be registered as (RFC 7591 section 2), and what it is registered as. Members that are not
//! known here are ignored; values that contradict each other are refused.

use serde::Deserialize;

use super::redirect_uris;
use crate::config::{AuthMethod, Client, GrantType, ResponseType};
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::{Defect, Liberty, Provider, Request, flaws};

const LONGEST_NAME: usize = 200;

/// The client metadata of a request.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    #[serde(default)]
    redirect_uris: Vec<String>,
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    scope: Option<String>,
    client_name: Option<String>,
    client_uri: Option<String>,
    application_type: Option<String>,
}

/// Reads the body, which is one JSON object.
pub fn read(request: &Request) -> Result<Metadata, Refusal> {
    let kind = request.header("content-type").unwrap_or_default().split(|byte| *byte == b';').next();
    if !kind.unwrap_or_default().trim_ascii().eq_ignore_ascii_case(b"application/json") {
        return Err(invalid("the body has to be of type application/json"));
    }
    serde_json::from_slice(&request.body).map_err(|_| invalid("the body is not an object of client metadata"))
}

impl Metadata {
    /// The client, still without identifier and secret.
    pub fn client(&self, provider: &Provider) -> Result<Client, Refusal> {
        let native = self.is_native()?;
        let auth = self.auth(provider, native)?;
        let grants = self.grants(provider, auth)?;
        let response_types = self.response_types(&grants)?;
        if !response_types.is_empty() || !self.redirect_uris.is_empty() {
            redirect_uris::check(provider, &self.redirect_uris, native)?;
        }
        Ok(Client {
            id: "".into(),
            secret: None,
            name: self.name()?,
            auth: vec![auth],
            redirect_uris: self.redirect_uris.clone(),
            grants: grants.iter().filter_map(|grant| grant.token_grant()).collect(),
            response_types,
            scopes: self.scopes(provider)?,
            native,
            require_pkce: false,
            may_introspect: false,
            keys: Vec::new(),
            resource: None,
            link: self.client_uri.clone(),
            post_logout_redirect_uris: Vec::new(),
        })
    }

    fn is_native(&self) -> Result<bool, Refusal> {
        match self.application_type.as_deref() {
            None | Some("web") => Ok(false),
            Some("native") => Ok(true),
            Some(_) => Err(invalid("application_type is web or native")),
        }
    }

    /// What is installed on many devices keeps no secret: a native client is registered as a public one, whatever it asks for.
    fn auth(&self, provider: &Provider, native: bool) -> Result<AuthMethod, Refusal> {
        let asked = match self.token_endpoint_auth_method.as_deref() {
            None | Some("client_secret_basic") => AuthMethod::Basic,
            Some("client_secret_post") => AuthMethod::Post,
            Some("none") => AuthMethod::None,
            Some(_) => return Err(invalid("token_endpoint_auth_method is not supported")),
        };
        let confidential =
            flaws::native_as_confidential(provider) || provider.takes(Liberty::NativeClientsGetOwnSecrets);
        Ok(match native {
            true if asked == AuthMethod::None && provider.breaks(Defect::NativeClientRegisteredAsConfidential) => {
                AuthMethod::Basic
            }
            true if !confidential => AuthMethod::None,
            _ => asked,
        })
    }

    fn grants(&self, provider: &Provider, auth: AuthMethod) -> Result<Vec<Flow>, Refusal> {
        let Some(names) = &self.grant_types else { return Ok(vec![Flow::Code]) };
        let flow = |name: &String| match name.as_str() {
            "authorization_code" => Ok(Flow::Code),
            "refresh_token" => Ok(Flow::Refresh),
            "implicit" if provider.offers_implicit() => Ok(Flow::Implicit),
            "client_credentials" if auth != AuthMethod::None => Ok(Flow::Own),
            _ => Err(invalid("grant_types has one that this client cannot use")),
        };
        names.iter().map(flow).collect()
    }

    /// Each grant has its response type; left out, they are those of the grants.
    fn response_types(&self, grants: &[Flow]) -> Result<Vec<ResponseType>, Refusal> {
        let has = |flow: Flow| grants.contains(&flow);
        let code = has(Flow::Code).then_some(("code", ResponseType::Code));
        let token = has(Flow::Implicit).then_some(("token", ResponseType::Token));
        let wanted: Vec<_> = code.into_iter().chain(token).collect();
        let same = |names: &Vec<String>| {
            names.len() == wanted.len() && wanted.iter().all(|(name, _)| names.iter().any(|asked| asked == name))
        };
        if self.response_types.as_ref().is_some_and(|names| !same(names)) {
            return Err(invalid("response_types are not those of grant_types"));
        }
        Ok(wanted.into_iter().map(|(_, response_type)| response_type).collect())
    }

    /// Of the scopes that are open to everybody: those asked for, or all.
    fn scopes(&self, provider: &Provider) -> Result<Vec<String>, Refusal> {
        let open = match provider.breaks(Defect::SelfRegisteredClientGetsEveryScope) {
            true => provider.config.scopes.as_slice(),
            false => provider.config.registration.as_ref().map_or(&[][..], |registration| &registration.scopes),
        };
        let Some(text) = &self.scope else { return Ok(open.to_vec()) };
        let asked = Scope::parse(text).ok_or_else(|| invalid("scope is malformed"))?;
        let allowed = asked.only(|word| open.iter().any(|known| known == word));
        let whole = allowed == asked || provider.takes(Liberty::UnknownScopeDropped) && !allowed.is_empty();
        if whole { Ok(allowed.words().to_vec()) } else { Err(invalid("scope is unknown or not open to everybody")) }
    }

    fn name(&self) -> Result<Option<String>, Refusal> {
        let fits = |name: &String| name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
        match &self.client_name {
            Some(name) if !fits(name) => Err(invalid("client_name is too long, or not a line of text")),
            name => Ok(name.clone().filter(|name| !name.is_empty())),
        }
    }
}

/// A grant type as clients register it; the implicit one has no part at the token endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Code,
    Refresh,
    Implicit,
    Own,
}

impl Flow {
    fn token_grant(self) -> Option<GrantType> {
        match self {
            Self::Code => Some(GrantType::AuthorizationCode),
            Self::Refresh => Some(GrantType::RefreshToken),
            Self::Own => Some(GrantType::ClientCredentials),
            Self::Implicit => None,
        }
    }
}

fn invalid(description: &str) -> Refusal {
    Refusal::new("invalid_client_metadata", description)
}
