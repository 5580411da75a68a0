//! ID tokens (OpenID Connect Core section 2), as far as the code flow and `code id_token` need them: a signed word to one
//! client about who logged in. They open nothing; the resource does not take them.

use serde_json::{Value, json};

use crate::config::Profile;
use crate::grants::Grant;
use crate::{Defect, Provider};

/// The scope that asks for one.
pub const SCOPE: &str = "openid";

const LIFETIME: u64 = 600;

/// The ID token beside the tokens that a code gives, if the user allowed it.
pub fn for_code(provider: &Provider, grant: &Grant, nonce: Option<&str>, now: u64) -> Option<String> {
    let mut claims = claims(provider, grant, now)?;
    if let Some(nonce) = nonce.filter(|_| !provider.breaks(Defect::IdTokenNonceMissing)) {
        claims["nonce"] = json!(nonce);
    }
    Some(provider.signing_key.sign("JWT", &claims))
}

/// The ID token beside a code in the authorization response; `c_hash` ties the two together.
pub fn beside_code(provider: &Provider, grant: &Grant, nonce: Option<&str>, code: &str, now: u64) -> Option<String> {
    let mut claims = claims(provider, grant, now)?;
    claims["nonce"] = json!(nonce);
    claims["c_hash"] = json!(provider.signing_key.half_digest(code));
    if provider.breaks(Defect::IssParameterDiffersFromIdToken) {
        claims["iss"] = json!(format!("{}/", provider.config.issuer));
    }
    Some(provider.signing_key.sign("JWT", &claims))
}

fn claims(provider: &Provider, grant: &Grant, now: u64) -> Option<Value> {
    let user = grant.user.as_ref().filter(|_| grant.scope.has(SCOPE))?;
    let (issuer, seconds) = (&provider.config.issuer, now / 1000);
    Some(json!({"iss": issuer, "sub": user, "aud": *grant.client, "exp": seconds + LIFETIME, "iat": seconds}))
}

impl Provider {
    /// Whether there are ID tokens at all.
    pub(crate) fn offers_id_tokens(&self) -> bool {
        self.config.scopes.iter().any(|scope| scope == SCOPE)
    }

    /// Whether ID tokens come beside a code, too.
    pub(crate) fn offers_hybrid(&self) -> bool {
        self.offers_id_tokens() && self.config.profile == Profile::Rfc6749
    }
}
