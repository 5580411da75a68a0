//! Broken promises about JWTs that others made: signatures that anybody can make, and assertions that do not end.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::config::{Client, PublicKey};
use crate::refusal::Refusal;
use crate::{Defect, Provider, assertion};

/// Whether an assertion that the client's key did not sign passes all the same.
pub fn forged_assertion(provider: &Provider, key: &PublicKey, header: &Value, assertion: &str) -> bool {
    let algorithm = header["alg"].as_str().unwrap_or_default();
    let unsigned = assertion.ends_with('.');
    provider.breaks(Defect::ClientAssertionAlgNoneAccepted) && unsigned && algorithm.eq_ignore_ascii_case("none")
        || provider.breaks(Defect::ClientAssertionSignatureNotVerified)
            && !unsigned
            && algorithm == "RS256"
            && header.get("jwk").is_none()
        || provider.breaks(Defect::ClientAssertionHeaderKeyTrusted) && brings_its_key(header, assertion)
        || provider.breaks(Defect::ClientAssertionRsHsConfusion) && is_keyed_with(rsa_pem(key), algorithm, assertion)
}

/// Whether an assertion of a client without a key may bring one.
pub fn lets_keyless_in(provider: &Provider, client: &Client, header: &Value, assertion: &str) -> bool {
    provider.breaks(Defect::KeylessClientLetIn) && client.keys.is_empty() && brings_its_key(header, assertion)
}

/// Whether a JWT that the provider did not sign passes for an access token.
pub fn forged_token(provider: &Provider, token: &str) -> bool {
    let header = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header: Value = header.and_then(|header| serde_json::from_slice(&header).ok()).unwrap_or_default();
    let algorithm = header["alg"].as_str().unwrap_or_default();
    let pem = || elliptic_pem(&provider.signing_key.public());
    provider.breaks(Defect::JwtHeaderKeyTrusted) && brings_its_key(&header, token)
        || provider.breaks(Defect::JwtPublicKeyAsSecret) && is_keyed_with(pem(), algorithm, token)
}

/// The end of an assertion that has ended, or has no end.
pub fn end_of_assertion(provider: &Provider, claims: &Value, seconds: u64) -> Option<u64> {
    let defect = match claims["exp"].as_u64() {
        Some(ends) if ends <= seconds => Defect::ClientAssertionExpNotChecked,
        Some(_) => return None,
        None => Defect::ClientAssertionExpNotRequired,
    };
    provider.breaks(defect).then_some(seconds + 1)
}

/// What is said of an assertion that fails.
pub fn misnamed(provider: &Provider, refusal: Refusal) -> Refusal {
    match provider.breaks(Defect::ClientAssertionWrongErrorCode) {
        true => Refusal::new("invalid_grant", "the client assertion does not stand its checks"),
        false => refusal,
    }
}

fn brings_its_key(header: &Value, jws: &str) -> bool {
    let key: Option<PublicKey> = serde_json::from_value(header["jwk"].clone()).ok();
    let algorithm = header["alg"].as_str().unwrap_or_default();
    key.is_some_and(|key| assertion::verifies(&key, algorithm, jws).is_some())
}

fn is_keyed_with(secret: Option<String>, algorithm: &str, jws: &str) -> bool {
    let (Some(secret), Some((signed, signature)), "HS256") = (secret, jws.rsplit_once('.'), algorithm) else {
        return false;
    };
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mac| mac.chain_update(signed).finalize());
    mac.is_ok_and(|mac| URL_SAFE_NO_PAD.encode(mac.into_bytes()) == signature)
}

/// What stands before the modulus of an RSA key of 2048 bits in SubjectPublicKeyInfo, and what follows it.
const RSA: [&str; 2] = ["30820122300d06092a864886f70d01010105000382010f003082010a0282010100", "0203010001"];
/// What stands before the point of a P-256 key.
const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";

fn rsa_pem(key: &PublicKey) -> Option<String> {
    let modulus = URL_SAFE_NO_PAD.decode(key.n.as_ref()?).ok()?;
    let [before, after] = RSA.map(|hex| HEXLOWER.decode(hex.as_bytes()).unwrap_or_default());
    Some(pem(&[before, modulus, after].concat()))
}

fn elliptic_pem(key: &Value) -> Option<String> {
    let half = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok();
    Some(pem(&[HEXLOWER.decode(P256.as_bytes()).ok()?, half("x")?, half("y")?].concat()))
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}
