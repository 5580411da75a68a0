//! Before a run: the metadata document fills what the target file leaves out, and clients that ask for it are
//! registered (RFC 7591). What the file says always wins.

use serde_json::{Map, Value, json};

use crate::exchange::{Answer, Exchange, Request};
use crate::target::{Client, Target};
use crate::wire::Wire;

/// Names of endpoints in the metadata and in the target file.
const ENDPOINTS: &[(&str, &str)] = &[
    ("authorization_endpoint", "authorization"),
    ("token_endpoint", "token"),
    ("introspection_endpoint", "introspection"),
    ("revocation_endpoint", "revocation"),
    ("registration_endpoint", "registration"),
    ("device_authorization_endpoint", "device_authorization"),
    ("pushed_authorization_request_endpoint", "pushed_authorization_request"),
    ("userinfo_endpoint", "userinfo"),
    ("end_session_endpoint", "end_session"),
    ("jwks_uri", "jwks"),
];

/// Completes a target; what did not work is returned as notes, never as an error.
pub async fn prepare(target: &mut Target, wire: &Wire) -> Vec<String> {
    let mut notes = Vec::new();
    if target.discover.unwrap_or(true) {
        discover(target, wire, &mut notes).await;
    }
    let asking: Vec<String> =
        target.clients.iter().filter(|(_, client)| client.register).map(|(role, _)| role.clone()).collect();
    for role in asking {
        register(target, &role, wire, &mut notes).await;
    }
    notes
}

async fn discover(target: &mut Target, wire: &Wire, notes: &mut Vec<String>) {
    match fetch(target, wire).await {
        Ok((url, document)) => {
            target.endpoints.entry("metadata".into()).or_insert(url);
            merge(target, &document);
        }
        Err(silent) if target.discover == Some(true) || target.metadata.is_some() || target.endpoints.is_empty() => {
            notes.push(format!("no metadata document was found ({})", silent.join("; ")));
        }
        Err(_) => {}
    }
}

/// The metadata document and where it is; else what each place answered.
pub async fn fetch(target: &Target, wire: &Wire) -> Result<(String, Document), Vec<String>> {
    let mut silent = Vec::new();
    for url in metadata_urls(target) {
        let request =
            Request { endpoint: "metadata".into(), method: "GET".into(), url: url.clone(), ..Request::default() };
        let exchange = wire.send(&request).await;
        match object(&exchange) {
            Some(document) => return Ok((url, document)),
            None => silent.push(format!("{url}: {}", what(&exchange))),
        }
    }
    Err(silent)
}

/// The URL of the file, else the well-known ones of RFC 8414 (before the issuer's path) and of OpenID discovery.
fn metadata_urls(target: &Target) -> Vec<String> {
    if let Some(url) = &target.metadata {
        return vec![url.clone()];
    }
    let Some(url) = target.issuer.as_ref().and_then(|issuer| url::Url::parse(issuer).ok()) else { return Vec::new() };
    let (origin, path) = (url.origin().ascii_serialization(), url.path().trim_end_matches('/'));
    vec![
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{origin}{path}/.well-known/openid-configuration"),
    ]
}

/// A metadata document.
pub type Document = Map<String, Value>;

/// Fills in what the target file leaves out.
pub fn merge(target: &mut Target, document: &Document) {
    for (member, name) in ENDPOINTS {
        if let Some(url) = document.get(*member).and_then(Value::as_str) {
            target.endpoints.entry((*name).into()).or_insert_with(|| url.to_owned());
        }
    }
    if target.issuer.is_none() {
        target.issuer = document.get("issuer").and_then(Value::as_str).map(str::to_owned);
    }
    let lists = |member: &str, word: &str| {
        document.get(member).and_then(Value::as_array).is_some_and(|list| list.iter().any(|item| item == word))
    };
    let mut offers = |found: bool, word: &str| {
        if found && !target.supports.iter().any(|known| known == word) {
            target.supports.push(word.to_owned());
        }
    };
    for grant in ["authorization_code", "refresh_token", "client_credentials", "password"] {
        offers(lists("grant_types_supported", grant), grant);
    }
    // OpenID providers list the implicit grant for `id_token token`, too, which is another one.
    offers(lists("grant_types_supported", "implicit") && lists("response_types_supported", "token"), "implicit");
    offers(lists("grant_types_supported", "urn:ietf:params:oauth:grant-type:device_code"), "device_code");
    offers(document.contains_key("code_challenge_methods_supported"), "pkce");
    offers(lists("code_challenge_methods_supported", "plain"), "pkce_plain");
    offers(lists("response_modes_supported", "form_post"), "form_post");
    offers(lists("response_modes_supported", "web_message"), "web_message");
    offers(lists("response_modes_supported", "jwt"), "jarm");
    offers(document.contains_key("id_token_signing_alg_values_supported"), "oidc");
    for word in ["dpop", "sender_constraint"] {
        offers(lists("dpop_signing_alg_values_supported", "ES256"), word);
    }
    let issuer_parameter = document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true));
    offers(issuer_parameter, "issuer_parameter");
    if target.composite_response_type.is_none() {
        target.composite_response_type = composite(document);
    }
}

/// A response type of several words, best the one of OAuth alone.
fn composite(document: &Map<String, Value>) -> Option<String> {
    let types = document.get("response_types_supported")?.as_array()?.iter().filter_map(Value::as_str);
    let several: Vec<&str> = types.filter(|words| words.contains(' ')).collect();
    several.iter().find(|words| **words == "code token").or(several.first()).map(|words| (*words).to_owned())
}

async fn register(target: &mut Target, role: &str, wire: &Wire, notes: &mut Vec<String>) {
    let Some(url) = target.endpoints.get("registration").cloned() else {
        notes.push(format!("[clients.{role}] asks to be registered, but the target has no registration endpoint"));
        return;
    };
    let Some(client) = target.clients.get(role) else { return };
    let mut metadata = client.metadata(&format!("grantcheck {role}"));
    if let Some(composite) = target.composite_response_type.as_ref().filter(|_| role == "composite") {
        metadata["response_types"] = json!([composite]);
    }
    let request = Request {
        endpoint: "registration".into(),
        method: "POST".into(),
        url,
        headers: vec![("Content-Type".into(), "application/json".into())],
        body: metadata.to_string().into_bytes(),
    };
    let exchange = wire.send(&request).await;
    let Some(registered) = accepted(&exchange).and_then(|body| Client::registered(&request.body, body)) else {
        notes.push(format!("[clients.{role}] was not registered: {}", what(&exchange)));
        return;
    };
    if let Some(client) = target.clients.get_mut(role) {
        client.id = registered.id;
        client.secret = registered.secret.or(client.secret.take());
        client.auth = registered.auth.or(client.auth);
    }
}

fn object(exchange: &Exchange) -> Option<Map<String, Value>> {
    serde_json::from_slice(accepted(exchange)?).ok()
}

/// The body of an answer of success.
fn accepted(exchange: &Exchange) -> Option<&[u8]> {
    match &exchange.answer {
        Answer::Response(response) if response.status / 100 == 2 => Some(&response.body),
        _ => None,
    }
}

fn what(exchange: &Exchange) -> String {
    match &exchange.answer {
        Answer::Response(response) => format!("status {}", response.status),
        Answer::Nothing(reason) => reason.clone(),
    }
}
