//! Issuing tokens: 256 random bits, kept as a digest, with a fixed end.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use crate::config::{Client, GrantType, Lifetime};
use crate::grants::{AccessToken, Grant, Reach, RefreshToken};
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::shelf::key;
use crate::{Defect, Liberty, Provider, flaws};

/// Tokens that were just issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The access token.
    pub access_token: String,
    /// Its lifetime in seconds; none for one that never ends.
    pub expires_in: Option<u64>,
    /// The refresh token, if one comes along.
    pub refresh_token: Option<String>,
    /// The scope of the access token.
    pub scope: Scope,
    /// Whether that is the scope that was asked for.
    pub as_requested: bool,
    /// Whether they are bound to a key.
    pub bound: bool,
    /// Who logged in, if the client asked.
    pub id_token: Option<String>,
}

/// An access token alone.
pub fn token(provider: &Provider, grant: &Arc<Grant>, reach: Reach, now: u64) -> Result<Issued, Refusal> {
    unless_useless(provider, grant, reach, false, now)
}

/// An access token, which a provider with such a defect forgets at once.
pub fn unless_useless(
    provider: &Provider,
    grant: &Arc<Grant>,
    reach: Reach,
    useless: bool,
    now: u64,
) -> Result<Issued, Refusal> {
    let lifetime = provider.access_lifetime();
    let (ends, expires_in) = (flaws::access_end(provider, lifetime, now), lifetime.0);
    let access_token = provider.new_access_token(grant, &reach, ends, now);
    if !useless {
        let stored = AccessToken { grant: grant.clone(), reach: reach.clone(), issued: now, ends, revoked: false };
        provider.grants.keep_access(provider.access_key(&access_token), stored, now)?;
    }
    let as_requested = reach.scope == grant.requested;
    let (refresh_token, id_token, bound) = Default::default();
    Ok(Issued { access_token, expires_in, refresh_token, scope: reach.scope, as_requested, bound, id_token })
}

/// What a redeemed code gives.
pub fn from_code(
    provider: &Provider,
    client: &Client,
    grant: &Arc<Grant>,
    reach: Reach,
    now: u64,
) -> Result<Issued, Refusal> {
    let useless = provider.breaks(Defect::CodeExchangeTokenUseless);
    let issued = unless_useless(provider, grant, reach, useless, now)?;
    if !client.grants.contains(&GrantType::RefreshToken) || gets_no_refresh_token(provider, client) {
        return Ok(issued);
    }
    refreshable(provider, grant, issued, now)
}

fn gets_no_refresh_token(provider: &Provider, client: &Client) -> bool {
    provider.takes(Liberty::NoRefreshTokenForCode)
        || provider.takes(Liberty::NoRefreshTokenForPublicClients) && client.is_public()
}

/// What a user's password gives.
pub fn for_user(provider: &Provider, client: &Client, grant: &Arc<Grant>, now: u64) -> Result<Issued, Refusal> {
    if client.grants.contains(&GrantType::RefreshToken) {
        with_refresh(provider, grant, now)
    } else {
        token(provider, grant, grant.reach(), now)
    }
}

/// An access token and a refresh token.
pub fn with_refresh(provider: &Provider, grant: &Arc<Grant>, now: u64) -> Result<Issued, Refusal> {
    refreshable(provider, grant, token(provider, grant, grant.reach(), now)?, now)
}

/// What a refresh gives: an access token, and the next refresh token when they rotate.
pub fn refreshed(
    provider: &Provider,
    grant: &Arc<Grant>,
    reach: Reach,
    rotates: bool,
    now: u64,
) -> Result<Issued, Refusal> {
    let useless = provider.breaks(Defect::RefreshedTokenUseless);
    let issued = unless_useless(provider, grant, reach, useless, now)?;
    if rotates { refreshable(provider, grant, issued, now) } else { Ok(issued) }
}

fn refreshable(provider: &Provider, grant: &Arc<Grant>, issued: Issued, now: u64) -> Result<Issued, Refusal> {
    let refresh_token = provider.new_refresh_token();
    let generation = grant.next_generation();
    let idles_out = !provider.breaks(Defect::RefreshTokenNeverIdlesOut);
    let ends = if idles_out { provider.config.lifetimes.refresh_token.end(now) } else { u64::MAX };
    let narrowed = provider.breaks(Defect::RotatedRefreshTokenHasNarrowedScope);
    let scope = if narrowed { issued.scope.clone() } else { grant.scope.clone() };
    if !flaws::forgets_refresh_token(provider, generation) {
        let stored = RefreshToken { grant: grant.clone(), scope, issued: now, ends, generation, spent: false };
        provider.grants.keep_refresh(flaws::refresh_key(provider, &refresh_token, now), stored, now)?;
    }
    Ok(Issued { refresh_token: Some(refresh_token), ..issued })
}

/// What a code or a refresh token may hold besides letters and digits (RFC 6749 A.11, A.17), less space and quotes.
pub const PUNCTUATION: &str = "-._~!#$%&()*+,/:;<=>?@[]^{|}";

impl Provider {
    fn access_lifetime(&self) -> Lifetime {
        if self.breaks(Defect::AccessTokenLivesADay) {
            return Lifetime(Some(86_400));
        }
        match () {
            () if self.breaks(Defect::AccessTokenNeverExpires) => Lifetime(None),
            () if self.takes(Liberty::ShortAccessTokens) => Lifetime(Some(300)),
            () => self.config.lifetimes.access_token,
        }
    }

    fn new_refresh_token(&self) -> String {
        if self.breaks(Defect::RefreshTokenHasControlCharacters) {
            return format!("{}\u{7}", self.random.value());
        }
        if self.breaks(Defect::RefreshTokensHave64Bits) {
            return URL_SAFE_NO_PAD.encode(self.random.bytes::<8>());
        }
        let value = self.random.value();
        match () {
            () if self.takes(Liberty::LongRefreshTokens) => value.repeat(100),
            () if self.takes(Liberty::RefreshTokenWithEveryAllowedCharacter) => format!("{value}{PUNCTUATION}"),
            () => value,
        }
    }

    fn new_access_token(&self, grant: &Grant, reach: &Reach, ends: u64, now: u64) -> String {
        if let Some(token) = flaws::odd_access_token(self) {
            return token;
        }
        if self.config.jwt_access_tokens || self.takes(Liberty::JwtAccessTokens) {
            return self.jwt(grant, reach, ends, now);
        }
        if self.takes(Liberty::LongAccessTokens) {
            return self.random.value().repeat(100);
        }
        if self.takes(Liberty::TokenWithEveryAllowedCharacter) {
            return format!("{}-._~+/==", self.random.value());
        }
        self.random.value()
    }

    /// A token whose claims and signature (RFC 9068) anybody may read; here it is looked up like any other.
    fn jwt(&self, grant: &Grant, reach: &Reach, ends: u64, now: u64) -> String {
        let subject = grant.user.as_deref().unwrap_or(&grant.client);
        let mut claims = json!({
            "iss": self.config.issuer, "sub": subject, "aud": reach.audience.to_json(self), "client_id": *grant.client,
            "exp": ends / 1000, "iat": now / 1000, "jti": self.random.value(), "scope": reach.scope.to_string(),
        });
        flaws::token_claims(self, grant, &mut claims);
        self.signing_key.sign("at+jwt", &claims)
    }

    /// The key under which an access token is kept.
    pub(crate) fn access_key(&self, token: &str) -> crate::shelf::Key {
        if self.breaks_any(&[Defect::AccessTokenSignatureNotChecked, Defect::IntrospectionSkipsSignature]) {
            return key(flaws::first_part(token));
        }
        if self.breaks(Defect::ResourceComparesTokenCaseInsensitively) {
            key(&token.to_lowercase())
        } else {
            key(token)
        }
    }
}
