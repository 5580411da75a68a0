//! What other people's tests use: the suite as a library, and the provider with its clock, its faults and its log.

use std::time::Duration;

use grantcheck::Grantcheck;
use grantcheck::target::Client;
use reference_server::{Conduct, Defect, Fault, Provider, Running, config};

const URI: &str = "https://app.example/cb";
const SECRET: &str = "a-secret-of-the-tests";

async fn provider(conduct: Conduct) -> Running {
    let app = config::Client::confidential("app", SECRET).redirect_uri(URI).may_introspect();
    let builder = Provider::builder().client(app).user("alice", "wonderland").scope("read").conduct(conduct);
    builder.admin().start().await.unwrap_or_else(|error| panic!("{error}"))
}

fn check(provider: &Running) -> Grantcheck {
    let app = Client::confidential("app", SECRET, URI);
    Grantcheck::target(provider.issuer()).client("confidential", app).user("alice", "wonderland").profile("rfc6749")
}

async fn post(provider: &Running, path: &str, form: &[(&str, &str)]) -> Result<reqwest::Response, reqwest::Error> {
    reqwest::Client::new().post(provider.url(path)).basic_auth("app", Some(SECRET)).form(form).send().await
}

async fn text(provider: &Running, path: &str, form: &[(&str, &str)]) -> String {
    let response = post(provider, path, form).await.unwrap_or_else(|error| panic!("{error}"));
    format!("{} {}", response.status().as_u16(), response.text().await.unwrap_or_default())
}

const GRANT: &[(&str, &str)] = &[("grant_type", "client_credentials")];

#[tokio::test]
async fn a_server_that_conforms_passes_and_one_that_does_not_is_told_with_its_report() {
    let healthy = provider(Conduct::default()).await;
    check(&healthy).select("rfc6749/4.1.2").select("rfc6749/5.1").run().await.assert_conforms();
    let broken = provider(Conduct::default().with_defect(Defect::CodeReusable)).await;
    let conformance = check(&broken).select("rfc6749/4.1.2").run().await;
    assert!(!conformance.conforms());
    let report = conformance.to_string();
    assert!(report.contains("rfc6749/4.1.2/code-is-single-use") && !report.contains(SECRET), "{report}");
}

#[tokio::test]
async fn a_run_that_tested_nothing_does_not_conform() {
    let nobody = Grantcheck::target("http://127.0.0.1:9").select("rfc6749/4.1.2").run().await;
    assert!(!nobody.conforms());
    let provider = provider(Conduct::default()).await;
    let nothing = Grantcheck::target(provider.issuer()).select("rfc6749/4.4.2").run().await;
    assert!(!nothing.conforms(), "all of it is skipped: there is no client");
}

#[tokio::test]
#[should_panic(expected = "is no URL")]
async fn a_wrong_address_is_said_in_the_words_of_the_command_line() {
    drop(Grantcheck::target("as.example").run().await);
}

#[tokio::test]
async fn faults_happen_in_order_and_end() {
    let provider = provider(Conduct::default()).await;
    provider.fail(Fault::status("/token", 503).times(2));
    provider.fail(Fault::refuse("/token", "temporarily_unavailable"));
    provider.fail(Fault::drop("/token"));
    assert_eq!(text(&provider, "/token", GRANT).await, "503 ");
    assert_eq!(text(&provider, "/token", GRANT).await, "503 ");
    assert_eq!(text(&provider, "/token", GRANT).await, r#"400 {"error":"temporarily_unavailable"}"#);
    assert!(post(&provider, "/token", GRANT).await.is_err(), "the connection is closed");
    assert!(text(&provider, "/token", GRANT).await.starts_with("200 "));
    let statuses: Vec<_> = provider.requests().iter().map(|logged| logged.status).collect();
    assert_eq!(statuses, [Some(503), Some(503), Some(400), None, Some(200)]);
}

#[tokio::test]
async fn a_token_ends_when_the_clock_is_moved() {
    let provider = provider(Conduct::default()).await;
    let answer = text(&provider, "/token", GRANT).await;
    let token = answer.split('"').nth(3).unwrap_or_default().to_owned();
    let asked = [("token", token.as_str())];
    assert!(text(&provider, "/introspect", &asked).await.contains("\"active\":true"));
    provider.advance(Duration::from_secs(3601));
    assert!(text(&provider, "/introspect", &asked).await.contains("\"active\":false"));
}

#[tokio::test]
async fn the_desk_is_open_over_http_where_asked_for_and_nowhere_else() {
    let open = provider(Conduct::default()).await;
    let client = reqwest::Client::new();
    let send = |path: &str, body: &str| client.post(open.url(path)).body(body.to_owned()).send();
    let status = |sent: Result<reqwest::Response, reqwest::Error>| sent.map(|response| response.status().as_u16()).ok();
    assert_eq!(status(send("/__admin/faults", r#"{"path": "/token", "status": 500}"#).await), Some(200));
    assert_eq!(status(send("/__admin/faults", r#"{"path": "/token"}"#).await), Some(400));
    assert_eq!(status(send("/__admin/clock", r#"{"advance_seconds": 10}"#).await), Some(200));
    assert_eq!(text(&open, "/token", GRANT).await, "500 ");
    let told = client.get(open.url("/__admin/requests")).send().await.expect("an answer").text().await;
    assert!(told.unwrap_or_default().contains(r#""target":"/token""#));
    let closed = Provider::builder().start().await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(status(client.get(closed.url("/__admin/requests")).send().await), Some(404));
}
