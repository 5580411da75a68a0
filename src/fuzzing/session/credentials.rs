//! Who a request proves to come from, by the harness's own reading: Basic, body, signature, assertion, or a public client's name.

use std::borrow::Cow;

use base64::Engine as _;
use reference_server::Config;
use reference_server::config::{AuthMethod, Client};
use serde_json::{Value, json};

use super::reading::Seen;
use crate::crypto::{is_signed_by, sign_request};

/// The client that the request proves to come from.
pub fn proven<'c>(config: &'c Config, seen: &Seen<'_>) -> Option<&'c Client> {
    let client = match seen.fields("authorization").next() {
        None => by_body(config, seen)?,
        Some(_) => by_header(config, seen)?,
    };
    let named = seen.form.get("client_id");
    named.is_none_or(|id| *id == *client.id).then_some(client)
}

fn by_body<'c>(config: &'c Config, seen: &Seen<'_>) -> Option<&'c Client> {
    if let Some(assertion) = seen.form.get("client_assertion") {
        return by_assertion(config, seen, assertion);
    }
    let client = config.client(seen.form.get("client_id")?)?;
    match seen.form.get("client_secret") {
        Some(secret) => has_secret(client, AuthMethod::Post, secret).then_some(client),
        None => client.is_public().then_some(client),
    }
}

fn by_assertion<'c>(config: &'c Config, seen: &Seen<'_>, assertion: &str) -> Option<&'c Client> {
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let client = config.client(claims["sub"].as_str()?).filter(|client| *client.id == claims["iss"])?;
    let keys = client.keys.iter().map(
        |key| json!({"kty": key.kty, "kid": key.kid, "n": key.n, "e": key.e, "crv": key.crv, "x": key.x, "y": key.y}),
    );
    let signed = is_signed_by(assertion, &json!({ "keys": keys.collect::<Vec<_>>() }).to_string());
    let good = claims["aud"] == *config.issuer && claims["exp"].as_u64()? > seen.now / 1000;
    (signed && good && client.authenticates_by(AuthMethod::PrivateKeyJwt)).then_some(client)
}

fn by_header<'c>(config: &'c Config, seen: &Seen<'_>) -> Option<&'c Client> {
    let (scheme, rest) = seen.authorization()?.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => by_basic(config, rest.trim()),
        "hmac-sha1" => by_signature(config, seen, rest.trim()),
        _ => None,
    }
}

fn by_basic<'c>(config: &'c Config, encoded: &str) -> Option<&'c Client> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    let client = config.client(&decoded(id)?)?;
    has_secret(client, AuthMethod::Basic, &decoded(secret)?).then_some(client)
}

fn by_signature<'c>(config: &'c Config, seen: &Seen<'_>, rest: &str) -> Option<&'c Client> {
    let (id, signature) = rest.split_once(':')?;
    let client = config.client(&decoded(id)?).filter(|client| client.authenticates_by(AuthMethod::Signed))?;
    let (timestamp, token) = (seen.query.get("timestamp")?, seen.query.get("token")?);
    let seconds: u64 = timestamp.split('.').next()?.parse().ok()?;
    let right = sign_request(&client.id, client.secret.as_deref()?.as_bytes(), timestamp);
    let signed = right.authorization.rsplit(':').next() == Some(signature) && right.token == token;
    (signed && seconds.abs_diff(seen.now / 1000) <= 60).then_some(client)
}

fn has_secret(client: &Client, method: AuthMethod, secret: &str) -> bool {
    client.authenticates_by(method) && client.secret.as_deref() == Some(secret)
}

fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}
