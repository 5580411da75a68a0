//! The provider: one call that takes a request and gives a response. Routing, and nothing but routing, is here.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::assertion::Accepted;
use crate::authorize::Ask;
use crate::config::Lifetime;
use crate::device::Devices;
use crate::dpop::Bindings;
use crate::grants::{Grant, Grants};
use crate::keys::{Algorithm, SigningKey};
use crate::pkce::Challenge;
use crate::registration::{self, Registrations};
use crate::scope::Scope;
use crate::second_factor::Enrolments;
use crate::sessions::Sessions;
use crate::shared::Shared;
use crate::shelf::{Key, key};
use crate::signing::Seen;
use crate::throttle::Throttle;
use crate::{
    Conduct, Config, Defect, Liberty, Random, Request, Response, authorize, classic, cleartext, device, flaws,
    interaction, introspect, keys, liberties, logout, metadata, pages, resource, revoke, second_factor, token,
};

/// A strict OAuth 2.0 provider.
#[derive(Debug)]
pub struct Provider {
    pub(crate) config: Arc<Config>,
    /// Where the path of the issuer begins in it.
    base: usize,
    pub(crate) conduct: Conduct,
    pub(crate) random: Random,
    pub(crate) grants: Grants,
    pub(crate) devices: Devices,
    pub(crate) sessions: Sessions,
    pub(crate) registrations: Registrations,
    pub(crate) client_guesses: Throttle,
    pub(crate) user_guesses: Throttle,
    pub(crate) otp_guesses: Throttle,
    pub(crate) code_guesses: Throttle,
    pub(crate) user_code_guesses: Throttle,
    pub(crate) enrolments: Enrolments,
    pub(crate) signed_requests: Seen,
    pub(crate) accepted_assertions: Accepted,
    pub(crate) bindings: Bindings,
    pub(crate) signing_key: SigningKey,
    pub(crate) scopes: Shared<Scope>,
    users_off: RwLock<HashSet<String>>,
    /// What a provider remembers that mixes up codes: the last challenge of a client or user, and a counter.
    mixed_up: Mutex<(HashMap<String, Challenge>, u64)>,
}

impl Provider {
    /// A provider with nothing issued yet. Many providers may share one configuration.
    pub fn new(config: impl Into<Arc<Config>>, conduct: Conduct, random: Random) -> Self {
        let algorithm = if conduct.takes(Liberty::SignedWithEddsa) { Algorithm::EdDsa } else { Algorithm::Es256 };
        let signing_key = SigningKey::new(random.bytes(), algorithm);
        let otp_guesses = if conduct.breaks(Defect::OtpAttemptLimitTooHigh) { 200 } else { 10 };
        let config = config.into();
        Self {
            enrolments: Enrolments::of(&config.users),
            grants: Grants::new(config.room),
            base: path_of(&config.issuer),
            config,
            conduct,
            random,
            devices: Devices::new(),
            sessions: Sessions::new(),
            registrations: Registrations::new(),
            client_guesses: Throttle::new(50),
            user_guesses: Throttle::new(25),
            otp_guesses: Throttle::new(otp_guesses),
            code_guesses: Throttle::new(50),
            user_code_guesses: Throttle::new(25),
            signed_requests: Seen::default(),
            accepted_assertions: Accepted::default(),
            bindings: Bindings::default(),
            signing_key,
            scopes: Shared::default(),
            users_off: RwLock::default(),
            mixed_up: Mutex::default(),
        }
    }

    /// Switches a user off or on again. Off, the user cannot log in, and nothing that stands for the user is good.
    pub fn switch_user(&self, username: &str, on: bool) {
        let mut off = self.users_off.write().unwrap_or_else(PoisonError::into_inner);
        if on {
            off.remove(username)
        } else {
            off.insert(username.to_owned())
        };
    }

    /// Whether this user was switched off, unless that promise is broken here.
    pub(crate) fn is_off(&self, username: Option<&str>, broken: Defect) -> bool {
        let Some(username) = username.filter(|_| !self.breaks(broken)) else { return false };
        self.users_off.read().unwrap_or_else(PoisonError::into_inner).contains(username)
    }

    /// The same provider under another issuer, for when the port is known only after it was bound.
    #[must_use]
    pub fn with_issuer(mut self, issuer: &str) -> Self {
        Arc::make_mut(&mut self.config).issuer = issuer.into();
        self.base = path_of(issuer);
        self
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Which promises it breaks and which liberties it takes.
    pub fn conduct(&self) -> &Conduct {
        &self.conduct
    }

    /// Answers one request; `now` is in Unix milliseconds. Takes any bytes and never panics.
    pub fn handle(&self, request: &Request, now: u64) -> Response {
        let mut answer = self.answer(request, now);
        if self.conduct.has_defects() {
            answer = flaws::practice(self, request, answer);
        }
        if self.conduct.has_liberties() {
            answer = liberties::in_answer(self, request, answer);
        }
        answer
    }

    fn answer(&self, request: &Request, now: u64) -> Response {
        let path = request.path();
        if let Some(response) = cleartext::turned_away(self, request) {
            return response;
        }
        if self.conduct.has_defects()
            && let Some(response) = flaws::lost_by_query(self, request).or_else(|| flaws::stray_metadata(self, request))
        {
            return response;
        }
        if let Some(tail) = path.strip_prefix(metadata::WELL_KNOWN) {
            return match tail == self.base_path() || flaws::serves_any_tenant(self) {
                true => allow(request, &["GET", "HEAD"], || metadata::handle(self, request)),
                false => flaws::no_metadata(self),
            };
        }
        match path.strip_prefix(self.base_path()) {
            Some(path) => self.route(path, request, now),
            None => Response::empty(404),
        }
    }

    fn route(&self, path: &str, request: &Request, now: u64) -> Response {
        match path {
            "/authorize" => flaws::cors(self, request, || {
                allow(request, authorize_methods(self), || authorize::handle(self, request, now))
            }),
            "/login" => allow(request, &["POST"], || interaction::login(self, request, now)),
            "/consent" => allow(request, &["POST"], || interaction::consent(self, request, now)),
            "/token" => allow(request, token_methods(self), || token::handle(self, request, now)),
            "/device_authorization" => allow(request, &["POST"], || device::authorize(self, request, now)),
            "/device" => allow(request, &["GET", "HEAD", "POST"], || device::verify(self, request, now)),
            "/introspect" => allow(request, introspection_methods(self), || introspect::handle(self, request, now)),
            "/revoke" => allow(request, revocation_methods(self), || revoke::handle(self, request, now)),
            "/register" if self.config.registration.is_some() => {
                allow(request, &["POST"], || registration::handle(self, request, now))
            }
            _ if path.starts_with("/register/") && self.config.registration.is_some() => {
                let id = &path["/register/".len()..];
                allow(request, &["GET", "DELETE"], || registration::manage(self, id, request, now))
            }
            _ if flaws::registers_all_the_same(self, path) => registration::handle(self, request, now),
            "/error" => allow(request, &["GET", "HEAD"], || pages::told(self, request)),
            "/jwks" => allow(request, &["GET", "HEAD"], || keys::handle(self, request)),
            "/logout" => allow(request, &["GET", "HEAD", "POST"], || logout::handle(self, request, now)),
            "/resource" | "/resource/write" | "/archive" | "/userinfo" => {
                let methods: &[&str] = if path == "/resource" { &["GET", "HEAD", "POST"] } else { &["GET", "HEAD"] };
                let writes = path == "/resource/write" || request.method == "POST";
                let server = if path == "/archive" { "/archive" } else { "/resource" };
                let needs = if writes { "write" } else { "read" };
                let place = resource::Place { server, needs, personal: path == "/userinfo" };
                allow(request, methods, || resource::handle(self, request, place, now))
            }
            "/otp/code" | "/otp/hmac" | "/otp/enrol" | "/otp/verify" => {
                allow(request, &["POST"], || second_factor::handle(self, &path["/otp/".len()..], request, now))
            }
            _ => match classic::endpoint(self, path) {
                Some(endpoint) => {
                    allow(request, classic_methods(endpoint), || classic::handle(self, endpoint, request, now))
                }
                None => Response::empty(404),
            },
        }
    }

    /// Whether this promise is broken.
    pub(crate) fn breaks(&self, defect: Defect) -> bool {
        self.conduct.breaks(defect)
    }

    /// Whether one of these promises is broken.
    pub(crate) fn breaks_any(&self, defects: &[Defect]) -> bool {
        defects.iter().any(|defect| self.breaks(*defect))
    }

    /// Whether this liberty is taken.
    pub(crate) fn takes(&self, liberty: Liberty) -> bool {
        self.conduct.takes(liberty)
    }

    /// The path of the issuer, in front of every path but the well-known one.
    pub(crate) fn base_path(&self) -> &str {
        self.config.issuer[self.base..].trim_end_matches('/')
    }

    /// How long a code lives.
    pub(crate) fn code_lifetime(&self) -> Lifetime {
        if self.breaks(Defect::CodeLivesLongerThanTenMinutes) {
            return Lifetime(Some(3600));
        }
        match () {
            () if self.breaks(Defect::CodeNeverExpires) => Lifetime(None),
            () if self.takes(Liberty::ShortCodes) => Lifetime(Some(30)),
            () => self.config.lifetimes.code,
        }
    }

    /// A fresh code.
    pub(crate) fn new_code(&self, ask: &Ask) -> String {
        if self.breaks(Defect::CodesAreSequential) {
            let mut mixed_up = self.mixed_up.lock().unwrap_or_else(PoisonError::into_inner);
            mixed_up.1 += 1;
            return format!("code-0000000000000000000000000000-{:08}", mixed_up.1);
        }
        flaws::odd_code(self, ask).unwrap_or_else(|| {
            let value = self.random.value();
            match () {
                () if self.takes(Liberty::LongCodes) => (0..23).fold(value, |code, _| code + &self.random.value()),
                () if self.takes(Liberty::CodeWithEveryAllowedCharacter) => {
                    format!("{value}{}", crate::token::PUNCTUATION)
                }
                () => value,
            }
        })
    }

    /// The key under which a code is kept.
    pub(crate) fn code_key(&self, code: &str) -> Key {
        if self.breaks(Defect::TamperedCodeAccepted) { key(flaws::first_part(code)) } else { key(code) }
    }

    /// Mixes up challenges: the last one of the client or of the user stands for all.
    pub(crate) fn mix_up_challenge(&self, grant: &Grant, challenge: Option<&Challenge>) {
        if let (Some(owner), Some(challenge)) = (self.challenge_owner(grant), challenge) {
            let mut mixed_up = self.mixed_up.lock().unwrap_or_else(PoisonError::into_inner);
            mixed_up.0.insert(owner, challenge.clone());
        }
    }

    /// The challenge that stands for all, where they are mixed up.
    pub(crate) fn last_challenge(&self, grant: &Grant) -> Option<Challenge> {
        let owner = self.challenge_owner(grant)?;
        self.mixed_up.lock().unwrap_or_else(PoisonError::into_inner).0.get(&owner).cloned()
    }

    fn challenge_owner(&self, grant: &Grant) -> Option<String> {
        if self.breaks(Defect::ChallengeStoredPerClientNotPerCode) {
            return Some(grant.client.to_string());
        }
        self.breaks(Defect::ChallengeStoredPerSession).then(|| grant.user.clone()).flatten()
    }
}

/// Where the path begins in an issuer; its length when it has none.
fn path_of(issuer: &str) -> usize {
    let host = issuer.find("://").map_or(issuer.len(), |at| at + "://".len());
    issuer[host..].find('/').map_or(issuer.len(), |at| host + at)
}

/// Answers when the method is one of these, and says which are when it is not.
fn allow(request: &Request, methods: &[&str], answer: impl FnOnce() -> Response) -> Response {
    if methods.contains(&request.method.as_str()) {
        return answer();
    }
    Response::empty(405).with("Allow", methods.join(", "))
}

fn authorize_methods(provider: &Provider) -> &'static [&'static str] {
    if provider.breaks(Defect::AuthorizeRefusesGet) { &["POST"] } else { &["GET", "HEAD", "POST"] }
}

fn token_methods(provider: &Provider) -> &'static [&'static str] {
    if provider.breaks(Defect::TokenEndpointAnswersGet) { &["GET", "POST"] } else { &["POST"] }
}

fn introspection_methods(provider: &Provider) -> &'static [&'static str] {
    if provider.breaks(Defect::IntrospectionPostUnsupported) { &["GET"] } else { introspection_get(provider) }
}

fn introspection_get(provider: &Provider) -> &'static [&'static str] {
    if provider.breaks(Defect::IntrospectionByGet) { &["GET", "POST"] } else { &["POST"] }
}

fn revocation_methods(provider: &Provider) -> &'static [&'static str] {
    if provider.breaks(Defect::RevocationByGet) { &["GET", "POST"] } else { &["POST"] }
}

fn classic_methods(endpoint: classic::Endpoint) -> &'static [&'static str] {
    match endpoint {
        classic::Endpoint::Authorize => &["GET", "HEAD"],
        classic::Endpoint::Token => &["POST"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_issuer_begins_behind_its_host() {
        for (issuer, path) in [("https://a/b/c", "/b/c"), ("http://as.example", ""), ("https://as.example:1/", "/")] {
            assert_eq!(&issuer[path_of(issuer)..], path, "{issuer}");
        }
    }
}
