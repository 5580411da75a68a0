//! A `send` or `authorize` step becomes a request: templates rendered, the client authenticated, the one variation
//! applied, the target's dialect spoken.

use base64::Engine as _;
use serde_json::Value;

use crate::crypto;
use crate::exchange::Request;
use crate::plan::Variation;
use crate::scenario::{Auth, Authorize, Params, Send};
use crate::target::{ClientAuth, Target};

use super::scope::Scope;
use super::varied::{Pairs, Parts, Varied};

/// Builds the request of a `send` step. `Err` names what has no value.
pub fn of_send(send: &Send, scope: &Scope<'_>, variation: Option<&Variation>) -> Result<Request, String> {
    let mut send = send.clone();
    let varied = Varied::by(variation);
    varied.words(&mut send)?;
    let mut parts = Parts {
        query: pairs(&send.query, scope)?,
        form: pairs(&send.form, scope)?,
        header: pairs(&send.header, scope)?,
    };
    if let Some(bearer) = varied.text("bearer", send.bearer.as_deref(), scope)? {
        parts.header.push(("Authorization".into(), format!("Bearer {bearer}")));
    }
    authenticate(&send, scope, &varied, &mut parts)?;
    varied.alter(&mut parts, scope)?;
    let has_form = !parts.form.is_empty() || !send.form.is_empty();
    if send.to == "token" || send.to == "{{cleartext.token}}" {
        speak(scope.target, &mut parts.query, &mut parts.form);
    }
    let raw_query = varied.text("raw_query", send.raw_query.as_deref(), scope)?;
    let body = body(&send, scope, &varied, &mut parts, has_form)?;
    let method = send.method.clone().unwrap_or_else(|| if body.is_some() { "POST" } else { "GET" }.into());
    let base = endpoint(&send.to, scope)?;
    Ok(Request {
        endpoint: if scope.target.endpoints.contains_key(&send.to) { send.to.clone() } else { String::new() },
        method,
        url: with_query(&base, &raw_query.unwrap_or_else(|| varied.encode("query", &parts.query))),
        headers: parts.header,
        body: body.unwrap_or_default(),
    })
}

/// Builds the first request of an `authorize` step.
pub fn of_authorize(step: &Authorize, scope: &Scope<'_>, variation: Option<&Variation>) -> Result<Request, String> {
    let varied = Varied::by(variation);
    let mut parts = Parts { query: pairs(&step.query, scope)?, ..Parts::default() };
    for (name, value) in scope.target.authorize.iter().filter(|_| step.to.is_none()) {
        if let (false, Some(value)) = (step.query.0.contains_key(name), scope.render(value)?) {
            parts.query.push((name.clone(), value));
        }
    }
    varied.alter(&mut parts, scope)?;
    rename(scope.target, &mut parts.query);
    let raw = varied.text("raw_query", step.raw_query.as_deref(), scope)?;
    let encoded = raw.unwrap_or_else(|| varied.encode("query", &parts.query));
    let to = step.to.as_deref().unwrap_or(AUTHORIZATION);
    let url = endpoint(to, scope)?;
    let method = varied.word("method").or_else(|| step.method.clone()).unwrap_or_else(|| "GET".into());
    let called = if to == AUTHORIZATION { AUTHORIZATION } else { "" };
    let mut request = Request { endpoint: called.into(), method, headers: parts.header, ..Request::default() };
    if request.method == "POST" {
        request.url = url;
        request.headers.push(("Content-Type".into(), FORM.into()));
        request.body = encoded.into_bytes();
    } else {
        request.url = with_query(&url, &encoded);
    }
    Ok(request)
}

const AUTHORIZATION: &str = "authorization";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// The parameters of one part; those without a value are left out.
fn pairs(params: &Params, scope: &Scope<'_>) -> Result<Pairs, String> {
    let rendered = params.pairs().map(|(name, template)| Ok((name.to_owned(), scope.render(template)?)));
    let all: Result<Vec<(String, Option<String>)>, String> = rendered.collect();
    Ok(all?.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

/// The URL of an endpoint, or of a text that is one.
pub fn endpoint(to: &str, scope: &Scope<'_>) -> Result<String, String> {
    match scope.target.endpoints.get(to) {
        Some(url) => Ok(url.clone()),
        None if to.contains("://") || to.contains("{{") => scope.render(to)?.ok_or_else(|| to.to_owned()),
        None => Err(format!("endpoints.{to}")),
    }
}

/// Puts the client's credentials where its method wants them, unless the step already says so itself.
fn authenticate(send: &Send, scope: &Scope<'_>, varied: &Varied<'_>, parts: &mut Parts) -> Result<(), String> {
    let client = scope.client();
    let method = client.map_or(ClientAuth::None, |client| client.method());
    let given = send.credentials.clone().unwrap_or_default();
    let own = |template: Option<String>, own: Option<String>| match template {
        Some(template) => scope.render(&template).map(Option::unwrap_or_default),
        None => Ok(own.unwrap_or_default()),
    };
    let id = own(given.id, client.map(|client| client.id.clone()))?;
    let secret = own(given.secret, client.and_then(|client| client.secret.clone()))?;
    let (id, secret) = (varied.credential("id", id, scope)?, varied.credential("secret", secret, scope)?);
    match (send.auth, method) {
        (Auth::None, _) => {}
        (Auth::Basic, _) | (Auth::Client, ClientAuth::Basic) => {
            let encode = |name: &str, value: &str| varied.encoded("credentials", name, value);
            parts.header.push(("Authorization".into(), basic(&encode("id", &id), &encode("secret", &secret))));
        }
        (Auth::Post, _) | (Auth::Client, ClientAuth::Post) => {
            complete(&mut parts.form, "client_id", id);
            complete(&mut parts.form, "client_secret", secret);
        }
        (Auth::Id, _) | (Auth::Client, ClientAuth::None) => complete(&mut parts.form, "client_id", id),
        (Auth::Signed, _) | (Auth::Client, ClientAuth::Signed) => sign(&id, &secret, scope, parts),
        (Auth::Client, ClientAuth::PrivateKeyJwt) => {
            let signed = assertion(&id, scope)?;
            complete(&mut parts.form, "client_assertion_type", ASSERTION.into());
            complete(&mut parts.form, "client_assertion", signed);
        }
    }
    Ok(())
}

fn complete(form: &mut Pairs, name: &str, value: String) {
    if !form.iter().any(|(known, _)| known == name) {
        form.push((name.to_owned(), value));
    }
}

/// RFC 6749 section 2.3.1: both parts, form-encoded already, joined by a colon, base64.
fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}")))
}

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// RFC 7523 section 3: the client about itself, for its server, good for a minute and once.
fn assertion(id: &str, scope: &Scope<'_>) -> Result<String, String> {
    let jwk = scope.client().and_then(|client| client.key.as_deref()).ok_or("client.key")?;
    let claims = serde_json::json!({
        "iss": id, "sub": id, "aud": scope.required("{{client.audience}}")?, "jti": scope.required("{{assertion.jti}}")?,
        "iat": scope.now, "exp": scope.now + 60,
    });
    crypto::signed_jws("{}", &claims.to_string(), jwk)
}

/// `docs/signing.md`. What the step gives itself is kept.
fn sign(id: &str, secret: &str, scope: &Scope<'_>, parts: &mut Parts) {
    let timestamp = scope.lookup("signing.timestamp").unwrap_or_else(|| scope.now.to_string());
    let signed = crypto::sign_request(id, secret.as_bytes(), &timestamp);
    for (name, value) in [("timestamp", timestamp), ("token", signed.token)] {
        complete(&mut parts.query, name, value);
    }
    parts.header.push(("Authorization".into(), signed.authorization));
}

/// The target's own names for grants and parameters.
fn speak(target: &Target, query: &mut Pairs, form: &mut Pairs) {
    for (name, value) in form.iter_mut() {
        if let Some(other) = target.dialect.grant_type.get(value.as_str()).filter(|_| name == "grant_type") {
            other.clone_into(value);
        }
    }
    rename(target, form);
    if target.dialect.token_parameters_in_query {
        query.append(form);
    }
}

fn rename(target: &Target, pairs: &mut Pairs) {
    for (name, _) in pairs {
        if let Some(other) = target.dialect.parameter.get(name.as_str()) {
            other.clone_into(name);
        }
    }
}

fn body(
    send: &Send,
    scope: &Scope<'_>,
    varied: &Varied<'_>,
    parts: &mut Parts,
    has_form: bool,
) -> Result<Option<Vec<u8>>, String> {
    if let Some(raw) = varied.text("raw", send.raw.as_deref(), scope)? {
        content_type(&mut parts.header, if send.json.is_some() { JSON } else { FORM });
        return Ok(Some(unescape(&raw)));
    }
    if let Some(json) = &send.json {
        content_type(&mut parts.header, JSON);
        return Ok(scope.render(json)?.map(String::into_bytes));
    }
    if has_form && scope.target.dialect.json_to.contains(&send.to) {
        content_type(&mut parts.header, JSON);
        let members = parts.form.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        return Ok(Some(Value::Object(members.collect()).to_string().into_bytes()));
    }
    if has_form {
        content_type(&mut parts.header, FORM);
    }
    Ok(has_form.then(|| varied.encode("form", &parts.form).into_bytes()))
}

fn content_type(headers: &mut Pairs, kind: &str) {
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("Content-Type".into(), kind.into()));
    }
}

/// `\xNN` stands for one byte.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find("\\x") {
        bytes.extend_from_slice(&rest.as_bytes()[..place]);
        let byte = rest.get(place + 2..place + 4).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(b"\\x"),
        }
        rest = &rest[place + if byte.is_some() { 4 } else { 2 }..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn with_query(url: &str, query: &str) -> String {
    match (query.is_empty(), url.contains('?')) {
        (true, _) => url.to_owned(),
        (false, true) => format!("{url}&{query}"),
        (false, false) => format!("{url}?{query}"),
    }
}
