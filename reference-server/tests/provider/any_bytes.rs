//! Whatever bytes arrive, the provider answers, and never with a status of its own failure.

use std::borrow::Cow;

use proptest::prelude::*;
use reference_server::{Conduct, Config, Provider, Random, Request};

use crate::browser::NOW;

const PATHS: &[&str] = &[
    "/authorize",
    "/login",
    "/consent",
    "/token",
    "/introspect",
    "/revoke",
    "/register",
    "/resource",
    "/resource/write",
    "/.well-known/oauth-authorization-server",
    "",
    "/",
];

/// Text in which the words of the protocol are likely.
fn parameters() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("client_id"),
        Just("client_secret"),
        Just("grant_type"),
        Just("code"),
        Just("scope"),
        Just("state"),
        Just("redirect_uri"),
        Just("response_type"),
        Just("response_mode"),
        Just("code_challenge"),
        Just("code_challenge_method"),
        Just("token"),
        Just("access_token"),
        Just("csrf"),
        Just("decision"),
    ];
    let value = prop_oneof![
        Just("app".to_owned()),
        Just("app-secret-6f1d2c9a8b7e4f50".to_owned()),
        Just("code".to_owned()),
        Just("token".to_owned()),
        Just("client_credentials".to_owned()),
        Just("read".to_owned()),
        "\\PC{0,8}",
        "%[0-9a-fG]{0,2}",
    ];
    let pair = (name, value).prop_map(|(name, value)| format!("{name}={value}"));
    proptest::collection::vec(pair, 0..8).prop_map(|pairs| pairs.join("&"))
}

fn request() -> impl Strategy<Value = Request> {
    let method = prop_oneof![Just("GET"), Just("POST"), Just("HEAD"), Just("OPTIONS"), Just("\u{0}")];
    let body = prop_oneof![parameters().prop_map(String::into_bytes), any::<Vec<u8>>()];
    let header = prop_oneof![any::<Vec<u8>>(), Just(b"Bearer x".to_vec()), Just(b"Basic YXBwOnk=".to_vec())];
    let kind = Just((Cow::from("Content-Type"), b"application/x-www-form-urlencoded".to_vec()));
    let extra = prop_oneof![Just("Authorization"), Just("Cookie"), Just("Host")];
    (method, proptest::sample::select(PATHS), parameters(), body, kind, extra, header).prop_map(
        |(method, path, query, body, kind, extra, header)| Request {
            method: method.into(),
            target: format!("{path}?{query}"),
            headers: vec![kind, (extra.into(), header)],
            body,
            cleartext: false,
        },
    )
}

proptest! {
    #[test]
    fn every_request_gets_an_answer_below_500(requests in proptest::collection::vec(request(), 1..6)) {
        let provider = Provider::new(Config::default(), Conduct::default(), Random::seeded(1));
        for request in requests {
            let response = provider.handle(&request, NOW);
            prop_assert!((200..500).contains(&response.status), "{} for {request:?}", response.status);
            let split = response.headers.iter().any(|(_, value)| value.contains(['\r', '\n']));
            prop_assert!(!split, "{:?}", response.headers);
        }
    }
}
