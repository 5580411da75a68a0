//! Reading what comes over the wire: forms, header fields, redirect URIs, answers. `cargo bench --bench parsing`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use grantcheck::engine::browser::read_redirect;
use grantcheck::exchange::{Answer, Exchange, Request, Response};
use grantcheck::judge::challenges;
use reference_server::Params;

const FORM: &[u8] =
    b"grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&redirect_uri=https%3A%2F%2Fapp.example%2Fcb\
&client_id=app&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str =
    r#"Basic realm="as", Bearer error="invalid_token", error_description="it has expired", scope="read write""#;
const LOCATION: &str =
    "https://app.example/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj&iss=https%3A%2F%2Fas.example";

fn parsing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parsing");
    group.measurement_time(Duration::from_secs(2));
    group.bench_function("a form of five parameters", |bencher| bencher.iter(|| Params::parse(black_box(FORM))));
    group.bench_function("two challenges of WWW-Authenticate", |bencher| {
        bencher.iter(|| challenges(std::iter::once(black_box(CHALLENGE))));
    });
    let exchange = redirect();
    group.bench_function("a redirect to the client", |bencher| bencher.iter(|| read_redirect(black_box(&exchange))));
    group.finish();
}

fn redirect() -> Exchange {
    let headers = vec![("location".to_owned(), LOCATION.to_owned())];
    let response = Response { status: 302, headers, body: Vec::new() };
    let request = Request { method: "GET".into(), url: "https://as.example/authorize".into(), ..Request::default() };
    let exchange = Exchange::of(request, Answer::Response(response));
    assert!(read_redirect(&exchange).is_some(), "it is a redirect");
    exchange
}

criterion_group!(benches, parsing);
criterion_main!(benches);
