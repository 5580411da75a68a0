//! A strict provider inside the tests of an OAuth client: `cargo run --example provider_in_your_tests`.
//!
//! The clock moves, faults come by script, and the requests of the client under test can be read.

use std::time::Duration;

use reference_server::config::Client;
use reference_server::{Fault, Provider};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provider = Provider::builder()
        .client(Client::confidential("worker", "a-secret-of-the-tests").may_introspect())
        .scope("read")
        .start()
        .await?;
    provider.fail(Fault::status("/token", 503));

    let client = reqwest::Client::new();
    let ask = |path: &str, form: [(&'static str, String); 1]| {
        client.post(provider.url(path)).basic_auth("worker", Some("a-secret-of-the-tests")).form(&form).send()
    };
    let grant = || [("grant_type", "client_credentials".to_owned())];

    // Your client should try again.
    assert_eq!(ask("/token", grant()).await?.status(), 503);
    let token: serde_json::Value = ask("/token", grant()).await?.json().await?;
    let token = token["access_token"].as_str().unwrap_or_default().to_owned();

    // An hour later the token has ended, and nobody had to wait.
    provider.advance(Duration::from_secs(3601));
    let told: serde_json::Value = ask("/introspect", [("token", token)]).await?.json().await?;
    assert_eq!(told["active"], false);

    for logged in provider.requests() {
        println!("{} {} -> {:?}", logged.request.method, logged.request.target, logged.status);
    }
    Ok(())
}
