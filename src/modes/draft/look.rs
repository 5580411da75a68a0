//! What a server tells of itself: its metadata document, or the endpoints that answer at the usual places.

use serde_json::Value;
use url::Url;

use super::super::prepare::{self, Document};
use super::{Draft, guess};
use crate::target::{Pace, Target, Tls};
use crate::wire::{Wire, WireError};

/// What was found at an address.
pub struct Found {
    /// A draft that says so.
    pub draft: Draft,
    /// Whether clients can register themselves.
    pub registers: bool,
    /// The grants that it announces.
    pub grants: Vec<String>,
    /// What is worth telling.
    pub notes: Vec<String>,
}

/// Looks at an address: an issuer, or a metadata document.
pub async fn look(address: &Url, tls: &Tls) -> Result<Found, WireError> {
    let origin = address.origin().ascii_serialization();
    let wire = Wire::network(&Pace::default(), vec![origin.clone()], tls)?;
    let is_document = address.path().contains("/.well-known/");
    let issuer = address.as_str().trim_end_matches('/').to_owned();
    let target = Target {
        issuer: (!is_document).then(|| issuer.clone()),
        metadata: is_document.then(|| address.to_string()),
        ..Target::default()
    };
    Ok(match prepare::fetch(&target, &wire).await {
        Ok((url, document)) => {
            let mut found = described(&issuer, url, is_document, &document);
            if !found.draft.endpoints.contains_key("resource") {
                let (endpoints, notes) = guess(&origin, &["resource"], &wire).await;
                let whole = endpoints.into_iter().map(|(name, place)| (name, format!("{origin}{place}")));
                found.draft.endpoints.extend(whole);
                found.notes.extend(notes);
            }
            let (pages, notes) = guess(&found.draft.issuer, &["error_page"], &wire).await;
            found.draft.endpoints.extend(pages);
            found.notes.extend(notes);
            found
        }
        Err(silent) => {
            let (endpoints, mut notes) = guess(&issuer, &[], &wire).await;
            notes.insert(0, format!("no metadata document was found ({})", silent.join("; ")));
            if !endpoints.is_empty() && !endpoints.contains_key("token") {
                notes.push("no token endpoint at the usual places: `--endpoint token=/my/token` names it".into());
            }
            let supports: Vec<String> = MAY_HAVE.iter().chain(&OLD_GRANTS).map(|word| (*word).to_owned()).collect();
            let registers = endpoints.contains_key("registration");
            let grants = Vec::clone(&supports);
            Found { draft: Draft { issuer, endpoints, supports, ..Draft::default() }, registers, grants, notes }
        }
    })
}

/// What a server may have without telling; the trials show what it really has.
const MAY_HAVE: [&str; 5] = ["authorization_code", "refresh_token", "client_credentials", "pkce", "pkce_optional"];

/// The grants of RFC 6749 that newer servers leave out.
const OLD_GRANTS: [&str; 2] = ["password", "implicit"];

/// Those of them that a metadata document does not tell of.
fn untold(document: &Document) -> Vec<String> {
    let mut told = Target::default();
    prepare::merge(&mut told, document);
    MAY_HAVE
        .iter()
        .filter(|word| !told.supports.iter().any(|told| told == *word))
        .map(|word| (*word).to_owned())
        .collect()
}

fn described(address: &str, url: String, is_document: bool, document: &Document) -> Found {
    let named = document.get("issuer").and_then(Value::as_str).unwrap_or(address);
    let same = named.trim_end_matches('/') == address;
    let mut notes = Vec::new();
    if !same && !is_document {
        notes.push(format!(
            "its metadata names the issuer {named}, not {address}: RFC 8414 3.3 wants them to be the same"
        ));
    }
    // Where the issuer is another than the address, the document is fetched where it was found.
    let metadata = (!same || is_document).then_some(url);
    let mut draft = Draft { issuer: named.to_owned(), discovered: true, metadata, ..Draft::default() };
    draft.supports = untold(document);
    draft.auth = in_the_body(document).then_some("post");
    scopes(&mut draft, document);
    if let Some(userinfo) = document.get("userinfo_endpoint").and_then(Value::as_str) {
        draft.endpoints.insert("resource".into(), userinfo.to_owned());
    }
    let texts = |value: &Value| serde_json::from_value(value.clone()).ok();
    let grants = document.get("grant_types_supported").and_then(texts).unwrap_or_default();
    Found { draft, registers: document.contains_key("registration_endpoint"), grants, notes }
}

/// Whether secrets are taken in the body and not by HTTP Basic.
fn in_the_body(document: &Document) -> bool {
    let methods = document.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
    let takes = |name: &str| methods.is_some_and(|methods| methods.iter().any(|method| method == name));
    takes("client_secret_post") && !takes("client_secret_basic")
}

/// Whether the clients may have the scopes that the document names, the trials show: one for a token without a user, where
/// none comes without a scope, and two together.
fn own_scopes(draft: &mut Draft, supported: &[Value]) {
    let usual = ["openid", "profile", "email", "address", "phone", "offline_access"];
    let own: Vec<&str> = supported.iter().filter_map(Value::as_str).filter(|scope| !usual.contains(scope)).collect();
    draft.own_scope = own.first().map(|scope| (*scope).to_owned());
    if let [first, second, ..] = own[..] {
        draft.scopes.insert("two".into(), format!("{first} {second}"));
    }
}

/// OpenID providers want `openid`, and `offline_access` with a prompt for a refresh token.
fn scopes(draft: &mut Draft, document: &Document) {
    let supported = document.get("scopes_supported").and_then(Value::as_array);
    own_scopes(draft, supported.map_or(&[], Vec::as_slice));
    let knows = |scope: &str| supported.is_some_and(|scopes| scopes.iter().any(|known| known == scope));
    let login: Vec<&str> = ["openid", "profile"].into_iter().filter(|scope| knows(scope)).collect();
    if !login.is_empty() {
        draft.scopes.insert("login".into(), login.join(" "));
    }
    if knows("offline_access") {
        draft.scopes.insert("refresh".into(), [login, vec!["offline_access"]].concat().join(" "));
        draft.authorize.insert("prompt".into(), "consent".into());
    }
}
