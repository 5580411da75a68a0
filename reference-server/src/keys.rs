//! The provider's own key: ES256 (RFC 7518 section 3.4) signs JWT access tokens, ID tokens and
//! authorization responses, and its public half is published as a
//! JWK Set (RFC 7517). The key comes from the provider's source of randomness and signatures are deterministic
//! (RFC 6979), so that a seed repeats both. Keys of clients are not here, see `assertion.rs`.

use std::sync::OnceLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{self, Signature, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Provider, Request, Response, flaws};

/// A key pair that is computed when it is first used.
#[derive(Debug)]
pub struct SigningKey {
    seed: [u8; 32],
    pair: OnceLock<ecdsa::SigningKey>,
}

impl SigningKey {
    /// The key of this seed.
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, pair: OnceLock::new() }
    }

    /// A JWT of this type with these claims.
    pub fn sign(&self, kind: &str, claims: &Value) -> String {
        let header = json!({"alg": "ES256", "typ": kind, "kid": self.id()});
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature: Signature = self.pair().sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }

    /// The public half as a JWK.
    pub fn public(&self) -> Value {
        let [x, y] = self.point();
        json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": self.id(), "use": "sig", "alg": "ES256"})
    }

    /// The private half as the JWK member `d`, which nobody is told who keeps promises.
    pub fn private(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.pair().to_bytes())
    }

    /// Another key, the same for the same seed.
    pub fn another(&self) -> Self {
        Self::new(Sha256::digest(self.seed).into())
    }

    /// The thumbprint of RFC 7638.
    fn id(&self) -> String {
        let [x, y] = self.point();
        URL_SAFE_NO_PAD.encode(Sha256::digest(json!({"crv": "P-256", "kty": "EC", "x": x, "y": y}).to_string()))
    }

    fn point(&self) -> [String; 2] {
        let point = self.pair().verifying_key().to_sec1_point(false);
        [1..33, 33..65].map(|half| URL_SAFE_NO_PAD.encode(&point.as_bytes()[half]))
    }

    /// Of 2^32 seeds about one is no key; then its digest is asked.
    fn pair(&self) -> &ecdsa::SigningKey {
        self.pair.get_or_init(|| {
            let mut seed = self.seed;
            loop {
                match ecdsa::SigningKey::from_slice(&seed) {
                    Ok(pair) => return pair,
                    Err(_) => seed = Sha256::digest(seed).into(),
                }
            }
        })
    }
}

/// Answers a request for the JWK Set.
pub fn handle(provider: &Provider, _: &Request) -> Response {
    Response::json(200, &json!({"keys": flaws::published_keys(provider, provider.signing_key.public())}))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_key_and_signature() {
        let sign = |seed| SigningKey::new([seed; 32]).sign("JWT", &json!({"sub": "alice"}));
        assert_eq!(sign(1), sign(1));
        assert_ne!(sign(1), sign(2));
    }

    #[test]
    fn a_seed_that_is_no_key_gives_one_all_the_same() {
        assert_eq!(SigningKey::new([0xff; 32]).public()["kty"], "EC");
    }

    #[test]
    fn a_key_is_named_by_its_thumbprint_and_there_are_as_many_as_seeds() {
        let public = SigningKey::new([7; 32]).public();
        let member = |name: &str| public[name].as_str().unwrap_or_default().to_owned();
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, member("x"), member("y"));
        assert_eq!(member("kid"), URL_SAFE_NO_PAD.encode(Sha256::digest(canonical)));
        let key = SigningKey::new([7; 32]);
        assert!(key.another().public() != public && key.another().public() == key.another().public());
        let private = URL_SAFE_NO_PAD.decode(key.private()).unwrap_or_default();
        assert_eq!(private, [7; 32]);
    }
}
