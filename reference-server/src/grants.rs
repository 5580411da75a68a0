//! The store: what users and clients were granted, and the codes and tokens that stand for it.
//!
//! Redeeming a code and rotating a refresh token are one operation under one lock, so of any number of
//! simultaneous attempts one succeeds. Secrets are kept as SHA-256 digests. Everything that was issued from
//! one authorization shares one [`Grant`]; revoking that ends all of it at once.
//!
//! The store is bounded: 1,000,000 codes, and as many access tokens and refresh tokens as the configuration gives room.
//! When one kind is full, the provider answers `temporarily_unavailable` (503, `Retry-After`) until some have expired.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use crate::audience::Audience;
use crate::pkce::Challenge;
use crate::scope::Scope;
use crate::shelf::{Full, Key};
use crate::shelves::Shelves;

const CODES: usize = 1_000_000;

/// How far an access token reaches.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Its scope, which may be narrower than that of the grant.
    pub scope: Scope,
    /// The resource servers that it is for, which may be fewer than those of the grant.
    pub audience: Audience,
}

/// What one user allowed one client, or what a client may do for itself.
#[derive(Debug)]
pub struct Grant {
    /// The client.
    pub client: Arc<str>,
    /// The user; none when the client acts for itself.
    pub user: Option<String>,
    /// The scope that was granted.
    pub scope: Scope,
    /// The scope that was asked for.
    pub requested: Scope,
    /// The resource servers that it is for.
    pub audience: Audience,
    access_revoked: AtomicBool,
    refresh_revoked: AtomicBool,
    generations: AtomicU32,
}

impl Grant {
    /// A grant of this scope for every resource server, after that scope was asked for (empty when none was named).
    pub fn new(client: impl Into<Arc<str>>, user: Option<&str>, scope: Scope, requested: Scope) -> Self {
        let (access_revoked, refresh_revoked, generations) = Default::default();
        let (client, user, audience) = (client.into(), user.map(Into::into), Audience::EVERYBODY);
        Self { client, user, scope, requested, audience, access_revoked, refresh_revoked, generations }
    }

    /// The same for these resource servers only.
    #[must_use]
    pub fn aimed_at(self, audience: Audience) -> Self {
        Self { audience, ..self }
    }

    /// As far as it goes.
    pub fn reach(&self) -> Reach {
        Reach { scope: self.scope.clone(), audience: self.audience }
    }

    /// Ends every access token that was or will be issued from it.
    pub fn revoke_access(&self) {
        self.access_revoked.store(true, Relaxed);
    }

    /// The number of the next refresh token, counted from zero.
    pub fn next_generation(&self) -> u32 {
        self.generations.fetch_add(1, Relaxed)
    }

    /// The number of the newest refresh token.
    pub fn newest(&self) -> u32 {
        self.generations.load(Relaxed).saturating_sub(1)
    }

    /// Ends every refresh token that was or will be issued from it.
    pub fn revoke_refresh(&self) {
        self.refresh_revoked.store(true, Relaxed);
    }
}

/// An authorization code.
#[derive(Clone, Debug)]
pub struct Code {
    /// What it stands for.
    pub grant: Arc<Grant>,
    /// The redirect URI of the authorization request, if it named one.
    pub redirect_uri: Option<String>,
    /// The PKCE challenge, if there was one.
    pub challenge: Option<Challenge>,
    /// What the ID token repeats, if the request named it.
    pub nonce: Option<String>,
    /// Whether it was redeemed.
    pub spent: bool,
}

/// An access token.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// What it stands for.
    pub grant: Arc<Grant>,
    /// What it is good for.
    pub reach: Reach,
    /// When it was issued, in Unix milliseconds.
    pub issued: u64,
    /// When it ends; `u64::MAX` for never.
    pub ends: u64,
    /// Whether it alone was withdrawn.
    pub revoked: bool,
}

/// A refresh token.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// What it stands for.
    pub grant: Arc<Grant>,
    /// The scope of a refresh that names none.
    pub scope: Scope,
    /// When it was issued, in Unix milliseconds.
    pub issued: u64,
    /// When it ends; `u64::MAX` for never.
    pub ends: u64,
    /// How many refreshes lie between it and the grant.
    pub generation: u32,
    /// Whether it was rotated out.
    pub spent: bool,
}

/// The codes and tokens.
#[derive(Debug)]
pub struct Grants {
    codes: Shelves<Code>,
    access: Shelves<AccessToken>,
    refresh: Shelves<RefreshToken>,
}

impl Grants {
    /// An empty store for this many access tokens and as many refresh tokens.
    pub fn new(room: usize) -> Self {
        Self { codes: Shelves::new(CODES), access: Shelves::new(room), refresh: Shelves::new(room) }
    }

    /// Keeps a code.
    pub fn keep_code(&self, key: Key, code: Code, ends: u64, now: u64) -> Result<(), Full> {
        self.codes.put(key, code, ends, now)
    }

    /// Looks at a code and changes it, as one operation; `None` when there is no such code.
    pub fn with_code<T>(&self, key: &Key, now: u64, act: impl FnOnce(&mut Code) -> T) -> Option<T> {
        self.codes.of(key).get_mut(key, now).map(act)
    }

    /// Keeps an access token.
    pub fn keep_access(&self, key: Key, token: AccessToken, now: u64) -> Result<(), Full> {
        let ends = token.ends;
        self.access.put(key, token, ends, now)
    }

    /// An access token that has not expired. Whether it was revoked is for the caller to see.
    pub fn access(&self, key: &Key, now: u64) -> Option<AccessToken> {
        self.access.of(key).get(key, now).cloned()
    }

    /// Withdraws one access token.
    pub fn revoke_access(&self, key: &Key, now: u64) {
        if let Some(token) = self.access.of(key).get_mut(key, now) {
            token.revoked = true;
        }
    }

    /// Lets one access token end at this time.
    pub fn end_access(&self, key: &Key, ends: u64) {
        self.access.of(key).end_at(key, ends);
    }

    /// Withdraws everything that this user gave this client.
    pub fn revoke_everything_of(&self, grant: &Grant) {
        self.access.each(|token| {
            if token.grant.user == grant.user && token.grant.client == grant.client {
                token.grant.revoke_access();
                token.grant.revoke_refresh();
            }
        });
    }

    /// Withdraws everything that this client was ever given.
    pub fn revoke_client(&self, client: &str) {
        self.access.each(|token| {
            if *token.grant.client == *client {
                token.grant.revoke_access();
                token.grant.revoke_refresh();
            }
        });
    }

    /// Makes room for the latest grant of its user to its client: the codes and tokens of earlier ones end.
    pub fn supersede(&self, latest: &Grant) {
        self.revoke_everything_of(latest);
        self.codes.each_mut(|code| {
            code.spent |= code.grant.user == latest.user && code.grant.client == latest.client;
        });
    }

    /// Keeps a refresh token.
    pub fn keep_refresh(&self, key: Key, token: RefreshToken, now: u64) -> Result<(), Full> {
        let ends = token.ends;
        self.refresh.put(key, token, ends, now)
    }

    /// Looks at a refresh token and changes it, as one operation; `None` when there is no such token.
    pub fn with_refresh<T>(&self, key: &Key, now: u64, act: impl FnOnce(&mut RefreshToken) -> T) -> Option<T> {
        self.refresh.of(key).get_mut(key, now).map(act)
    }
}

impl AccessToken {
    /// Whether it was withdrawn, alone or together with its grant.
    pub fn is_revoked(&self) -> bool {
        self.revoked || self.grant.access_revoked.load(Relaxed)
    }
}

impl RefreshToken {
    /// Whether it was withdrawn together with its grant.
    pub fn is_revoked(&self) -> bool {
        self.grant.refresh_revoked.load(Relaxed)
    }
}
