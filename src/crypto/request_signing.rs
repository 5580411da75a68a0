//! The client's side of `docs/signing.md`: a TOTP in the query, HMAC-SHA1 over timestamp and code.

use base64::Engine as _;

use super::{Hash, hmac, totp};

/// What a signed request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    /// The one-time password for the query.
    pub token: String,
    /// The value of the `Authorization` field.
    pub authorization: String,
}

/// Signs for a client: `timestamp` is Unix seconds, a fraction is allowed and not part of the TOTP's time.
pub fn sign_request(client_id: &str, secret: &[u8], timestamp: &str) -> SignedRequest {
    let seconds = timestamp.split('.').next().unwrap_or_default().parse().unwrap_or(0);
    let token = totp(secret, seconds, 30, 6, Hash::Sha1).unwrap_or_default();
    let text = format!("?timestamp={timestamp}&token={token}");
    let signature = base64::engine::general_purpose::STANDARD.encode(hmac(Hash::Sha1, secret, text.as_bytes()));
    let id: String = form_urlencoded::byte_serialize(client_id.as_bytes()).collect();
    SignedRequest { token, authorization: format!("HMAC-SHA1 {id}:{signature}") }
}
