//! Clients that register themselves: what they can do, what they cannot, and when they end.

use crate::browser::*;
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
