//! HMAC (RFC 2104).

use hmac::Hmac;

use super::Hash;

/// HMAC of a message under a key of any length.
pub fn hmac(hash: Hash, key: &[u8], message: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha1 => mac::<Hmac<sha1::Sha1>>(key, message),
        Hash::Sha256 => mac::<Hmac<sha2::Sha256>>(key, message),
        Hash::Sha512 => mac::<Hmac<sha2::Sha512>>(key, message),
    }
}

fn mac<M: hmac::Mac + hmac::KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = <M as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
