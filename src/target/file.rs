//! The target file as data, and the questions one can ask of it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::login::Login;
use super::tls::Tls;
use crate::secret::Secrets;

/// A target file as written.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The name in reports; the file's stem unless given.
    #[serde(default)]
    pub name: String,
    /// The issuer identifier.
    pub issuer: Option<String>,
    /// Whether the metadata document is fetched first and fills what the file leaves out; `true` unless given.
    pub discover: Option<bool>,
    /// A metadata URL in place of the well-known one.
    pub metadata: Option<String>,
    /// What the target offers besides what endpoints, clients and metadata tell, in the words of `needs`.
    #[serde(default)]
    pub supports: Vec<String>,
    /// What it does not offer though it looks so.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// Profiles the target claims; judged by default with `rfc6749` and `rfc9700`.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// URLs by name: `authorization`, `token`, `introspection`, `revocation`, `resource`, `resource_write`, `otp_code`...
    #[serde(default)]
    pub endpoints: IndexMap<String, String>,
    /// What there is to know about its TLS.
    #[serde(default)]
    pub tls: Tls,
    /// Clients by role.
    #[serde(default)]
    pub clients: IndexMap<String, Client>,
    /// Users by role; `default` is who logs in, `second_factor` has to show more than the password.
    #[serde(default)]
    pub users: IndexMap<String, User>,
    /// How one logs in.
    pub login: Option<Login>,
    /// Scopes by purpose: `login`, `machine`, `refresh`, `read`, `write`, `two` (several), `refused`, `unknown`.
    #[serde(default)]
    pub scopes: IndexMap<String, String>,
    /// Resource servers as the `resource` parameter names them (RFC 8707): `own` is the one of `endpoints.resource`, `other` the
    /// one of `endpoints.other_resource`.
    #[serde(default)]
    pub resources: IndexMap<String, String>,
    /// A response type of several words that the client of the role `composite` may use; from the metadata unless given.
    pub composite_response_type: Option<String>,
    /// Lifetimes in seconds that the owner knows: `code`, `access_token`.
    #[serde(default)]
    pub lifetimes: IndexMap<String, u64>,
    /// Request parameters this target wants in each authorization request.
    #[serde(default)]
    pub authorize: IndexMap<String, String>,
    /// How fast and how patiently the target is asked.
    #[serde(default)]
    pub pace: Pace,
    /// How it departs from the RFCs' wire format, so that flows get through.
    #[serde(default)]
    pub dialect: Dialect,
    /// Commands that change something at the server: `disable_user`, `enable_user`; program and arguments, in which
    /// `{username}` is filled in.
    #[serde(default)]
    pub hooks: IndexMap<String, Vec<String>>,
    /// What may be done to it besides ordinary requests: `race`, `fuzz`, `bench`. Loopback targets allow all.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Deviations that the owner knows about.
    #[serde(default)]
    pub known: Vec<Known>,
}

/// A registered client.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// `client_id`; empty when `register` is true.
    #[serde(default)]
    pub id: String,
    /// `client_secret`, best as `"${VARIABLE}"`.
    pub secret: Option<String>,
    /// How it authenticates; `basic` with a secret, `none` without, unless given.
    pub auth: Option<ClientAuth>,
    /// Its private key, a JWK as text, for assertions (`private_key_jwt`).
    pub key: Option<String>,
    /// Whom its assertions are for; the issuer unless given, older servers want the URL of their token endpoint.
    pub audience: Option<String>,
    /// Its redirect URIs.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// The grants it may use; all that the target supports unless given.
    pub grants: Option<Vec<String>>,
    /// Obtained by dynamic registration (RFC 7591).
    #[serde(default)]
    pub register: bool,
    /// The name shown on the consent page.
    pub display_name: Option<String>,
}

/// How a client authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuth {
    /// HTTP Basic.
    Basic,
    /// In the body.
    Post,
    /// Not at all (a public client).
    None,
    /// TOTP and HMAC-SHA1 signed requests.
    Signed,
    /// An assertion that its key signed (RFC 7523).
    #[serde(rename = "private_key_jwt")]
    PrivateKeyJwt,
}

/// A user account.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name typed at the login page.
    pub username: String,
    /// The password.
    #[serde(default)]
    pub password: String,
    /// Cookies or a header value for the drivers that need one per user.
    pub credential: Option<String>,
}

/// How fast and how patiently.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Pace {
    /// Requests per second at most; 0 is no limit.
    pub rate: u32,
    /// Milliseconds that an answer may take.
    pub timeout_ms: u64,
    /// Seconds that `--slow` may wait in one step.
    pub max_wait: u64,
    /// The largest sample a statistical check may draw.
    pub sample: u32,
    /// Checks at the same time.
    pub jobs: u32,
    /// Milliseconds after which a set-up that did not get through is tried once more; 0 never.
    pub retry_ms: u64,
}

/// Departures from the RFCs' wire format.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Dialect {
    /// Other values of `grant_type`: `client_credentials = "access_token"`.
    pub grant_type: IndexMap<String, String>,
    /// Other parameter names.
    pub parameter: IndexMap<String, String>,
    /// Token request parameters travel in the query.
    pub token_parameters_in_query: bool,
    /// Endpoints that take their parameters as one JSON object in place of a form.
    pub json_to: Vec<String>,
}

/// A deviation that the owner knows about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The check's id, `check` or `check#case`; `*` at the end stands for all that begin so.
    pub check: String,
    /// Why it is known and left.
    pub reason: String,
    /// Whether it does not show in every run (a race): then it is never stale.
    #[serde(default)]
    pub sometimes: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rate: 0, timeout_ms: 10_000, max_wait: 0, sample: 100, jobs: 4, retry_ms: 1_100 }
    }
}

impl Client {
    /// A client that holds a secret.
    pub fn confidential(id: &str, secret: &str, redirect_uri: &str) -> Self {
        Self { secret: Some(secret.into()), ..Self::public(id, redirect_uri) }
    }

    /// A client that holds none.
    pub fn public(id: &str, redirect_uri: &str) -> Self {
        Self { id: id.into(), redirect_uris: vec![redirect_uri.into()], ..Self::default() }
    }

    /// The same, for these grants only; without this a client may use all that the target offers.
    #[must_use]
    pub fn grants(self, grants: &[&str]) -> Self {
        Self { grants: Some(grants.iter().map(|grant| (*grant).to_owned()).collect()), ..self }
    }

    /// Whether a client of another role may be taken for this one.
    fn stands_in(&self, role: &str) -> bool {
        let native = |uri: &String| uri.starts_with("http://127.") || uri.starts_with("http://[::1]");
        match role {
            "machine" | "composite" => true,
            "native" => self.redirect_uris.iter().any(native),
            _ => self.may_use(role),
        }
    }

    /// How it authenticates, by what is given.
    pub fn method(&self) -> ClientAuth {
        match (self.auth, &self.secret) {
            (Some(auth), _) => auth,
            (None, _) if self.key.is_some() => ClientAuth::PrivateKeyJwt,
            (None, Some(_)) => ClientAuth::Basic,
            (None, None) => ClientAuth::None,
        }
    }

    /// Whether it may use a grant.
    pub fn may_use(&self, grant: &str) -> bool {
        self.grants.as_ref().is_none_or(|grants| grants.iter().any(|known| known == grant))
    }
}

impl Target {
    /// The client of a role. Roles that are named for a grant fall back to one that may use it.
    pub fn client(&self, role: &str) -> Option<&Client> {
        let fallback: &[&str] = match role {
            "implicit" => &["public", "confidential"],
            "machine" | "password" | "composite" => &["confidential"],
            "native" => &["public"],
            "device_code" => &["confidential", "public"],
            _ => &[],
        };
        let usable = |name: &&&str| self.clients.get(**name).is_some_and(|client| client.stands_in(role));
        self.clients.get(role).or_else(|| self.clients.get(*fallback.iter().find(usable)?))
    }

    /// The user of a role; `default` is the first one when none is called so.
    pub fn user(&self, role: &str) -> Option<&User> {
        self.users.get(role).or_else(|| self.users.values().next().filter(|_| role == "default"))
    }

    /// An endpoint as it would be reached without TLS.
    pub fn cleartext(&self, endpoint: &str) -> Option<String> {
        let url = url::Url::parse(self.endpoints.get(endpoint)?).ok()?;
        let rest = &url[url::Position::BeforePath..url::Position::AfterQuery];
        Some(format!("{}{rest}", self.tls.cleartext.as_ref()?.trim_end_matches('/')))
    }

    /// The origins that requests may go to: those of the issuer, the metadata and every endpoint, and the one without TLS.
    pub fn origins(&self) -> Vec<String> {
        let urls = self.endpoints.values().chain(&self.issuer).chain(&self.metadata).chain(&self.tls.cleartext);
        let mut origins: Vec<String> =
            urls.filter_map(|url| url::Url::parse(url).ok()).map(|url| url.origin().ascii_serialization()).collect();
        origins.sort();
        origins.dedup();
        origins
    }

    /// Whether this may be done to it, as `allow` says; to what is on this machine all may.
    pub fn allows(&self, what: &str) -> bool {
        self.allow.iter().any(|word| word == what) || self.origins().iter().all(|origin| is_local(origin))
    }

    /// What a reader of a report has to know: that anybody could have answered in the place of the server.
    pub fn caution(&self) -> Option<String> {
        let tls = self.origins().iter().any(|origin| origin.starts_with("https:"));
        (self.tls.insecure && tls).then(|| UNVERIFIED.to_owned())
    }

    /// The secrets of the file: client secrets, passwords, credentials.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        self.clients.values().filter_map(|client| client.secret.as_deref()).for_each(|secret| secrets.add(secret));
        self.clients.values().filter_map(|client| client.key.as_deref()).for_each(|key| private(key, &mut secrets));
        for user in self.users.values() {
            secrets.add(&user.password);
            user.credential.iter().for_each(|credential| secrets.add(credential));
        }
        secrets
    }
}

/// Whether an origin is on this machine.
pub fn is_local(origin: &str) -> bool {
    url::Url::parse(origin).is_ok_and(|url| match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    })
}

const UNVERIFIED: &str = "the certificate of the server was not verified (insecure): whoever is on the way can answer for it and read \
                          what it is told";

/// The private members of a JWK, and the whole.
fn private(key: &str, secrets: &mut Secrets) {
    secrets.add(key);
    let members: IndexMap<String, serde_json::Value> = serde_json::from_str(key).unwrap_or_default();
    let hidden = ["d", "p", "q", "dp", "dq", "qi", "k"].iter().filter_map(|name| members.get(*name)?.as_str());
    hidden.for_each(|member| secrets.add(member));
}
