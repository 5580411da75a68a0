//! The provider inside somebody's own tests: clients and users by code, a free loopback port, and a desk to act on it.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{AuthMethod, Client, GrantType, Lifetimes, Profile, ResponseType, User};
use crate::desk::{Desk, Fault, Logged};
use crate::http::Server;
use crate::{Conduct, Config, ConfigError, Provider};

/// Makes a provider and starts it.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use reference_server::Provider;
/// use reference_server::config::Client;
///
/// let provider = Provider::builder()
///     .client(Client::confidential("app", "a-secret").redirect_uri("https://app.example/cb"))
///     .user("alice", "wonderland")
///     .scope("read")
///     .start()
///     .await
///     .unwrap();
/// assert!(provider.issuer().starts_with("http://127.0.0.1:"));
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    config: Config,
    conduct: Conduct,
    admin: bool,
    threads: usize,
}

/// A provider that answers on a loopback port until it is dropped.
pub struct Running {
    server: Server,
    desk: Arc<Desk>,
}

/// Why a provider does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its clients and users contradict each other.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The system gives no port or no thread.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

impl Provider {
    /// A builder without clients, users and scopes.
    pub fn builder() -> Builder {
        let config = Config { scopes: Vec::new(), clients: Vec::new(), users: Vec::new(), ..Config::default() };
        Builder { config: Config { default_scope: Vec::new(), registration: None, ..config }, ..Builder::built_in() }
    }
}

impl Builder {
    /// A builder with the clients and users of `default.toml`.
    pub fn built_in() -> Self {
        Self { config: Config::default(), conduct: Conduct::default(), admin: false, threads: 1 }
    }

    /// Adds a client. Its scopes exist then; a client that names none may ask for all that exist.
    pub fn client(mut self, client: Client) -> Self {
        self.config.scopes.extend(client.scopes.iter().cloned());
        self.config.clients.push(client);
        self
    }

    /// Adds a user.
    pub fn user(mut self, username: &str, password: &str) -> Self {
        self.config.users.push(User { username: username.into(), password: password.into(), second_factor: None });
        self
    }

    /// Adds a scope. The first one is what a request gets that asks for none.
    pub fn scope(mut self, scope: &str) -> Self {
        if self.config.default_scope.is_empty() {
            self.config.default_scope.push(scope.into());
        }
        self.config.scopes.push(scope.into());
        self
    }

    /// How long things live.
    pub fn lifetimes(mut self, lifetimes: Lifetimes) -> Self {
        self.config.lifetimes = lifetimes;
        self
    }

    /// Which rules hold where two specifications disagree.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.config.profile = profile;
        self
    }

    /// Which promises it breaks and which liberties it takes.
    pub fn conduct(mut self, conduct: Conduct) -> Self {
        self.conduct = conduct;
        self
    }

    /// Everything else that a configuration can say.
    pub fn configure(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Opens `/__admin` to this machine, so that a test in another language can move the clock and script faults.
    pub fn admin(mut self) -> Self {
        self.admin = true;
        self
    }

    /// Starts it on a free loopback port; it answers when this returns.
    pub async fn start(self) -> Result<Running, StartError> {
        self.start_blocking()
    }

    /// The same outside of an event loop.
    pub fn start_blocking(mut self) -> Result<Running, StartError> {
        let scopes = &mut self.config.scopes;
        scopes.sort();
        scopes.dedup();
        for client in self.config.clients.iter_mut().filter(|client| client.scopes.is_empty()) {
            client.scopes.clone_from(scopes);
        }
        let desk = Arc::new(Desk::default());
        let config = self.config.checked()?;
        let server = Server::start_at(self.threads, config, self.conduct, desk.clone(), self.admin)?;
        Ok(Running { server, desk })
    }
}

impl Running {
    /// The issuer identifier, `http://127.0.0.1:PORT`.
    pub fn issuer(&self) -> &str {
        self.server.issuer()
    }

    /// The URL of a path: `/token`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer())
    }

    /// Moves its clock forward.
    pub fn advance(&self, by: Duration) {
        self.desk.advance(by);
    }

    /// Lets something go wrong.
    pub fn fail(&self, fault: Fault) {
        self.desk.fail(fault);
    }

    /// Forgets the faults that are left.
    pub fn heal(&self) {
        self.desk.heal();
    }

    /// The requests so far, the oldest first.
    pub fn requests(&self) -> Vec<Logged> {
        self.desk.requests()
    }
}

impl Client {
    /// A client that holds a secret, with the code, refresh and client credentials grants.
    pub fn confidential(id: &str, secret: &str) -> Self {
        let grants = vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials];
        let auth = vec![AuthMethod::Basic, AuthMethod::Post];
        Self { secret: Some(secret.into()), auth, grants, ..Self::public(id) }
    }

    /// A client that holds none, with the code grant (with PKCE) and refresh tokens.
    pub fn public(id: &str) -> Self {
        Self {
            id: id.into(),
            secret: None,
            name: None,
            keys: Vec::new(),
            auth: vec![AuthMethod::None],
            redirect_uris: Vec::new(),
            link: None,
            post_logout_redirect_uris: Vec::new(),
            grants: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            response_types: vec![ResponseType::Code],
            scopes: Vec::new(),
            native: false,
            require_pkce: false,
            may_introspect: false,
            resource: None,
        }
    }

    /// Adds a redirect URI.
    #[must_use]
    pub fn redirect_uri(mut self, uri: &str) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Adds a scope that it may ask for.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Lets it introspect any token.
    #[must_use]
    pub fn may_introspect(mut self) -> Self {
        self.may_introspect = true;
        self
    }
}
