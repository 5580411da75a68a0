//! Client assertions, and tokens for one resource server.

use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use reference_server::config::PublicKey;
use serde_json::json;

use super::*;

pub const TYPE: &str = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The public half of the key that signs the assertions of these requests.
pub fn public_key() -> PublicKey {
    let point = key().verifying_key().to_sec1_point(false);
    let half = |range| Some(data_encoding::BASE64URL_NOPAD.encode(&point.as_bytes()[range]));
    PublicKey { kty: "EC".into(), kid: None, n: None, e: None, crv: None, x: half(1..33), y: half(33..65) }
}

fn key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

/// An assertion of the client that signs them, for this audience.
pub fn assertion(audience: &str, jti: &str) -> String {
    signed(json!({"iss": "asserting", "sub": "asserting", "aud": audience, "jti": jti, "exp": NOW / 1000 + 60}))
}

/// An assertion of these claims.
pub fn signed(claims: serde_json::Value) -> String {
    let part = |value: serde_json::Value| data_encoding::BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(json!({"alg": "ES256"})), part(claims));
    let signature: Signature = key().sign(signed.as_bytes());
    format!("{signed}.{}", data_encoding::BASE64URL_NOPAD.encode(&signature.to_bytes()))
}

/// A proof of possession of the same key (RFC 9449) for one request.
pub fn proof(method: &str, url: &str, jti: &str, token: Option<&str>) -> String {
    let part = |value: serde_json::Value| data_encoding::BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let PublicKey { x, y, .. } = public_key();
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    let claims = json!({"jti": jti, "htm": method, "htu": url, "iat": NOW / 1000, "ath": token.map(s256)});
    let signed = format!("{}.{}", part(json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk})), part(claims));
    let signature: Signature = key().sign(signed.as_bytes());
    format!("{signed}.{}", data_encoding::BASE64URL_NOPAD.encode(&signature.to_bytes()))
}

impl Probe {
    pub fn assertions(&mut self) {
        let issuer = self.provider.config().issuer.clone();
        for (number, (audience, more)) in [
            (issuer.clone(), ""),
            (issuer.clone(), "&client_id=other"),
            (format!("{issuer}/token"), ""),
            ("https://evil.test".into(), ""),
        ]
        .into_iter()
        .enumerate()
        {
            let assertion = assertion(&audience, &number.to_string());
            self.post("/token", &format!("grant_type=client_credentials&{TYPE}&client_assertion={assertion}{more}"));
        }
    }

    pub fn audiences(&mut self) {
        let issuer = self.provider.config().issuer.clone();
        let [resource, archive] = ["resource", "archive"].map(|server| format!("resource={issuer}/{server}"));
        let code = self.code(&format!("client_id=app&response_type=code&{resource}"));
        let answer = self.exchange(&code, APP);
        let token = member(&answer, "access_token");
        for path in ["/resource", "/archive"] {
            self.bearer(path, &token);
            self.send(Request::get(path).with("Cookie", "resource_session=yes"));
        }
        let own = self.post("/token", &format!("{APP}&grant_type=client_credentials"));
        self.bearer("/userinfo", &member(&own, "access_token"));
        self.send(Request::get("/logout?client_id=app&post_logout_redirect_uri=https://evil.test/"));
        self.post("/introspect", &format!("client_id=rs&client_secret=rs-secret-7788990011223344&token={token}"));
        let refresh_token = member(&answer, "refresh_token");
        self.post("/token", &format!("{APP}&grant_type=refresh_token&refresh_token={refresh_token}&{archive}"));
    }
}
