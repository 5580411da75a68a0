//! Tokens that are bound to a key of their client, RFC 9449: a proof at the token endpoint binds what is issued, and what is bound
//! is used with a proof of the same key only. A proof is signed with ES256, is for one request and counts once. Nonces are not asked for.

use std::sync::{Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::assertion;
use crate::config::{Client, PublicKey};
use crate::refusal::Refusal;
use crate::shelf::{Shelf, key};
use crate::token::Issued;
use crate::{Defect, Params, Provider, Request};

/// Which key a token is bound to, and which proofs were used.
#[derive(Debug)]
pub struct Bindings {
    tokens: Mutex<Shelf<String>>,
    proofs: Mutex<Shelf<()>>,
}

impl Default for Bindings {
    fn default() -> Self {
        Self { tokens: Mutex::new(Shelf::new(100_000)), proofs: Mutex::new(Shelf::new(100_000)) }
    }
}

/// How far the time in a proof may be from that of the provider, in seconds.
const WINDOW: u64 = 300;
/// As long as a proof can be young, in milliseconds: one from the end of the window is good for twice the window and a second.
const REMEMBERED: u64 = (2 * WINDOW + 1) * 1000;
/// Longer than any token lives that has an end, in milliseconds.
const KEPT: u64 = 366 * 86_400_000;

/// The thumbprint of the key that a token request proves, if it proves one; a refresh token that is bound wants its own.
pub fn of_token_request(
    provider: &Provider,
    request: &Request,
    form: &Params,
    now: u64,
) -> Result<Option<String>, Refusal> {
    let refuse = |what: &str| Refusal::new("invalid_dpop_proof", what);
    let proven = proof(provider, request, None, now).map_err(refuse)?;
    let bound = form.get("refresh_token").and_then(|token| provider.bindings.key_of(token, now));
    let free = provider.breaks(Defect::BoundRefreshTokenAcceptedWithoutProof);
    if bound.is_some() && bound != proven && !free {
        return Err(Refusal::invalid_grant("the refresh token is bound to another key than the one that was proven"));
    }
    Ok(proven)
}

/// Binds what was just issued to a key. A confidential client proves itself by its secret when it refreshes.
pub fn bind(provider: &Provider, client: &Client, issued: Issued, to: String, now: u64) -> Result<Issued, Refusal> {
    let mut tokens = provider.bindings.tokens.lock().unwrap_or_else(PoisonError::into_inner);
    let refresh = issued.refresh_token.iter().filter(|_| client.is_public());
    for token in refresh.chain([&issued.access_token]) {
        tokens.put(key(token), to.clone(), now + KEPT, now)?;
    }
    drop(tokens);
    Ok(Issued { bound: true, ..issued })
}

/// Whether a token may be used with this request: one that is bound with its proof, one that is not without the scheme.
pub fn allows(provider: &Provider, request: &Request, token: &str, now: u64) -> Result<(), Refusal> {
    let refuse = |what: &str| Refusal::new("invalid_token", what).with_status(401);
    let header = request.header("authorization").unwrap_or_default();
    let scheme = header.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"DPoP "));
    let Some(bound) = provider.bindings.key_of(token, now) else {
        return if scheme { Err(refuse("the token is bound to no key")) } else { Ok(()) };
    };
    if provider.breaks(Defect::DpopRsBoundTokenAcceptedAsBearer) {
        return Ok(());
    }
    match proof(provider, request, Some(token), now).map_err(refuse)? {
        Some(proven) if scheme && proven == bound => Ok(()),
        _ => Err(refuse("the token is bound to a key that was not proven")),
    }
}

impl Bindings {
    fn key_of(&self, token: &str, now: u64) -> Option<String> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(&key(token), now).cloned()
    }
}

/// The thumbprint of the key of the proof in this request (RFC 9449 4.3), or what is wrong with the proof.
fn proof(
    provider: &Provider,
    request: &Request,
    token: Option<&str>,
    now: u64,
) -> Result<Option<String>, &'static str> {
    let mut fields = request.headers_named("dpop");
    let Some(field) = fields.next() else { return Ok(None) };
    let text = std::str::from_utf8(field).ok().filter(|_| fields.next().is_none());
    let text = text.ok_or("there are two proofs, or one that is no text")?;
    let (header, claims) = assertion::parts(text).ok_or("the proof is no JWT")?;
    let (public, thumbprint) = public_key(&header["jwk"]).ok_or("the proof has no key")?;
    if header["typ"] != "dpop+jwt" || header["alg"] != "ES256" || assertion::verifies(&public, "ES256", text).is_none()
    {
        return Err("the proof is not signed with its key");
    }
    let path = request.path().strip_prefix(provider.base_path()).unwrap_or_default();
    if claims["htm"] != *request.method || claims["htu"] != format!("{}{path}", provider.config.issuer) {
        return Err("the proof is for another request");
    }
    if token.is_some_and(|token| claims["ath"] != URL_SAFE_NO_PAD.encode(Sha256::digest(token))) {
        return Err("the proof is for another token");
    }
    count(provider, &claims, now)?;
    Ok(Some(thumbprint))
}

/// A proof is young and counts once.
fn count(provider: &Provider, claims: &Value, now: u64) -> Result<(), &'static str> {
    if provider.breaks(Defect::DpopJtiReplayAccepted) {
        return Ok(());
    }
    let young = claims["iat"].as_u64().is_some_and(|issued| issued.abs_diff(now / 1000) <= WINDOW);
    let name = claims["jti"].as_str().filter(|_| young).ok_or("the proof is too old, or has no name")?;
    let mut proofs = provider.bindings.proofs.lock().unwrap_or_else(PoisonError::into_inner);
    if proofs.get(&key(name), now).is_some() {
        return Err("the proof was used before");
    }
    proofs.put(key(name), (), now + REMEMBERED, now).map_err(|_| "there is no room for more proofs")
}

/// A key and its thumbprint (RFC 7638). One with its private half is none.
fn public_key(jwk: &Value) -> Option<(PublicKey, String)> {
    let member = |name: &str| jwk[name].as_str().map(str::to_owned);
    let (x, y) = (member("x")?, member("y")?);
    let curve = jwk["kty"] == "EC" && jwk["crv"] == "P-256" && jwk.get("d").is_none();
    let thumbprint = Sha256::digest(json!({"crv": "P-256", "kty": "EC", "x": x, "y": y}).to_string());
    let public = PublicKey { kty: "EC".into(), x: Some(x), y: Some(y), ..PublicKey::default() };
    curve.then(|| (public, URL_SAFE_NO_PAD.encode(thumbprint)))
}
