//! What else a JSON answer may say, and how it may be written.

use serde_json::{Map, Value, json};

use crate::{Liberty, Provider, Response};

type Change = fn(&mut Map<String, Value>);

/// The same JSON answer in other words.
pub fn reworded(provider: &Provider, path: &str, mut response: Response) -> Response {
    if path.ends_with("/revoke") && response.status == 200 && provider.takes(Liberty::RevocationBody) {
        return Response { stall_ms: response.stall_ms, ..Response::json(200, &json!({"ok": true})) };
    }
    if path.ends_with("/token") && response.status == 429 && provider.takes(Liberty::LocksSayNothing) {
        return Response::json(400, &json!({"error": "invalid_grant"})).uncached();
    }
    if path.contains("/resource") && provider.takes(Liberty::ResourceRefusalsWithoutBody) && response.status >= 400 {
        return Response { body: Vec::new(), ..response.without("Content-Type") };
    }
    let Some(mut members) = members(&response) else { return response };
    if path.contains("/resource") && response.status == 200 && provider.takes(Liberty::ResourcePlainText) {
        response = response.without("Content-Type").with("Content-Type", "text/plain");
        response.body = b"the resource".to_vec();
        return response;
    }
    let changes: &[(Liberty, bool, Change)] = &[
        (Liberty::LongErrorDescription, members.contains_key("error_description"), at_length),
        (Liberty::ErrorUri, members.contains_key("error"), with_page),
        (Liberty::ErrorExtraMembers, members.contains_key("error"), with_trace),
        (Liberty::ErrorNamesScope, members.get("error") == Some(&json!("invalid_scope")), with_scope),
        (Liberty::ScopeOrderReversed, path.ends_with("/token"), other_order),
        (Liberty::RefreshExpiryTold, members.contains_key("refresh_token"), with_refresh_expiry),
        (Liberty::UpperCaseTokenType, members.contains_key("token_type"), upper_case_type),
        (Liberty::MetadataExtraMembers, members.contains_key("token_endpoint"), with_extension),
        (Liberty::IntrospectionMinimal, members.contains_key("active"), only_active),
        (Liberty::IntrospectionExtraMembers, members.get("active") == Some(&Value::Bool(true)), with_extension),
        (Liberty::RegistrationExtraMembers, members.contains_key("client_id_issued_at"), with_extension),
        (Liberty::JsonMembersReversed, true, reversed),
    ];
    for (_, _, change) in changes.iter().filter(|(liberty, applies, _)| *applies && provider.takes(*liberty)) {
        change(&mut members);
        response.body = Value::Object(members.clone()).to_string().into();
    }
    if provider.takes(Liberty::UpperCaseMediaType) {
        response = response.without("Content-Type").with("Content-Type", "Application/JSON");
    }
    if provider.takes(Liberty::JsonSlashesEscaped) {
        response.body = String::from_utf8_lossy(&response.body).replace('/', "\\/").into();
    }
    response
}

/// Nothing when the body is no JSON object, or has a member twice: only a defect writes that, and it has to stay.
fn members(response: &Response) -> Option<Map<String, Value>> {
    response.header("content-type").filter(|kind| kind.starts_with("application/json"))?;
    let members: Map<String, Value> = serde_json::from_slice(&response.body).ok()?;
    (Value::Object(members.clone()).to_string().as_bytes() == response.body).then_some(members)
}

fn at_length(members: &mut Map<String, Value>) {
    members.insert("error_description".into(), json!("what went wrong is told at length here, ".repeat(20)));
}

fn with_page(members: &mut Map<String, Value>) {
    members.insert("error_uri".into(), json!("https://as.example/errors?code=4711#details"));
}

fn with_trace(members: &mut Map<String, Value>) {
    members.insert("trace".into(), json!({"id": 7, "at": null}));
}

fn with_scope(members: &mut Map<String, Value>) {
    members.insert("scope".into(), json!("read write"));
}

fn other_order(members: &mut Map<String, Value>) {
    if let Some(Value::String(scope)) = members.get_mut("scope") {
        *scope = scope.split(' ').rev().collect::<Vec<_>>().join(" ");
    }
}

fn with_refresh_expiry(members: &mut Map<String, Value>) {
    members.insert("refresh_token_expires_in".into(), json!(1_209_600));
}

fn upper_case_type(members: &mut Map<String, Value>) {
    if let Some(Value::String(name)) = members.get_mut("token_type") {
        *name = name.to_uppercase();
    }
}

fn with_extension(members: &mut Map<String, Value>) {
    members.insert("example_extension".into(), json!({"list": ["a", 1, null]}));
}

fn only_active(members: &mut Map<String, Value>) {
    members.retain(|name, _| name == "active");
}

fn reversed(members: &mut Map<String, Value>) {
    *members = std::mem::take(members).into_iter().rev().collect();
}
