//! The metadata document, RFC 8414. It says what the provider does, no more and no less.

use serde_json::{Map, Value, json};

use crate::config::{GrantType, Profile};
use crate::{Defect, Provider, Request, Response, assertion, flaws, id_token, token};

/// The well-known part of the path of the document.
pub const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";

/// Answers a request for the document.
pub fn handle(provider: &Provider, request: &Request) -> Response {
    flaws::metadata_response(provider, request, Response::json(200, &Value::Object(document(provider, request))))
}

fn document(provider: &Provider, request: &Request) -> Map<String, Value> {
    let issuer = flaws::issuer_for_metadata(provider, request);
    let endpoint = |path: &str| json!(format!("{}{path}", issuer.trim_end_matches('/')));
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| document.insert(name.into(), value);
    put("issuer", json!(issuer));
    put("authorization_endpoint", endpoint("/authorize"));
    put("token_endpoint", endpoint("/token"));
    if !provider.breaks(Defect::DeviceGrantNotInMetadata) {
        put("device_authorization_endpoint", endpoint("/device_authorization"));
    }
    put("introspection_endpoint", endpoint("/introspect"));
    put("revocation_endpoint", endpoint("/revoke"));
    if provider.config.registration.is_some() {
        put("registration_endpoint", endpoint("/register"));
    }
    put("jwks_uri", endpoint("/jwks"));
    put("end_session_endpoint", endpoint("/logout"));
    put("scopes_supported", json!(scopes(provider)));
    put("response_types_supported", json!(response_types(provider)));
    put("response_modes_supported", json!(["query", "fragment", "form_post", "web_message", "jwt"]));
    put("authorization_signing_alg_values_supported", json!([provider.signing_key.alg()]));
    put("grant_types_supported", json!(grant_types(provider)));
    for (endpoint, public) in [("token", true), ("introspection", false), ("revocation", true)] {
        put(&format!("{endpoint}_endpoint_auth_methods_supported"), json!(auth_methods(provider, public)));
        if provider.offers_assertions() {
            put(&format!("{endpoint}_endpoint_auth_signing_alg_values_supported"), json!(assertion::ALGORITHMS));
        }
    }
    if provider.offers_id_tokens() {
        put("subject_types_supported", json!(["public"]));
        put("id_token_signing_alg_values_supported", json!([provider.signing_key.alg()]));
    }
    put("code_challenge_methods_supported", json!(challenge_methods(provider)));
    put("authorization_response_iss_parameter_supported", json!(true));
    if !provider.breaks(Defect::SenderConstraintNotOffered) {
        put("dpop_signing_alg_values_supported", json!(["ES256"]));
    }
    flaws::metadata(provider, &mut document);
    document
}

/// The scopes that some client may ask for, without `openid`: that is for few of them, and with it alone no resource opens.
fn scopes(provider: &Provider) -> Vec<&String> {
    let used = |scope: &&String| provider.config.clients.iter().any(|client| client.scopes.contains(scope));
    provider.config.scopes.iter().filter(used).filter(|scope| *scope != id_token::SCOPE).collect()
}

fn auth_methods(provider: &Provider, public: bool) -> Vec<&'static str> {
    let assertions = provider.offers_assertions().then_some("private_key_jwt");
    let none = public.then_some("none");
    ["client_secret_basic", "client_secret_post"].into_iter().chain(assertions).chain(none).collect()
}

fn response_types(provider: &Provider) -> Vec<&'static str> {
    let implicit = provider.offers_implicit().then_some(["token", "code token"]);
    let code = if provider.breaks(Defect::CodeNotAmongResponseTypes) { "authorization_code" } else { "code" };
    let hybrid = provider.offers_hybrid().then_some("code id_token");
    [code].into_iter().chain(implicit.into_iter().flatten()).chain(hybrid).collect()
}

fn grant_types(provider: &Provider) -> Vec<&'static str> {
    let rfc6749 = provider.config.profile == Profile::Rfc6749;
    let implicit = rfc6749 || provider.breaks(Defect::ImplicitAdvertised);
    let password = provider.offers(GrantType::Password) || provider.breaks(Defect::PasswordGrantAdvertised);
    let mut types = vec!["authorization_code", "refresh_token", "client_credentials"];
    types.extend(implicit.then_some("implicit"));
    types.extend(password.then_some("password"));
    types.extend((!provider.breaks(Defect::DeviceGrantNotInMetadata)).then_some(token::DEVICE_GRANT));
    types
}

fn challenge_methods(provider: &Provider) -> Vec<&'static str> {
    let plain = provider.offers_plain() && !provider.breaks(Defect::PlainAcceptedThoughNotAnnounced);
    ["S256"].into_iter().chain(plain.then_some("plain")).collect()
}
