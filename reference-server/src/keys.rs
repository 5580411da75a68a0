//! The provider's own key: ES256 (RFC 7518 section 3.4), or EdDSA (RFC 8037), signs JWT access tokens, ID tokens and
//! authorization responses, and its public half is published as a
//! JWK Set (RFC 7517). The key comes from the provider's source of randomness and signatures are deterministic
//! (RFC 6979, RFC 8032), so that a seed repeats both. Keys of clients are not here, see `assertion.rs`.

use std::sync::OnceLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{self, Signature, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};

use crate::{Provider, Request, Response, flaws};

/// What a key signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA with P-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

/// A key pair that is computed when it is first used.
#[derive(Debug)]
pub struct SigningKey {
    seed: [u8; 32],
    algorithm: Algorithm,
    pair: OnceLock<Named>,
}

/// A key pair with what others know it by.
#[derive(Debug)]
struct Named {
    pair: Pair,
    public: Value,
    /// The thumbprint of RFC 7638.
    id: String,
}

#[derive(Debug)]
enum Pair {
    Elliptic(Box<ecdsa::SigningKey>),
    Edwards(Ed25519KeyPair),
}

impl SigningKey {
    /// The key of this seed.
    pub fn new(seed: [u8; 32], algorithm: Algorithm) -> Self {
        Self { seed, algorithm, pair: OnceLock::new() }
    }

    /// The name of its algorithm.
    pub fn alg(&self) -> &'static str {
        match self.algorithm {
            Algorithm::Es256 => "ES256",
            Algorithm::EdDsa => "EdDSA",
        }
    }

    /// A JWT of this type with these claims.
    pub fn sign(&self, kind: &str, claims: &Value) -> String {
        let named = self.named();
        let header = json!({"alg": self.alg(), "typ": kind, "kid": named.id});
        let signed = format!("{}.{}", part(&header), part(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(named.pair.sign(signed.as_bytes())))
    }

    /// The public half as a JWK.
    pub fn public(&self) -> Value {
        let mut jwk = self.named().public.clone();
        (jwk["kid"], jwk["use"], jwk["alg"]) = (json!(self.named().id), json!("sig"), json!(self.alg()));
        jwk
    }

    /// The private half as the JWK member `d`, which nobody is told who keeps promises.
    pub fn private(&self) -> String {
        URL_SAFE_NO_PAD.encode(match &self.named().pair {
            Pair::Elliptic(pair) => pair.to_bytes().into(),
            Pair::Edwards(_) => self.seed,
        })
    }

    /// The left half of the digest that goes with the algorithm, which ties a code to an ID token (OpenID Connect Core section 3.3.2.11).
    pub fn half_digest(&self, text: &str) -> String {
        match self.algorithm {
            Algorithm::Es256 => URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..16]),
            Algorithm::EdDsa => URL_SAFE_NO_PAD.encode(&Sha512::digest(text)[..32]),
        }
    }

    /// Another key, the same for the same seed.
    pub fn another(&self) -> Self {
        Self::new(Sha256::digest(self.seed).into(), self.algorithm)
    }

    fn named(&self) -> &Named {
        self.pair.get_or_init(|| {
            let pair = Pair::new(self.seed, self.algorithm);
            let public = pair.public();
            let id = URL_SAFE_NO_PAD.encode(Sha256::digest(public.to_string()));
            Named { pair, public, id }
        })
    }
}

impl Pair {
    /// Of 2^32 seeds about one is no key of ES256; then its digest is asked.
    fn new(seed: [u8; 32], algorithm: Algorithm) -> Self {
        let pair = match algorithm {
            Algorithm::Es256 => ecdsa::SigningKey::from_slice(&seed).ok().map(|pair| Self::Elliptic(pair.into())),
            Algorithm::EdDsa => Ed25519KeyPair::from_seed_unchecked(&seed).ok().map(Self::Edwards),
        };
        pair.unwrap_or_else(|| Self::new(Sha256::digest(seed).into(), algorithm))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Elliptic(pair) => Signer::<Signature>::sign(&**pair, message).to_vec(),
            Self::Edwards(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The members of the public half that a thumbprint is made of, in the order of their names.
    fn public(&self) -> Value {
        match self {
            Self::Elliptic(pair) => {
                let point = pair.verifying_key().to_sec1_point(false);
                let [x, y] = [1..33, 33..65].map(|half| URL_SAFE_NO_PAD.encode(&point.as_bytes()[half]));
                json!({"crv": "P-256", "kty": "EC", "x": x, "y": y})
            }
            Self::Edwards(pair) => {
                json!({"crv": "Ed25519", "kty": "OKP", "x": URL_SAFE_NO_PAD.encode(pair.public_key())})
            }
        }
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

    const BOTH: [Algorithm; 2] = [Algorithm::Es256, Algorithm::EdDsa];

    #[test]
    fn a_seed_repeats_key_and_signature() {
        for algorithm in BOTH {
            let sign = |seed| SigningKey::new([seed; 32], algorithm).sign("JWT", &json!({"sub": "alice"}));
            assert_eq!(sign(1), sign(1));
            assert_ne!(sign(1), sign(2));
        }
    }

    #[test]
    fn a_seed_that_is_no_key_gives_one_all_the_same() {
        let public = |seed, algorithm| SigningKey::new(seed, algorithm).public();
        assert_eq!(public([0xff; 32], Algorithm::Es256)["kty"], "EC");
        assert_eq!(public([0xff; 32], Algorithm::EdDsa)["kty"], "OKP");
    }

    #[test]
    fn a_key_is_named_by_its_thumbprint_and_there_are_as_many_as_seeds() {
        for (algorithm, canonical) in BOTH
            .into_iter()
            .zip([r#"{"crv":"P-256","kty":"EC","x":"<x>","y":"<y>"}"#, r#"{"crv":"Ed25519","kty":"OKP","x":"<x>"}"#])
        {
            let key = SigningKey::new([7; 32], algorithm);
            let public = key.public();
            let member = |name: &str| public[name].as_str().unwrap_or_default().to_owned();
            let canonical = canonical.replace("<x>", &member("x")).replace("<y>", &member("y"));
            assert_eq!(member("kid"), URL_SAFE_NO_PAD.encode(Sha256::digest(canonical)));
            assert!(key.another().public() != public && key.another().public() == key.another().public());
            let private = URL_SAFE_NO_PAD.decode(key.private()).unwrap_or_default();
            assert_eq!(private, [7; 32]);
        }
    }

    /// RFC 8037 appendix A.
    #[test]
    fn the_key_of_the_specification_has_its_thumbprint() {
        let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let public = SigningKey::new(seed.try_into().unwrap(), Algorithm::EdDsa).public();
        assert_eq!(public["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(public["kid"], "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
