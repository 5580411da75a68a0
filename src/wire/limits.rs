//! Bounds on what a hostile target can make the harness hold, and how header bytes become text.

pub use crate::exchange::BODY_LIMIT as BODY;

/// A head that is larger is no answer.
pub const HEAD: usize = 64 << 10;
/// More header fields are no answer.
pub const FIELDS: usize = 200;

/// Header bytes as text: UTF-8, else Latin-1.
pub fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}
