//! Tokens for client credentials, in the process: how fast the provider issues.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reference_server::{Conduct, Config, Provider, Random, Request};

fn issuance(criterion: &mut Criterion) {
    let provider = Provider::new(Config::default(), Conduct::default(), Random::os());
    let request = Request {
        method: "POST".into(),
        target: "/token".into(),
        headers: vec![("content-type".into(), b"application/x-www-form-urlencoded".to_vec())],
        body: b"grant_type=client_credentials&client_id=app&client_secret=app-secret-6f1d2c9a8b7e4f50".to_vec(),
        cleartext: false,
    };
    let mut now = 1_767_225_600_000;
    let mut group = criterion.benchmark_group("issuance");
    group.throughput(Throughput::Elements(1));
    group.bench_function("client credentials, in the process, opaque", |bencher| {
        bencher.iter(|| {
            now += 40;
            let response = provider.handle(&request, now);
            assert_eq!(response.status, 200);
            response
        });
    });
    group.finish();
}

criterion_group!(benches, issuance);
criterion_main!(benches);
