//! The harness's own HOTP, TOTP, request signing, PKCE, JWS and keys. The provider has its own; they share no code, so that
//! a mistake in one shows.

mod encoding;
mod jws;
mod keyed_hash;
mod names;
mod otp;
mod pem;
mod pkce;
mod private_key;
mod public_key;
mod request_signing;

pub use encoding::{decode, encode};
pub use jws::{jws, signed_jws};
pub use keyed_hash::hmac;
pub use names::{Encoding, Hash};
pub use otp::{hotp, totp};
pub use pem::public_pem;
pub use pkce::s256;
pub use private_key::{KeyError, PrivateKey, public_half};
pub use public_key::is_signed_by;
pub use request_signing::{SignedRequest, sign_request};
