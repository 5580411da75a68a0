//! The provider behind a socket.

use std::io::{Read, Write};
use std::net::TcpStream;

use reference_server::http::{Listening, Server};
use reference_server::{Conduct, Config};

#[test]
fn a_server_answers_on_its_issuer_and_is_gone_when_it_is_dropped() {
    let server = Server::start(Config::default(), Conduct::default()).unwrap();
    let address = address(server.issuer());
    let form = "client_id=app&client_secret=app-secret-6f1d2c9a8b7e4f50&grant_type=client_credentials";
    let answer = answer(&address, format!("{}{form}", post("/token?x=1", form.len())).as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("cache-control: no-store\r\n") && answer.contains("\"access_token\""), "{answer}");
    assert!(issued_after(&address, &answer, 1_700_000_000), "the clock is that of this machine");
    drop(server);
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn the_metadata_names_the_address_that_was_bound() {
    let server = Server::start(Config::default(), Conduct::default()).unwrap();
    let request = "GET /.well-known/oauth-authorization-server HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = answer(&address(server.issuer()), request.as_bytes());
    assert!(answer.contains(&format!("\"issuer\":\"{}\"", server.issuer())), "{answer}");
    let listening = Listening::bind("127.0.0.1", 0, Config::default(), Conduct::default()).unwrap();
    assert!(listening.issuer().starts_with("http://127.0.0.1:") && listening.issuer() != server.issuer());
}

#[test]
fn a_body_of_more_than_a_mebibyte_is_refused() {
    let server = Server::start(Config::default(), Conduct::default()).unwrap();
    for (length, status) in [(1 << 20, "400"), ((1 << 20) + 1, "413")] {
        let head = format!("POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        let body = vec![b'a'; length];
        let answer = answer(&address(server.issuer()), &[head.as_bytes(), &body].concat());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{length}: {answer}");
    }
}

#[test]
fn with_tls_the_issuer_is_https_and_there_is_an_authority_to_trust() {
    let listening = Listening::bind_tls("127.0.0.1", 0, Some(0), Config::default(), Conduct::default()).unwrap();
    assert!(listening.issuer().starts_with("https://127.0.0.1:"), "{}", listening.issuer());
    assert!(listening.authority().is_some_and(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----")));
    let plain = Listening::bind("127.0.0.1", 0, Config::default(), Conduct::default()).unwrap();
    assert!(plain.authority().is_none());
}

#[test]
fn beside_tls_nothing_is_served_without_it() {
    let listening = Listening::bind_tls("127.0.0.1", 0, Some(0), Config::default(), Conduct::default()).unwrap();
    let address = listening.cleartext().unwrap().to_string();
    let _server = Server::serve(1, listening).unwrap();
    let request = "GET /.well-known/oauth-authorization-server HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = answer(&address, request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

/// Whether introspection tells so of the token in this answer.
fn issued_after(address: &str, token_answer: &str, seconds: u64) -> bool {
    let token = token_answer.split("\"access_token\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let form = format!("client_id=app&client_secret=app-secret-6f1d2c9a8b7e4f50&token={token}");
    let told = answer(address, format!("{}{form}", post("/introspect", form.len())).as_bytes());
    let iat = told.split("\"iat\":").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
    iat.parse::<u64>().unwrap() > seconds
}

pub fn post(target: &str, length: usize) -> String {
    format!(
        "POST {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    )
}

pub fn address(issuer: &str) -> String {
    issuer.strip_prefix("http://").unwrap().to_owned()
}

pub fn answer(address: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}
