//! What the provider serves: its issuer, scopes, lifetimes, clients and users, read from TOML.
//! [`Config::built_in`] is `default.toml`.

mod lifetimes;

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Deserializer, Serialize};

use crate::second_factor;

pub use lifetimes::{Lifetime, Lifetimes};

/// The configuration of a provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The issuer identifier; also the base of every endpoint.
    pub issuer: String,
    /// Which rules hold where two specifications disagree.
    #[serde(default)]
    pub profile: Profile,
    /// How long codes, tokens and sessions live.
    #[serde(default)]
    pub lifetimes: Lifetimes,
    /// The scopes that exist.
    pub scopes: Vec<String>,
    /// The scope of a request that names none; without it such a request is refused.
    #[serde(default)]
    pub default_scope: Vec<String>,
    /// Whether PKCE may use the method `plain`.
    #[serde(default)]
    pub pkce_plain: bool,
    /// Whether access tokens are signed JWTs; else nobody can read them.
    #[serde(default)]
    pub jwt_access_tokens: bool,
    /// Whether login and consent pages are put together by a script, so that they need a browser.
    #[serde(default)]
    pub scripted_pages: bool,
    /// How the protected resource takes tokens.
    #[serde(default)]
    pub resource: Resource,
    /// Registration for everybody; without it there is no such endpoint.
    pub registration: Option<Registration>,
    /// How many access tokens may live at the same time, and how many refresh tokens; 6,000,000 unless given.
    #[serde(default = "room")]
    pub room: usize,
    /// The registered clients.
    #[serde(default, rename = "client")]
    pub clients: Vec<Client>,
    /// The users.
    #[serde(default, rename = "user")]
    pub users: Vec<User>,
}

fn shared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    String::deserialize(deserializer).map(Into::into)
}

fn room() -> usize {
    6_000_000
}

/// Which rules hold where two specifications disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Profile {
    /// RFC 6749 with the hardening of RFC 9700.
    #[default]
    #[serde(rename = "rfc6749")]
    Rfc6749,
    /// OAuth 2.1: no implicit grant, no password grant, PKCE for everyone.
    #[serde(rename = "oauth2.1")]
    Oauth21,
}

/// How the protected resource takes tokens.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resource {
    /// Whether the form body may carry the token.
    pub form_token: bool,
    /// Whether the query may carry the token.
    pub query_token: bool,
}

impl Default for Resource {
    fn default() -> Self {
        Self { form_token: true, query_token: false }
    }
}

/// What clients get that register themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The scopes that they may ask for.
    pub scopes: Vec<String>,
}

/// A registered client.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The client identifier, which its grants hold as well.
    #[serde(deserialize_with = "shared")]
    pub id: Arc<str>,
    /// The secret that client and provider share; none for a public client.
    pub secret: Option<String>,
    /// The name that the consent page shows; the identifier when left out.
    pub name: Option<String>,
    /// Its page, to which the consent page links.
    pub link: Option<String>,
    /// The public keys that its assertions are checked with.
    #[serde(default, rename = "key")]
    pub keys: Vec<PublicKey>,
    /// The ways in which this client may authenticate.
    pub auth: Vec<AuthMethod>,
    /// The complete redirect URIs.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after a logout.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// The grant types of the token endpoint.
    #[serde(default)]
    pub grants: Vec<GrantType>,
    /// The response types of the authorization endpoint.
    #[serde(default)]
    pub response_types: Vec<ResponseType>,
    /// The scopes it may ask for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// A native application: loopback redirect URIs match on any port.
    #[serde(default)]
    pub native: bool,
    /// Whether the code grant needs PKCE although the client authenticates.
    #[serde(default)]
    pub require_pkce: bool,
    /// Whether it may call the introspection endpoint about any token.
    #[serde(default)]
    pub may_introspect: bool,
    /// The path of the protected resource that it serves; it is told only about tokens that are meant for it.
    pub resource: Option<String>,
}

/// A public key as a JWK (RFC 7517): `RSA` for RS256, `EC` with the curve P-256 for ES256.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PublicKey {
    pub kty: String,
    pub kid: Option<String>,
    pub n: Option<String>,
    pub e: Option<String>,
    pub crv: Option<String>,
    pub x: Option<String>,
    pub y: Option<String>,
}

/// A way for a client to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMethod {
    /// A public client that only names itself.
    None,
    /// HTTP Basic.
    Basic,
    /// `client_secret` in the body.
    Post,
    /// A signed request.
    Signed,
    /// A signed assertion (RFC 7523).
    #[serde(rename = "private_key_jwt")]
    PrivateKeyJwt,
}

/// A grant of the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// The authorization code grant.
    AuthorizationCode,
    /// The refresh grant.
    RefreshToken,
    /// The client credentials grant.
    ClientCredentials,
    /// The resource owner password grant.
    Password,
    /// The device authorization grant (RFC 8628).
    DeviceCode,
}

/// What the authorization endpoint answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// An authorization code.
    Code,
    /// An access token (the implicit grant).
    Token,
    /// Both at once, a set of two words.
    #[serde(rename = "code token")]
    CodeToken,
    /// A code and an ID token.
    #[serde(rename = "code id_token")]
    CodeIdToken,
}

/// A user who can log in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name, any Unicode.
    pub username: String,
    /// The password, any Unicode.
    pub password: String,
    /// The secret of a TOTP generator (RFC 6238), in base32: then the login page asks for its code, too.
    pub second_factor: Option<String>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is no TOML, or not of the expected form; the message points into the text.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// It contradicts itself.
    #[error("{0}")]
    Contradiction(String),
}

impl Config {
    /// Reads a configuration.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text)?;
        config.checked()
    }

    /// The built-in configuration, read once.
    pub fn built_in() -> Arc<Self> {
        static BUILT_IN: LazyLock<Arc<Config>> = LazyLock::new(|| {
            let config = Config::from_toml(include_str!("default.toml"));
            Arc::new(config.expect("the built-in configuration is read by a test"))
        });
        BUILT_IN.clone()
    }

    /// The client of this identifier, compared octet by octet.
    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| *client.id == *id)
    }

    /// The user of this name, compared octet by octet.
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.username == name)
    }

    /// The same when nothing in it contradicts itself.
    pub(crate) fn checked(self) -> Result<Self, ConfigError> {
        for (at, client) in self.clients.iter().enumerate() {
            let complain = |what: &str| Err(ConfigError::Contradiction(format!("client {:?}: {what}", client.id)));
            if self.clients[..at].iter().any(|earlier| earlier.id == client.id) {
                return complain("the identifier is taken");
            }
            if self.user(&client.id).is_some() {
                return complain("a user has the same name");
            }
            let awaits_key = client.auth == [AuthMethod::PrivateKeyJwt];
            let proves_nothing = client.secret.is_none() && client.keys.is_empty() && !awaits_key;
            if client.is_public() != proves_nothing {
                return complain("a client has a secret or a key exactly when it authenticates");
            }
            let code = client.response_types.contains(&ResponseType::Code);
            if code != client.grants.contains(&GrantType::AuthorizationCode) {
                return complain("the response type code and the authorization code grant come together");
            }
            if client.redirect_uris.iter().any(|uri| uri.contains('#') || !uri.contains(':')) {
                return complain("a redirect URI is absolute and has no fragment");
            }
        }
        let unreadable = |user: &&User| user.second_factor.is_some() && second_factor::secret_of(user).is_none();
        match self.users.iter().find(unreadable) {
            Some(user) => {
                Err(ConfigError::Contradiction(format!("user {:?}: the second factor is no base32", user.username)))
            }
            None => Ok(self),
        }
    }
}

impl Default for Config {
    /// A copy of the built-in configuration, to be changed.
    fn default() -> Self {
        Self::clone(&Self::built_in())
    }
}

impl Client {
    /// Whether the client has no credential.
    pub fn is_public(&self) -> bool {
        self.auth.iter().all(|method| *method == AuthMethod::None)
    }

    /// Whether a secret proves who it is. One that lies on many devices proves nothing (RFC 8252 section 8.5).
    pub fn proves_itself(&self) -> bool {
        !self.is_public() && !self.native
    }

    /// Whether it may authenticate this way.
    pub fn authenticates_by(&self, method: AuthMethod) -> bool {
        self.auth.contains(&method)
    }

    /// The name for the consent page.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_configuration_is_good() {
        assert!(Config::default().client("app").is_some());
    }

    #[test]
    fn a_client_that_contradicts_itself_is_refused() {
        let complaint = |client: &str| {
            let text = format!("issuer = \"http://as.example\"\nscopes = []\n[[client]]\nid = \"c\"\n{client}\n");
            Config::from_toml(&text).err().map(|error| error.to_string()).unwrap_or_default()
        };
        let user = "[[user]]\nusername = \"c\"\npassword = \"p\"";
        let code = "auth = [\"none\"]\nresponse_types = [\"code\"]\ngrants = [\"authorization_code\"]\n";
        for (client, what) in [
            (code.to_owned(), ""),
            (format!("{code}redirect_uris = [\"https://c.example/cb\"]"), ""),
            (format!("{code}redirect_uris = [\"https://c.example/cb#x\"]"), "absolute and has no fragment"),
            (format!("{code}redirect_uris = [\"/cb\"]"), "absolute and has no fragment"),
            (format!("{code}secret = \"s\""), "a secret or a key exactly when it authenticates"),
            ("auth = [\"basic\"]".into(), "a secret or a key exactly when it authenticates"),
            ("auth = [\"none\"]\nresponse_types = [\"code\"]".into(), "come together"),
            (format!("{code}{user}"), "a user has the same name"),
            (format!("{code}[[client]]\nid = \"c\"\nauth = [\"none\"]"), "the identifier is taken"),
        ] {
            let complaint = complaint(&client);
            assert!(complaint.contains(what) && complaint.is_empty() == what.is_empty(), "{client}: {complaint}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place() {
        let error = Config::from_toml("issuer = \"x\"\nscopes = []\ncolour = 1\n").unwrap_err();
        assert!(error.to_string().contains("3 | colour"), "{error}");
    }
}
