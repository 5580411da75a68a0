//! Assertions and tokens that the right key did not sign, and assertions that are too old, too young, endless or used.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};

use super::assertions::{TYPE, public_key};
use super::*;

const RSA: [&str; 2] = ["30820122300d06092a864886f70d01010105000382010f003082010a0282010100", "0203010001"];
const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";

impl Probe {
    pub fn forged(&mut self) {
        let at = NOW / 1000;
        let (plain, jwk) = (json!({"alg": "ES256"}), own_jwk());
        let rsa = self.provider.config().client("asserting").and_then(|client| client.keys[0].n.clone());
        let secret = pem(&[hex(RSA[0]), bytes(rsa.as_deref().unwrap_or_default()), hex(RSA[1])].concat());
        for (header, client, more, signer) in [
            (json!({"alg": "none"}), "asserting", json!({}), Sign::Not),
            (json!({"alg": "RS256"}), "asserting", json!({}), Sign::With("anything")),
            (jwk.clone(), "asserting", json!({}), Sign::Own(9)),
            (jwk.clone(), "keyless", json!({}), Sign::Own(9)),
            (json!({"alg": "HS256"}), "asserting", json!({}), Sign::With(&secret)),
            (json!({"alg": "ES256", "crit": ["x"]}), "asserting", json!({}), Sign::Own(7)),
            (plain.clone(), "asserting", json!({"exp": at - 60}), Sign::Own(7)),
            (plain.clone(), "asserting", json!({"exp": null}), Sign::Own(7)),
            (plain.clone(), "asserting", json!({"nbf": at + 30}), Sign::Own(7)),
            (plain.clone(), "asserting", json!({"jti": "same"}), Sign::Own(7)),
            (plain, "asserting", json!({"jti": "same"}), Sign::Own(7)),
        ] {
            let jti = format!("forged-{}", self.log.len());
            let audience = self.provider.config().issuer.clone();
            let mut claims = json!({"iss": client, "sub": client, "aud": audience, "jti": jti, "exp": at + 60});
            more.as_object().into_iter().flatten().for_each(|(name, value)| claims[name] = value.clone());
            let assertion = jws(&header, &claims, &signer);
            self.post("/token", &format!("grant_type=client_credentials&{TYPE}&client_assertion={assertion}"));
        }
        let published = json(&self.send(Request::get("/jwks")));
        let half = |name: &str| bytes(published["keys"][0][name].as_str().unwrap_or_default());
        let secret = pem(&[hex(P256), half("x"), half("y")].concat());
        for (header, signer) in [(jwk, Sign::Own(9)), (json!({"alg": "HS256"}), Sign::With(&secret))] {
            self.bearer("/resource", &jws(&header, &json!({"sub": "alice"}), &signer));
        }
    }
}

/// How a JWT is signed.
enum Sign<'a> {
    Not,
    /// By the P-256 key of this seed.
    Own(u8),
    /// By HMAC with this secret.
    With(&'a str),
}

fn jws(header: &Value, claims: &Value, signer: &Sign) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = match signer {
        Sign::Not => Vec::new(),
        Sign::Own(seed) => {
            let signature: Signature = SigningKey::from_slice(&[*seed; 32]).unwrap().sign(signed.as_bytes());
            signature.to_bytes().to_vec()
        }
        Sign::With(secret) => {
            let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
            mac.chain_update(&signed).finalize().into_bytes().to_vec()
        }
    };
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
}

/// A header that brings the key along that signs.
fn own_jwk() -> Value {
    let point = SigningKey::from_slice(&[9; 32]).unwrap().verifying_key().to_sec1_point(false);
    let half = |range| BASE64URL_NOPAD.encode(&point.as_bytes()[range]);
    json!({"alg": "ES256", "jwk": {"kty": public_key().kty, "crv": "P-256", "x": half(1..33), "y": half(33..65)}})
}

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn bytes(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}

fn pem(der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}
