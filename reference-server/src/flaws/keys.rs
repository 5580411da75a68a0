//! Broken promises of the JWK Set and of JWT access tokens, and the liberties of a set.

use serde_json::{Value, json};

use crate::grants::Grant;
use crate::{Defect, Liberty, Provider};

/// The keys of the set on their way out.
pub fn published_keys(provider: &Provider, mut own: Value) -> Vec<Value> {
    if provider.breaks(Defect::JwksLacksCurrentKey) {
        own = provider.signing_key.another().public();
    }
    if provider.breaks(Defect::JwksLeaksPrivateKey) {
        own["d"] = json!(provider.signing_key.private());
    }
    if provider.takes(Liberty::JwksMoreKeys) {
        let unknown = json!({"kty": "example", "kid": "next", "use": "sig", "value": "AQAB"});
        return vec![unknown, for_encryption(provider), provider.signing_key.another().public(), own];
    }
    if provider.breaks(Defect::JwksUseMissing) {
        own.as_object_mut().into_iter().for_each(|members| drop(members.shift_remove("use")));
        return vec![own, for_encryption(provider)];
    }
    vec![own]
}

/// A key that requests could be encrypted for.
fn for_encryption(provider: &Provider) -> Value {
    let mut key = provider.signing_key.another().another().public();
    (key["use"], key["alg"]) = (json!("enc"), json!("ECDH-ES"));
    key
}

/// The claims of an access token on their way out.
pub fn token_claims(provider: &Provider, grant: &Grant, claims: &mut Value) {
    if provider.breaks(Defect::JwtContainsInternalData) {
        let user = grant.user.as_deref().and_then(|name| provider.config.user(name));
        let account = json!({"password": user.map(|user| &user.password), "database": "10.0.0.7"});
        claims["account"] = account;
    }
}
