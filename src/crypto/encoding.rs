//! Bytes as text.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::Encoding;

/// Writes bytes.
pub fn encode(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Base64url => URL_SAFE_NO_PAD.encode(bytes),
        Encoding::Base64 => STANDARD.encode(bytes),
        Encoding::Base32 => data_encoding::BASE32_NOPAD.encode(bytes),
        Encoding::Hex => data_encoding::HEXLOWER.encode(bytes),
        Encoding::Text => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Reads bytes; `None` when the text is not of that encoding.
pub fn decode(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Base64url => URL_SAFE_NO_PAD.decode(text).ok(),
        Encoding::Base64 => STANDARD.decode(text).ok(),
        Encoding::Base32 => data_encoding::BASE32_NOPAD.decode(text.trim_end_matches('=').as_bytes()).ok(),
        Encoding::Hex => data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(),
        Encoding::Text => Some(text.as_bytes().to_vec()),
    }
}
