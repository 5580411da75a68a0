//! Clients that register themselves: what they can do, what they cannot, and when they end.

use crate::browser::*;
use reference_server::config::Profile;
use reference_server::{Conduct, Config, Provider, Random, Request, Response};

const MONTH_MS: u64 = 30 * 86_400_000;

#[test]
fn a_registered_client_works_at_every_endpoint() {
    let provider = provider();
    let client = register(&provider, &code_client("client_secret_basic"));
    assert_eq!((client.status, client.header("cache-control")), (201, Some("no-store")));
    assert_eq!(member(&client, "scope"), "read write");
    let token = member(&tokens(&provider, &client), "access_token");
    let resource = provider.handle(&Request::get("/resource").with("Authorization", &format!("Bearer {token}")), NOW);
    assert_eq!(resource.status, 200);
    let revoked = provider.handle(&authenticated("/revoke", &client, &format!("token={token}")), NOW);
    assert_eq!(revoked.status, 200);
    let introspected = provider.handle(&authenticated("/introspect", &client, &format!("token={token}")), NOW);
    assert_eq!(introspected.status, 403, "whoever registers may not look at tokens");
}

#[test]
fn a_public_client_gets_no_secret_and_needs_none() {
    let provider = provider();
    let client = register(&provider, &code_client("none"));
    assert_eq!(json(&client).get("client_secret"), None);
    let id = member(&client, "client_id");
    let code = code(&provider, &id);
    let form =
        format!("grant_type=authorization_code&client_id={id}&code={code}&code_verifier={VERIFIER}&redirect_uri={CB}");
    assert_eq!(provider.handle(&Request::post("/token", &form), NOW).status, 200);
}

#[test]
fn what_takes_an_administrator_cannot_be_registered() {
    for metadata in [
        r#"{"redirect_uris": ["https://client.example/cb"], "scope": "admin"}"#,
        r#"{"grant_types": ["password"]}"#,
        r#"{"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"}"#,
        r#"{"redirect_uris": ["https://client.example/cb"], "token_endpoint_auth_method": "private_key_jwt"}"#,
        r#"{"redirect_uris": ["https://client.example/cb"], "response_types": ["token"]}"#,
        r#"{"redirect_uris": "https://client.example/cb"}"#,
        "[]",
        "",
    ] {
        let answer = register(&provider(), metadata);
        assert_eq!((answer.status, member(&answer, "error").as_str()), (400, "invalid_client_metadata"), "{metadata}");
    }
    let nowhere = register(&provider(), r#"{"grant_types": ["authorization_code"]}"#);
    assert_eq!(member(&nowhere, "error"), "invalid_redirect_uri");
}

#[test]
fn a_registration_ends_when_its_secret_says_so() {
    let provider = provider();
    let client = register(&provider, r#"{"grant_types": ["client_credentials"]}"#);
    assert_eq!(json(&client)["client_secret_expires_at"].as_u64(), Some((NOW + MONTH_MS) / 1000));
    let request = authenticated("/token", &client, "grant_type=client_credentials&scope=read");
    assert_eq!(provider.handle(&request, NOW + MONTH_MS - 1).status, 200);
    assert_eq!(provider.handle(&request, NOW + MONTH_MS).status, 401);
}

#[test]
fn a_configuration_without_registration_has_no_such_endpoint() {
    let config = Config { registration: None, ..Config::default() };
    let provider = Provider::new(config, Conduct::default(), Random::seeded(1));
    assert_eq!(register(&provider, &code_client("none")).status, 404);
    let metadata = provider.handle(&Request::get("/.well-known/oauth-authorization-server"), NOW);
    assert_eq!(json(&metadata).get("registration_endpoint"), None);
}

const CB: &str = "https://client.example/cb";

fn provider() -> Provider {
    Provider::new(Config::default(), Conduct::default(), Random::seeded(1))
}

fn code_client(auth: &str) -> String {
    format!(r#"{{"redirect_uris": ["{CB}"], "token_endpoint_auth_method": "{auth}", "jwks": {{}}}}"#)
}

fn register(provider: &Provider, metadata: &str) -> Response {
    let request = Request { method: "POST".into(), body: metadata.into(), ..Request::get("/register") };
    provider.handle(&request.with("Content-Type", "application/json"), NOW)
}

fn code(provider: &Provider, id: &str) -> String {
    let query = format!(
        "response_type=code&client_id={id}&redirect_uri={CB}&scope=read&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    redirected(&Browser::default().authorize(provider, &query)).get("code").unwrap_or_default().to_owned()
}

fn tokens(provider: &Provider, client: &Response) -> Response {
    let code = code(provider, &member(client, "client_id"));
    let form = format!("grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&redirect_uri={CB}");
    provider.handle(&authenticated("/token", client, &form), NOW)
}

fn authenticated(target: &str, client: &Response, form: &str) -> Request {
    let pair = format!("{}:{}", member(client, "client_id"), member(client, "client_secret"));
    let basic = data_encoding::BASE64.encode(pair.as_bytes());
    Request::post(target, form).with("Authorization", &format!("Basic {basic}"))
}

#[test]
fn only_the_holder_of_its_token_deletes_a_client_which_ends_what_it_was_given() {
    let provider = provider();
    let client = register(&provider, &code_client("client_secret_basic"));
    let access = member(&tokens(&provider, &client), "access_token");
    let resource = || Request::get("/resource").with("Authorization", &format!("Bearer {access}"));
    let manage = |token: &str| {
        let at = member(&client, "registration_client_uri").replace(&provider.config().issuer, "");
        let request = Request { method: "DELETE".into(), ..Request::get(&at) };
        provider.handle(&request.with("Authorization", &format!("Bearer {token}")), NOW).status
    };
    assert_eq!(manage(&access), 401);
    assert_eq!(provider.handle(&resource(), NOW).status, 200);
    assert_eq!(manage(&member(&client, "registration_access_token")), 204);
    assert_eq!(provider.handle(&resource(), NOW).status, 401);
    assert_eq!(manage(&member(&client, "registration_access_token")), 401);
}

#[test]
fn a_name_is_shown_as_it_was_given_where_it_is_a_line_of_text() {
    let named = |name: &str| {
        let metadata = serde_json::json!({"redirect_uris": [CB], "client_name": name});
        register(&provider(), &metadata.to_string())
    };
    let (longest, longer) = ("\u{e9}".repeat(200), "x".repeat(201));
    assert_eq!(member(&named("A name"), "client_name"), "A name");
    assert_eq!(member(&named(&longest), "client_name"), longest);
    assert_eq!(json(&named("")).get("client_name"), None);
    for bad in [longer.as_str(), "two\nlines", "\u{7f}"] {
        assert_eq!(member(&named(bad), "error"), "invalid_client_metadata", "{bad:?}");
    }
}

#[test]
fn redirect_uris_are_ten_at_most_and_none_is_longer_than_five_hundred_octets() {
    let error = |uris: Vec<String>| {
        let answer = register(&provider(), &serde_json::json!({ "redirect_uris": uris }).to_string());
        (answer.status, member(&answer, "error"))
    };
    let many = |number: usize| (0..number).map(|number| format!("{CB}/{number}")).collect::<Vec<_>>();
    let long = |length: usize| vec![CB.to_owned(), format!("{CB}{}", "x".repeat(length - CB.len()))];
    for good in [many(1), many(10), long(500)] {
        assert_eq!(error(good), (201, String::new()));
    }
    for bad in [many(11), many(12), long(501), long(502), vec![]] {
        assert_eq!(error(bad), (400, "invalid_redirect_uri".to_owned()));
    }
}

#[test]
fn the_grants_of_a_client_are_those_it_asked_for_as_far_as_the_profile_has_them() {
    let asked = |profile, grants: &[&str], types: &[&str]| {
        let config = Config { profile, ..Config::default() };
        let provider = Provider::new(config, Conduct::default(), Random::seeded(1));
        let metadata = serde_json::json!({"redirect_uris": [CB], "grant_types": grants, "response_types": types});
        json(&register(&provider, &metadata.to_string()))["grant_types"].clone()
    };
    let grants = ["authorization_code", "refresh_token", "implicit"];
    assert_eq!(asked(Profile::Rfc6749, &grants, &["code", "token"]), serde_json::json!(grants));
    assert_eq!(asked(Profile::Oauth21, &grants, &["code", "token"]), serde_json::Value::Null);
    assert_eq!(asked(Profile::Oauth21, &grants[..2], &["code"]), serde_json::json!(grants[..2]));
}

#[test]
fn a_way_to_authenticate_is_registered_as_it_was_asked_for_and_a_native_client_has_none() {
    let method = |kind: &str, method: &str| {
        let uri = if kind == "native" { "com.example.app:/cb" } else { CB };
        let metadata = serde_json::json!({
            "redirect_uris": [uri], "application_type": kind, "token_endpoint_auth_method": method,
        });
        member(&register(&provider(), &metadata.to_string()), "token_endpoint_auth_method")
    };
    for asked in ["client_secret_basic", "client_secret_post", "none"] {
        assert_eq!((method("web", asked).as_str(), method("native", asked).as_str()), (asked, "none"));
    }
}

#[test]
fn a_scope_that_is_not_open_to_everybody_in_each_of_its_words_is_refused() {
    let scope = |scope: &str| {
        let metadata = serde_json::json!({"redirect_uris": [CB], "scope": scope});
        let answer = register(&provider(), &metadata.to_string());
        (answer.status, member(&answer, "scope"))
    };
    assert_eq!(scope("read"), (201, "read".to_owned()));
    assert_eq!((scope("read admin").0, scope("read nothing").0, scope("nothing").0), (400, 400, 400));
}
