//! The wire against servers that misbehave. Whatever they do, the wire has an exchange to show, and soon.

use std::sync::{Arc, Barrier};
use std::time::Instant;

use stubs::{Manner, Stub, http};

use super::*;

fn wire_to(stubs: &[&Stub]) -> Wire {
    let pace = Pace { timeout_ms: 200, ..Pace::default() };
    Wire::network(&pace, stubs.iter().map(|stub| stub.origin()).collect(), &Tls::default()).unwrap()
}

fn get(url: String) -> Request {
    Request { method: "GET".into(), url, ..Request::default() }
}

fn status(exchange: &Exchange) -> Option<u16> {
    match &exchange.answer {
        Answer::Response(response) => Some(response.status),
        Answer::Nothing(_) => None,
    }
}

fn reason(exchange: &Exchange) -> &str {
    match &exchange.answer {
        Answer::Response(_) => "",
        Answer::Nothing(reason) => reason,
    }
}

/// The target that the client library takes, and the one that it would rewrite.
const WAYS: [&str; 2] = ["/token", "/a/../token"];

#[tokio::test]
async fn every_manner_is_an_answer_or_a_reason_on_either_way() {
    for manner in Manner::ALL {
        let stub = Stub::of(manner);
        let wire = wire_to(&[&stub]);
        for target in WAYS {
            let started = Instant::now();
            let exchange = wire.send(&get(stub.url(target))).await;
            assert!(started.elapsed().as_secs() < 2, "{manner:?} {target}");
            let answered = status(&exchange).is_some();
            assert_eq!(answered, manner.answers(), "{manner:?} {target}: {exchange:?}");
            assert_eq!(answered, reason(&exchange).is_empty(), "{manner:?} {target}");
        }
        let raced = wire.together(vec![get(stub.url("/")), get(stub.url("/"))]).await;
        assert!(raced.iter().all(|exchange| status(exchange).is_some() == manner.answers()), "{manner:?}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let stub = Stub::of(Manner::RedirectLoop);
    let exchange = wire_to(&[&stub]).send(&get(stub.url("/"))).await;
    assert_eq!((status(&exchange), stub.asked().len()), (Some(302), 1));
}

#[tokio::test]
async fn an_endless_body_is_cut_and_says_so() {
    let stub = Stub::of(Manner::EndlessBody);
    let wire = wire_to(&[&stub]);
    for target in WAYS {
        let exchange = wire.send(&get(stub.url(target))).await;
        let Answer::Response(response) = exchange.answer else { panic!("{target}: no answer") };
        assert!(response.is_cut() && response.body.len() == limits::BODY, "{target}");
    }
}

#[tokio::test]
async fn odd_urls_and_doubled_fields_arrive_byte_for_byte() {
    let stub = Stub::of(Manner::Empty);
    let wire = wire_to(&[&stub]);
    let mut request = get(stub.url("/a/../b\\c/%2e%2E?x={}|%zz&é"));
    request.headers = ["Basic YTpi", "Bearer x"].map(|value| ("Authorization".to_owned(), value.to_owned())).into();
    assert_eq!(status(&wire.send(&request).await), Some(200));
    let asked = &stub.asked()[0];
    assert!(asked.starts_with("GET /a/../b\\c/%2e%2E?x={}|%zz&é HTTP/1.1\r\n"), "{asked}");
    let (first, second) = (asked.find("Authorization: Basic YTpi\r\n"), asked.find("Authorization: Bearer x\r\n"));
    assert!(first.is_some() && first < second, "{asked}");
}

#[tokio::test]
async fn nothing_goes_to_another_origin() {
    let (own, other) = (Stub::of(Manner::Empty), Stub::of(Manner::Empty));
    let wire = wire_to(&[&own]);
    let credentials = own.origin().replace("http://", "");
    let elsewhere = [
        other.url("/"),
        other.url("/a/../b"),
        other.origin().replace("http://", &format!("http://{credentials}@")),
        other.origin().replace("http://", "http:\\\\"),
        own.origin().replace("http:", "https:"),
        "no url".into(),
    ];
    for url in elsewhere {
        let single = wire.send(&get(url.clone())).await;
        let raced = wire.together(vec![get(own.url("/")), get(url.clone())]).await;
        for exchange in raced.iter().chain([&single]) {
            let said = reason(exchange);
            assert!(said.contains("is not an origin of the target") || said.contains("is no URL"), "{url}: {said}");
        }
    }
    assert!(own.asked().is_empty() && other.asked().is_empty());
}

#[tokio::test]
async fn a_target_that_asks_for_patience_is_asked_again_but_not_in_a_race() {
    let stub = Stub::answering(|_| http("503 Service Unavailable", &[("Retry-After", "0")], ""));
    let wire = wire_to(&[&stub]);
    assert_eq!(status(&wire.send(&get(stub.url("/"))).await), Some(503));
    assert_eq!(stub.asked().len(), 3);
    wire.together(vec![get(stub.url("/"))]).await;
    assert_eq!(stub.asked().len(), 4);
}

#[tokio::test]
async fn a_race_has_all_its_requests_under_way_at_once() {
    let barrier = Arc::new(Barrier::new(8));
    let stub = Stub::answering(move |_| {
        barrier.wait();
        http("200 OK", &[], "")
    });
    let request = Request { method: "POST".into(), body: b"code=1".to_vec(), ..get(stub.url("/token")) };
    let exchanges = wire_to(&[&stub]).together(vec![request; 8]).await;
    assert!(exchanges.iter().all(|exchange| status(exchange) == Some(200)), "{exchanges:?}");
    assert!(stub.asked().iter().all(|asked| asked.ends_with("\r\n\r\ncode=1")));
}

#[tokio::test]
async fn a_refused_connection_is_a_reason() {
    let stub = Stub::of(Manner::Empty);
    let (wire, url) = (wire_to(&[&stub]), stub.url("/"));
    drop(stub);
    let exchange = wire.send(&get(url)).await;
    assert!(reason(&exchange).contains("refused"), "{exchange:?}");
}

#[tokio::test]
async fn a_server_that_answers_before_it_has_read_all_is_heard() {
    let stub = Stub::answering(|_| http("413 Content Too Large", &[], ""));
    let mut request = get(stub.url("/"));
    request.headers = vec![("Content-Length".into(), "0".into())];
    request.body = vec![b'a'; 64];
    assert_eq!(status(&wire_to(&[&stub]).send(&request).await), Some(413));
}

#[tokio::test]
async fn no_request_is_faster_than_the_rate_allows() {
    let stub = Stub::of(Manner::Empty);
    let pace = Pace { rate: 50, ..Pace::default() };
    let wire = Wire::network(&pace, vec![stub.origin()], &Tls::default()).unwrap();
    let started = Instant::now();
    for _ in 0..4 {
        wire.send(&get(stub.url("/"))).await;
    }
    assert!(started.elapsed() >= Duration::from_millis(60));
}

fn provider() -> Wire {
    use reference_server::{Conduct, Config, Provider, Random};
    let provider = Provider::new(Config::default(), Conduct::default(), Random::seeded(1));
    Wire::in_process(Arc::new(provider), 1_000)
}

#[tokio::test]
async fn the_clock_in_the_process_moves_only_when_told() {
    let wire = provider();
    wire.send(&get("https://as.example/authorize".into())).await;
    assert_eq!((wire.is_in_process(), wire.now_ms()), (true, 1_000));
    wire.wait(3600).await;
    assert_eq!(wire.now_ms(), 3_601_000);
}

#[tokio::test]
async fn the_provider_in_the_process_answers_alone_and_in_a_race() {
    let wire = provider();
    let request = get("https://as.example/.well-known/oauth-authorization-server".into());
    let alone = wire.send(&request).await;
    let Answer::Response(response) = &alone.answer else { panic!("{alone:?}") };
    assert!(response.header("content-type").is_some(), "names are in lower case: {response:?}");
    let raced = wire.together(vec![request; 4]).await;
    assert!(raced.iter().all(|exchange| status(exchange) == status(&alone)));
}
