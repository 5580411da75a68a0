//! Dynamic client registration, RFC 7591. Whoever asks is registered, and gets nothing that takes an administrator: no
//! restricted scope, no password grant, no introspection. Registrations end by themselves, or sooner when the client wants
//! it (`manage.rs`).
//!
//! The store is bounded: 10,000 clients for 30 days each. When it is full, the provider answers `temporarily_unavailable`
//! (503, `Retry-After`) until some have ended.

mod asked;
mod manage;
mod redirect_uris;

pub use manage::handle as manage;

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::config::{AuthMethod, Client, ResponseType};
use crate::constant_time::same;
use crate::refusal::Refusal;
use crate::shelf::{Full, Key, Shelf, key};
use crate::{Liberty, Provider, Request, Response, flaws};

const CLIENTS: usize = 10_000;
const LIFETIME_MS: u64 = 30 * 86_400_000;

/// The clients that registered themselves.
#[derive(Debug)]
pub struct Registrations(Mutex<Shelf<Registered>>);

#[derive(Debug)]
struct Registered {
    client: Client,
    /// The digest of the token that manages it.
    manager: Key,
    /// What it was told of itself, save that token.
    information: Value,
}

impl Registrations {
    /// Nobody yet.
    pub fn new() -> Self {
        Self(Mutex::new(Shelf::new(CLIENTS)))
    }

    /// The client of this identifier, unless its registration ended.
    pub fn find(&self, id: &str, now: u64) -> Option<Client> {
        self.shelf().get(&key(id), now).map(|registered| registered.client.clone())
    }

    fn keep(&self, registered: Registered, ends: u64, now: u64) -> Result<(), Full> {
        self.shelf().put(key(&registered.client.id), registered, ends, now)
    }

    fn information(&self, id: &str, now: u64) -> Option<Value> {
        self.shelf().get(&key(id), now).map(|registered| registered.information.clone())
    }

    fn is_managed_by(&self, id: &str, manager: &Key, now: u64) -> bool {
        self.shelf().get(&key(id), now).is_some_and(|registered| same(registered.manager, manager))
    }

    /// Whether the token manages some client, whichever it is.
    fn is_manager(&self, manager: &Key) -> bool {
        self.shelf().values().any(|registered| same(registered.manager, manager))
    }

    fn end(&self, id: &str, now: u64) {
        self.shelf().take(&key(id), now);
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf<Registered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers a request at the registration endpoint.
pub fn handle(provider: &Provider, request: &Request, now: u64) -> Response {
    match register(provider, request, now) {
        Ok(registered) => flaws::registration_response(provider, Response::json(201, &registered).uncached()),
        Err(refusal) => refusal.json(),
    }
}

fn register(provider: &Provider, request: &Request, now: u64) -> Result<Value, Refusal> {
    let metadata = asked::read(request)?;
    let mut client = metadata.client(provider)?;
    let ends = match provider.takes(Liberty::RegistrationNeverEnds) {
        true => u64::MAX,
        false => now.saturating_add(LIFETIME_MS),
    };
    client.secret = (!client.is_public()).then(|| new_secret(provider, &client));
    client.id = flaws::odd_client_id(provider, request).unwrap_or_else(|| new_id(provider, &client)).into();
    let mut information = information(provider, &client, ends, now);
    let manager = provider.random.value();
    information["registration_client_uri"] = json!(manage::address(provider, &client.id));
    let registered = Registered { client, manager: key(&manager), information: information.clone() };
    provider.registrations.keep(registered, ends, now)?;
    Ok(with_manager(information, &manager))
}

fn with_manager(mut information: Value, manager: &str) -> Value {
    information["registration_access_token"] = json!(manager);
    information
}

/// 128 random bits. Copies of one public client may be one client (RFC 7591 section 3.2.1).
fn new_id(provider: &Provider, client: &Client) -> String {
    if client.is_public() && provider.takes(Liberty::CopiesAreOneClient) {
        return URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{client:?}")));
    }
    URL_SAFE_NO_PAD.encode(provider.random.bytes::<16>())
}

fn new_secret(provider: &Provider, client: &Client) -> String {
    flaws::poor_secret(provider, client).unwrap_or_else(|| provider.random.value())
}

/// The client information response, RFC 7591 section 3.2.1: all that was registered, as it was registered.
fn information(provider: &Provider, client: &Client, ends: u64, now: u64) -> Value {
    let implicit = client.response_types.contains(&ResponseType::Token).then(|| json!("implicit"));
    let grant_types: Vec<Value> = client.grants.iter().map(|grant| json!(grant)).chain(implicit).collect();
    let mut information = json!({
        "client_id": *client.id,
        "client_id_issued_at": now / 1000,
        "redirect_uris": client.redirect_uris,
        "token_endpoint_auth_method": auth_method(client),
        "grant_types": grant_types,
        "response_types": client.response_types,
        "scope": client.scopes.join(" "),
        "application_type": if client.native { "native" } else { "web" },
    });
    if let Some(name) = &client.name {
        information["client_name"] = json!(name);
    }
    if let Some(link) = &client.link {
        information["client_uri"] = json!(link);
    }
    if let Some(secret) = client.secret.clone().or_else(|| flaws::needless_secret(provider)) {
        information["client_secret"] = json!(secret);
        information["client_secret_expires_at"] = json!(if ends == u64::MAX { 0 } else { ends / 1000 });
    }
    information
}

fn auth_method(client: &Client) -> &'static str {
    match client.auth.first() {
        Some(AuthMethod::Basic) => "client_secret_basic",
        Some(AuthMethod::Post) => "client_secret_post",
        _ => "none",
    }
}
