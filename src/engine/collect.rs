//! Finds the secrets in what travelled, so that no report shows them.

use serde_json::Value;

use crate::exchange::{Answer, Exchange, Redirect};
use crate::secret::Secrets;

/// Names of parameters and members whose values are secret.
const SECRET_NAMES: &[&str] = &[
    "access_token",
    "refresh_token",
    "id_token",
    "code",
    "client_secret",
    "password",
    "code_verifier",
    "device_code",
    "client_assertion",
    "registration_access_token",
    "secret",
    "token",
    "assertion",
    "subject_token",
    "actor_token",
    "id_token_hint",
    "logout_token",
    "device_secret",
    "otp",
    "totp",
    "signature",
    "session_token",
];

/// Adds what an exchange gave away.
pub fn collect(exchange: &Exchange, secrets: &mut Secrets) {
    pairs(&exchange.request.url, secrets);
    body(&exchange.request.body, secrets);
    for (name, value) in &exchange.request.headers {
        header(name, value, secrets);
    }
    if let Answer::Response(response) = &exchange.answer {
        for (name, value) in &response.headers {
            header(name, value, secrets);
        }
        body(&response.body, secrets);
    }
}

/// Adds what a redirect that left the target would have carried on.
pub fn collect_redirect(redirect: &Redirect, secrets: &mut Secrets) {
    pairs(&redirect.url, secrets);
    redirect.form.iter().for_each(|(name, value)| keep(name, value, secrets));
}

/// JSON at any depth; else a form.
fn body(body: &[u8], secrets: &mut Secrets) {
    match serde_json::from_slice(body) {
        Ok(document) => members(&document, secrets),
        Err(_) => form(body, secrets),
    }
}

fn members(value: &Value, secrets: &mut Secrets) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| match value {
            Value::String(text) if secret(name) => secrets.add(text),
            value => members(value, secrets),
        }),
        Value::Array(values) => values.iter().for_each(|value| members(value, secrets)),
        _ => {}
    }
}

fn secret(name: &str) -> bool {
    SECRET_NAMES.contains(&name)
}

/// Short values are left: a tester types them, and masking them would hide the report.
fn keep(name: &str, value: &str, secrets: &mut Secrets) {
    if secret(name) && value.len() >= 8 {
        secrets.add(value);
    }
}

fn pairs(url: &str, secrets: &mut Secrets) {
    for part in url.split(['?', '#']).skip(1) {
        form(part.as_bytes(), secrets);
    }
}

fn form(text: &[u8], secrets: &mut Secrets) {
    form_urlencoded::parse(text).for_each(|(name, value)| keep(&name, &value, secrets));
}

fn header(name: &str, value: &str, secrets: &mut Secrets) {
    match name.to_ascii_lowercase().as_str() {
        "authorization" => value.split_once(' ').into_iter().for_each(|(_, credential)| {
            credential.rsplit(':').next().into_iter().for_each(|part| secrets.add(part.trim()));
        }),
        "set-cookie" | "cookie" => {
            value.split(';').take(if name.eq_ignore_ascii_case("cookie") { 64 } else { 1 }).for_each(|cookie| {
                cookie
                    .split_once('=')
                    .into_iter()
                    .filter(|(_, value)| value.len() >= 8)
                    .for_each(|(_, value)| secrets.add(value))
            })
        }
        "location" | "refresh" => pairs(value, secrets),
        _ => {}
    }
}
