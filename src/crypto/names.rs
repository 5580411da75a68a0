//! Names of encodings and hash functions, as scenario files write them.

use schemars::JsonSchema;
use serde::Deserialize;

/// How bytes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Encoding {
    #[default]
    Base64url,
    Base64,
    Base32,
    Hex,
    Text,
}

/// A hash function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Hash {
    #[default]
    Sha1,
    Sha256,
    Sha512,
}
