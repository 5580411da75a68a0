//! The private key of a client, a JWK (RFC 7517), or the secret that it shares with the server: it signs client assertions.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use thiserror::Error;

use super::public_key::member;
use super::{Hash, hmac};

/// A key that signs.
pub struct PrivateKey {
    /// The identifier, where the JWK has one.
    pub id: Option<String>,
    /// The name of the algorithm, for the header of a JWS.
    pub algorithm: &'static str,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Elliptic(EcdsaKeyPair),
    Edwards(Ed25519KeyPair),
    Secret(Vec<u8>),
}

/// A text that is no private JWK that can sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is no private JWK of kty RSA, EC with crv P-256, OKP with crv Ed25519, or oct")]
pub struct KeyError;

impl PrivateKey {
    /// Reads a JWK. The kind of key tells the algorithm: RS256, ES256, EdDSA or HS256.
    pub fn from_jwk(text: &str) -> Result<Self, KeyError> {
        let jwk: Value = serde_json::from_str(text).map_err(|_| KeyError)?;
        let (algorithm, pair) = pair(&jwk).ok_or(KeyError)?;
        Ok(Self { id: jwk["kid"].as_str().map(str::to_owned), algorithm, pair })
    }

    /// The signature of a message, as a JWS has it; those of ES256 differ each time.
    pub fn sign(&self, message: &str) -> String {
        let random = SystemRandom::new();
        let bytes = match &self.pair {
            Pair::Rsa(pair) => {
                let mut bytes = vec![0; pair.public_modulus_len()];
                let signed = pair.sign(&signature::RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut bytes);
                signed.map(|()| bytes)
            }
            Pair::Elliptic(pair) => pair.sign(&random, message.as_bytes()).map(|signed| signed.as_ref().to_vec()),
            Pair::Edwards(pair) => Ok(pair.sign(message.as_bytes()).as_ref().to_vec()),
            Pair::Secret(secret) => Ok(hmac(Hash::Sha256, secret, message.as_bytes())),
        };
        URL_SAFE_NO_PAD.encode(bytes.expect("a key that was accepted signs"))
    }
}

/// The public half of a private JWK, for those who check its signatures.
pub fn public_half(jwk: &str) -> Option<Value> {
    let mut jwk: serde_json::Map<String, Value> = serde_json::from_str(jwk).ok()?;
    jwk.retain(|name, _| !["d", "p", "q", "dp", "dq", "qi", "oth", "k"].contains(&name.as_str()));
    Some(Value::Object(jwk))
}

fn pair(jwk: &Value) -> Option<(&'static str, Pair)> {
    let part = |name: &str| member(jwk, name);
    match (jwk["kty"].as_str()?, jwk["crv"].as_str()) {
        ("RSA", _) => rsa(jwk).map(|pair| ("RS256", Pair::Rsa(pair))),
        ("EC", Some("P-256")) => {
            let point = [vec![4], part("x")?, part("y")?].concat();
            let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
            let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &part("d")?, &point);
            Some(("ES256", Pair::Elliptic(pair.ok()?)))
        }
        ("OKP", Some("Ed25519")) => {
            let pair = Ed25519KeyPair::from_seed_and_public_key(&part("d")?, &part("x")?);
            Some(("EdDSA", Pair::Edwards(pair.ok()?)))
        }
        ("oct", _) => Some(("HS256", Pair::Secret(part("k")?))),
        _ => None,
    }
}

fn rsa(jwk: &Value) -> Option<RsaKeyPair> {
    let part = |name: &str| member(jwk, name);
    let public_key = PublicKeyComponents { n: part("n")?, e: part("e")? };
    let (d, p, q) = (part("d")?, part("p")?, part("q")?);
    RsaKeyPair::from_components(&KeyPairComponents {
        public_key,
        d,
        p,
        q,
        dP: part("dp")?,
        dQ: part("dq")?,
        qInv: part("qi")?,
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use super::super::is_signed_by;
    use super::*;

    /// RFC 7515 A.3, RFC 8037 A.1.
    const KEYS: [&str; 2] = [
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#,
        r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    ];

    #[test]
    fn what_a_key_signs_verifies_with_its_public_half() {
        let rsa = crate::modes::reference().client("assertion").and_then(|client| client.key.clone()).unwrap();
        for jwk in KEYS.into_iter().chain([rsa.as_str()]) {
            let key = PrivateKey::from_jwk(jwk).unwrap();
            let signed = format!("{}.e30", URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{}"}}"#, key.algorithm)));
            let token = format!("{signed}.{}", key.sign(&signed));
            assert!(is_signed_by(&token, &format!(r#"{{"keys":[{jwk}]}}"#)), "{}", key.algorithm);
        }
    }

    #[test]
    fn a_public_key_a_secret_without_its_value_and_a_word_are_no_private_keys() {
        for text in [
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            r#"{"kty":"oct"}"#,
            "key",
        ] {
            assert!(PrivateKey::from_jwk(text).is_err(), "{text}");
        }
    }
}
