//! What other people's tests use: the builder, and the desk by code and over HTTP.

use std::time::Duration;

use reference_server::config::{AuthMethod, Client, GrantType};
use reference_server::{Fault, Harm, Provider, Running};

use crate::http::{address, answer, post};

const FORM: &str = "client_id=app&client_secret=s&grant_type=client_credentials";

fn running(admin: bool) -> Running {
    let client = Client::confidential("app", "s").may_introspect();
    let builder = Provider::builder().client(client).scope("read").scope("write");
    let builder = if admin { builder.admin() } else { builder };
    builder.start_blocking().unwrap_or_else(|error| panic!("{error}"))
}

/// Status and body of an answer; empty when there is none.
fn send(provider: &Running, method: &str, path: &str, body: &str) -> (String, String) {
    let head = post(path, body.len()).replacen("POST", method, 1);
    let answer = answer(&address(provider.issuer()), format!("{head}{body}").as_bytes());
    let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
    (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

fn status(provider: &Running, method: &str, path: &str, body: &str) -> String {
    send(provider, method, path, body).0
}

#[test]
fn a_builder_begins_with_nobody_and_nothing() {
    let builder = Provider::builder().configure(|config| {
        assert!(config.clients.is_empty() && config.users.is_empty());
        assert!(config.scopes.is_empty() && config.default_scope.is_empty() && config.registration.is_none());
    });
    _ = builder.scope("first").scope("second").configure(|config| {
        assert_eq!((config.scopes.len(), config.default_scope.join(" ")), (2, "first".to_owned()));
    });
}

#[test]
fn a_confidential_client_has_its_secret_and_the_grants_of_a_server() {
    let client = Client::confidential("app", "s");
    assert_eq!((&*client.id, client.secret.as_deref()), ("app", Some("s")));
    assert_eq!(client.auth, [AuthMethod::Basic, AuthMethod::Post]);
    let grants = [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials];
    assert_eq!(client.grants, grants);
}

#[test]
fn the_desk_makes_one_path_fail_so_often_and_heals_it() {
    let provider = running(false);
    assert_eq!(provider.url("/token"), format!("{}/token", provider.issuer()));
    provider.fail(Fault::status("/token", 503).times(2));
    provider.fail(Fault::refuse("/token", "slow_down"));
    assert_eq!(status(&provider, "POST", "/introspect", FORM), "400", "another path is as it was");
    assert_eq!(send(&provider, "POST", "/token", FORM), ("503".into(), String::new()));
    assert_eq!(status(&provider, "POST", "/token", FORM), "503");
    assert_eq!(send(&provider, "POST", "/token", FORM), ("400".into(), r#"{"error":"slow_down"}"#.into()));
    assert_eq!(status(&provider, "POST", "/token", FORM), "200");
    provider.fail(Fault::drop("/token").times(2));
    assert_eq!(status(&provider, "POST", "/token", FORM), "", "the connection is closed");
    provider.heal();
    assert_eq!(status(&provider, "POST", "/token", FORM), "200");
    let statuses: Vec<Option<u16>> = provider.requests().iter().map(|logged| logged.status).collect();
    assert_eq!(statuses, [Some(400), Some(503), Some(503), Some(400), Some(200), None, Some(200)]);
}

#[test]
fn a_delayed_answer_is_the_right_one() {
    let provider = running(false);
    provider.fail(Fault::delay("/token", Duration::from_millis(1)));
    assert_eq!(status(&provider, "POST", "/token", FORM), "200");
    assert_eq!(Fault::delay("/token", Duration::ZERO), Fault::new("/token", Harm::Delay(Duration::ZERO)));
}

#[test]
fn the_clock_of_a_running_provider_moves_forward_only() {
    let provider = running(false);
    let answer = send(&provider, "POST", "/token", FORM).1;
    let token = answer.split('"').nth(3).unwrap_or_default();
    let active =
        || send(&provider, "POST", "/introspect", &format!("{FORM}&token={token}")).1.contains("\"active\":true");
    provider.advance(Duration::from_secs(3590));
    assert!(active());
    provider.advance(Duration::from_secs(10));
    assert!(!active());
}

#[test]
fn the_desk_over_http_does_what_the_desk_by_code_does() {
    let provider = running(true);
    let ask = |method: &str, path: &str, body: &str| send(&provider, method, &format!("/__admin/{path}"), body);
    let done = || ("200".to_owned(), "{}".to_owned());
    assert_eq!(ask("POST", "faults", r#"{"path": "/token", "status": 503, "times": 2}"#), done());
    assert_eq!(status(&provider, "POST", "/token", FORM), "503");
    assert_eq!(ask("DELETE", "faults", ""), done());
    assert_eq!(ask("POST", "faults", r#"{"path": "/token", "refuse": "slow_down"}"#), done());
    assert_eq!(send(&provider, "POST", "/token", FORM).1, r#"{"error":"slow_down"}"#);
    let answer = send(&provider, "POST", "/token", FORM).1;
    let token = answer.split('"').nth(3).unwrap_or_default();
    assert_eq!(ask("POST", "clock", r#"{"advance_seconds": 3600}"#), done());
    let told = send(&provider, "POST", "/introspect", &format!("{FORM}&token={token}")).1;
    assert_eq!(told, r#"{"active":false}"#);
    let (status, log) = ask("GET", "requests", "");
    let log: serde_json::Value = serde_json::from_str(&log).unwrap_or_default();
    assert_eq!((status.as_str(), log[0]["status"].as_u64(), log[2]["status"].as_u64()), ("200", Some(503), Some(200)));
    assert_eq!((log[0]["method"].as_str(), log[0]["target"].as_str()), (Some("POST"), Some("/token")));
    assert_eq!((log[0]["body"].as_str(), log[0]["headers"]["host"].as_str()), (Some(FORM), Some("x")));
    assert_eq!(log.as_array().map(Vec::len), Some(4), "the desk itself is not in its log");
}

#[test]
fn the_desk_over_http_says_what_it_does_not_understand() {
    let provider = running(true);
    for body in [r#"{"path": "/token"}"#, r#"{"path": "/token", "status": 500, "drop": true}"#, "{}", ""] {
        assert_eq!(status(&provider, "POST", "/__admin/faults", body), "400", "{body}");
    }
    assert_eq!(status(&provider, "GET", "/__admin/clock", ""), "404");
    assert_eq!(status(&running(false), "GET", "/__admin/requests", ""), "404");
}
