//! Writes JWTs that no library would: any header, any claims, any signature or none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use serde_json::{Map, Value};

use super::{Hash, PrivateKey, hmac};

/// A compact JWS of these texts, signed with HMAC-SHA256 under the key, or with an empty signature.
pub fn jws(header: &str, claims: &str, key: Option<&[u8]>) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature =
        key.map(|key| URL_SAFE_NO_PAD.encode(hmac(Hash::Sha256, key, input.as_bytes()))).unwrap_or_default();
    format!("{input}.{signature}")
}

/// A compact JWS that a private key signs. The header gets the key's name and algorithm unless it says otherwise;
/// `Err` says why header or key cannot be used.
pub fn signed_jws(header: &str, claims: &str, jwk: &str) -> Result<String, String> {
    let key = PrivateKey::from_jwk(jwk).map_err(|error| error.to_string())?;
    let given: Map<String, Value> = serde_json::from_str(header).map_err(|error| error.to_string())?;
    let mut header = Map::from_iter([("alg".to_owned(), key.algorithm.into())]);
    header.extend(key.id.iter().map(|id| ("kid".to_owned(), id.clone().into())));
    header.extend(given);
    let header = Value::Object(header).to_string();
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    Ok(format!("{input}.{}", key.sign(&input)))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    #[test]
    fn the_example_of_rfc_7515_appendix_a_1_is_right() {
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(key).unwrap();
        let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
        let claims = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        let token = super::jws(header, claims, Some(&key));
        assert!(token.ends_with(".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "{token}");
    }
}
