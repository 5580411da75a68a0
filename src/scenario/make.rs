//! Makers: values that a step computes before it acts. Each is a table named for what it makes.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::crypto::{Encoding, Hash};
use crate::edit::Edit;

/// One made value. `{{NAME}}` is its main part, `{{NAME.part}}` the others.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Maker {
    /// Random bytes from the run's seed, base64url.
    Random(Random),
    /// A PKCE pair: parts `verifier`, `challenge`, `method`.
    Pkce(Pkce),
    /// A moment: Unix seconds.
    Time(Time),
    /// A one-time password of RFC 4226 or RFC 6238.
    Totp(Totp),
    /// A keyed hash.
    Hmac(Hmac),
    /// A JWT with free header and claims.
    Jwt(Jwt),
    /// A public key in PEM.
    Pem(Pem),
    /// A text put together from templates.
    Text(Text),
}

/// Random bytes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Random {
    /// How many bytes.
    pub bytes: u32,
    /// The alphabet: `base64url` (default), `hex`.
    #[serde(default)]
    pub encoding: Encoding,
}

/// A PKCE pair.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pkce {
    /// `S256` or `plain`.
    pub method: String,
    /// The verifier in place of a random one.
    pub verifier: Option<String>,
}

/// A moment.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// Seconds to add to the present.
    #[serde(default)]
    pub offset: i64,
    /// Digits after the decimal point, random, so that two moments of one second differ.
    #[serde(default)]
    pub fraction: u8,
}

/// A one-time password.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Totp {
    /// The key, a template.
    pub key: String,
    /// How the key is written.
    #[serde(default = "text")]
    pub key_encoding: Encoding,
    /// Unix seconds, a template; the present unless given.
    pub time: Option<String>,
    /// A counter (RFC 4226) in place of a time.
    pub counter: Option<String>,
    /// Seconds added to the time.
    #[serde(default)]
    pub offset: i64,
    /// 6 to 8.
    pub digits: Option<u32>,
    /// Seconds of a step.
    pub period: Option<u64>,
    /// The hash.
    #[serde(default)]
    pub hash: Hash,
}

/// A keyed hash.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hmac {
    /// The key, a template.
    pub key: String,
    /// How the key is written.
    #[serde(default = "text")]
    pub key_encoding: Encoding,
    /// The message, a template.
    pub message: String,
    /// The hash.
    #[serde(default)]
    pub hash: Hash,
    /// How the result is written.
    #[serde(default = "base64")]
    pub encoding: Encoding,
    /// Only the first octets.
    pub truncate: Option<usize>,
}

/// A JWT.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jwt {
    /// A JWT whose header and claims are taken where `header` and `claims` do not say otherwise, a template.
    pub of: Option<String>,
    /// The header as JSON text, a template.
    #[serde(default = "nothing")]
    pub header: String,
    /// The claims as JSON text, a template.
    #[serde(default = "nothing")]
    pub claims: String,
    /// The key for `HS256`; without it the signature is empty.
    pub key: Option<String>,
    /// A private JWK, a template: it signs, and the header gets its `alg` and `kid` where it has none.
    pub jwk: Option<String>,
}

/// A public key in PEM.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pem {
    /// A JWK, private or public, or a JWK Set, a template.
    pub of: String,
}

/// A text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The template.
    pub of: String,
    /// One change of it.
    pub edit: Option<Edit>,
}

fn nothing() -> String {
    "{}".into()
}

fn text() -> Encoding {
    Encoding::Text
}

fn base64() -> Encoding {
    Encoding::Base64
}
