//! The suite inside your own `cargo test`: `cargo run --example conformance_in_your_tests`.
//!
//! Here the server is the reference provider; in your tests it is yours, started on a free port.

use grantcheck::Grantcheck;
use grantcheck::target::Client;
use reference_server::Provider;
use reference_server::config;

#[tokio::main]
async fn main() {
    let redirect_uri = "https://app.example/cb";
    let server = Provider::builder()
        .client(
            config::Client::confidential("app", "a-secret-of-the-tests").redirect_uri(redirect_uri).may_introspect(),
        )
        .client(config::Client::public("spa").redirect_uri(redirect_uri))
        .user("alice", "wonderland")
        .scope("read")
        .start()
        .await
        .expect("a free port");

    let code = ["authorization_code", "refresh_token"];
    let machine = ["authorization_code", "refresh_token", "client_credentials"];
    let conformance = Grantcheck::target(server.issuer())
        .client("confidential", Client::confidential("app", "a-secret-of-the-tests", redirect_uri).grants(&machine))
        .client("public", Client::public("spa", redirect_uri).grants(&code))
        .user("alice", "wonderland")
        .profile("rfc6749")
        .run()
        .await;

    print!("{conformance}");
    conformance.assert_conforms();
}
