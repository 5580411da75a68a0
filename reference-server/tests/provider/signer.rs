//! Signs requests, rightly and wrongly, by nothing but the text of `docs/signing.md`.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reference_server::Request;
use sha1::Sha1;

/// A signed request. Empty texts stand for what is right.
pub struct Signed {
    pub scheme: &'static str,
    pub id: &'static str,
    pub secret: &'static str,
    /// The key of the signature where that is another one.
    pub key: &'static str,
    pub timestamp: String,
    pub password: String,
    pub password_first: bool,
    /// How many octets of the signature are sent.
    pub length: usize,
    /// What follows in the query.
    pub more: &'static str,
    pub target: &'static str,
    pub form: &'static str,
}

impl Signed {
    pub const SECRET: &str = "signed-secret-3132333435363738393031323334";

    /// What the built-in client sends.
    pub fn new(timestamp: &str) -> Self {
        Self {
            scheme: "HMAC-SHA1",
            id: "signed",
            secret: Self::SECRET,
            key: "",
            timestamp: timestamp.into(),
            password: String::new(),
            password_first: false,
            length: 20,
            more: "",
            target: "/token",
            form: "grant_type=client_credentials&scope=read",
        }
    }
}

/// The one-time password of a moment.
pub fn password(secret: &str, seconds: u64) -> String {
    let mac = mac(secret, &(seconds / 30).to_be_bytes());
    let offset = usize::from(mac[19] & 15);
    let number = mac[offset..offset + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// The request.
pub fn sign(signed: &Signed) -> Request {
    let Signed { timestamp, .. } = signed;
    let seconds = timestamp.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(0);
    let right = password(signed.secret, seconds);
    let token = if signed.password.is_empty() { &right } else { &signed.password };
    let query = match signed.password_first {
        true => format!("token={token}&timestamp={timestamp}"),
        false => format!("timestamp={timestamp}&token={token}"),
    };
    let key = if signed.key.is_empty() { signed.secret } else { signed.key };
    let signature = mac(key, format!("?timestamp={timestamp}&token={token}").as_bytes());
    let signature = STANDARD.encode(&signature[..signed.length]);
    Request::post(&format!("{}?{query}{}", signed.target, signed.more), signed.form)
        .with("Authorization", &format!("{} {}:{signature}", signed.scheme, signed.id))
}

fn mac(key: &str, message: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.chain_update(message).finalize().into_bytes().to_vec()
}
