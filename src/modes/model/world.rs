//! What histories of a target are made of: its clients, users, scopes, endpoints, and whether its clock can be moved.

use super::scope::Words;
use crate::offer::offers;
use crate::target::{Client, ClientAuth, Target};

/// What a target has for histories.
#[derive(Clone, Debug)]
pub struct World {
    /// Clients that may use the code grant.
    pub clients: Vec<Party>,
    /// Roles of users.
    pub users: Vec<&'static str>,
    /// Words of the catalogue that the target offers.
    offered: Vec<&'static str>,
    /// What may be asked for.
    pub scopes: Vec<Words>,
    /// What no client may have is among it, where the target has such a scope.
    pub beyond: Option<Words>,
    /// The template of the scope of a login.
    pub login_scope: &'static str,
    /// Lifetimes in seconds, where the clock can be moved.
    pub lifetimes: Option<Lifetimes>,
    /// OpenID Connect demands a redirect URI of every authorization request.
    pub openid: bool,
    /// OAuth 2.1 does without the redirect URI at the token endpoint.
    pub oauth21: bool,
}

/// A client.
#[derive(Clone, Debug)]
pub struct Party {
    /// Its role in the target file.
    pub role: &'static str,
    /// Whether it has no secret.
    pub public: bool,
    /// Whether it sends its secret in the body.
    pub posts: bool,
    /// How many redirect URIs it has.
    pub uris: usize,
    /// Whether it may refresh.
    pub refreshes: bool,
    /// Whether it may get tokens of its own.
    pub own: bool,
    /// Whether it may present passwords.
    pub password: bool,
}

/// How long things live.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "they say it")]
pub struct Lifetimes {
    pub code: u64,
    pub access: u64,
    pub refresh: u64,
}

const ROLES: &[&str] = &["confidential", "other", "public", "other_public", "two_redirects"];

/// What the model asks about.
const WORDS: &[&str] = &[
    "authorization_code",
    "scripted_user",
    "scripted_denial",
    "refresh_token",
    "client_credentials",
    "password",
    "introspection",
    "introspection_caller",
    "revocation",
    "resource_endpoint",
    "scoped_resources",
    "machine_resource",
    "pkce",
    "pkce_plain",
    "pkce_optional",
    "partial_consent",
    "fresh_consent",
    "hook_disable_user",
    "access_token_revocation",
    "refresh_token_introspection",
];

impl World {
    /// Of this target; `movable` when its clock can be moved.
    pub fn of(target: &Target, movable: bool) -> Self {
        let offered: Vec<&'static str> = WORDS.iter().copied().filter(|word| offers(target, word).is_ok()).collect();
        let clients = ROLES.iter().filter_map(|role| Some(party(role, target.clients.get(*role)?))).collect();
        let users = ["default", "second"].into_iter().filter(|role| target.user(role).is_some()).collect();
        let scoped = ["multi_scope", "scoped_resources"].iter().all(|word| offers(target, word).is_ok());
        let scopes = if scoped { vec![Words::READ, Words::WRITE, Words::BOTH] } else { vec![Words::LOGIN] };
        let beyond = (scoped && offers(target, "refused_scope").is_ok()).then_some(Words::BEYOND);
        let long = target.scopes.contains_key("refresh") && offered.contains(&"refresh_token");
        Self {
            clients,
            users,
            offered,
            scopes,
            beyond,
            login_scope: if long { "{{scopes.refresh?}}" } else { "{{scopes.login?}}" },
            lifetimes: lifetimes(target).filter(|_| movable),
            openid: ["login", "refresh"].iter().any(|name| openid(target, name)),
            oauth21: target.profiles.iter().any(|profile| profile == "oauth2.1"),
        }
    }

    /// Whether the target offers this.
    pub fn offers(&self, word: &str) -> bool {
        self.offered.contains(&word)
    }

    /// Whether there is anything to play.
    pub fn is_playable(&self) -> bool {
        let codes = self.offers("authorization_code") && self.offers("scripted_user") && !self.users.is_empty();
        codes && !self.clients.is_empty()
    }

    /// The client of this role.
    pub fn client(&self, role: &str) -> Option<&Party> {
        self.clients.iter().find(|client| client.role == role)
    }

    /// Whether the client of this role has no secret.
    pub fn is_public(&self, role: &str) -> bool {
        self.client(role).is_some_and(|client| client.public)
    }
}

fn party(role: &&'static str, client: &Client) -> Party {
    let public = client.method() == ClientAuth::None;
    Party {
        role,
        public,
        posts: client.method() == ClientAuth::Post,
        uris: client.redirect_uris.len(),
        refreshes: client.may_use("refresh_token"),
        own: !public && client.may_use("client_credentials") && *role != "two_redirects",
        password: !public && client.may_use("password") && *role != "two_redirects",
    }
}

fn openid(target: &Target, scope: &str) -> bool {
    target.scopes.get(scope).is_some_and(|words| words.split(' ').any(|word| word == "openid"))
}

fn lifetimes(target: &Target) -> Option<Lifetimes> {
    let of = |name: &str| target.lifetimes.get(name).copied();
    Some(Lifetimes { code: of("code")?, access: of("access_token")?, refresh: of("refresh_token")? })
}
