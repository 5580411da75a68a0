//! What proves who somebody is, and what makes secrets: one-time passwords, signatures, PKCE, tokens. `cargo bench --bench crypto`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use grantcheck::crypto::{Hash, hmac, s256, sign_request, signed_jws, totp};
use reference_server::Random;

const KEY: &[u8] = b"signed-secret-3132333435363738393031323334";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CLAIMS: &str =
    r#"{"iss":"https://as.example","sub":"app","client_id":"app","exp":1767229200,"iat":1767225600,"scope":"read"}"#;

fn crypto(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("crypto");
    group.measurement_time(Duration::from_secs(2));
    group.bench_function("TOTP, SHA-1, six digits", |bencher| {
        bencher.iter(|| totp(black_box(KEY), 1_767_225_600, 30, 6, Hash::Sha1));
    });
    let message = [b'm'; 100];
    for (name, hash) in [("SHA-1", Hash::Sha1), ("SHA-256", Hash::Sha256)] {
        group.bench_function(format!("HMAC-{name} of 100 bytes"), |bencher| {
            bencher.iter(|| hmac(hash, black_box(KEY), black_box(&message)));
        });
    }
    group.bench_function("a signed request: TOTP and HMAC-SHA1", |bencher| {
        bencher.iter(|| sign_request("signed", KEY, black_box("1767225600.25")));
    });
    group.bench_function("PKCE S256 of a verifier", |bencher| bencher.iter(|| s256(black_box(VERIFIER))));
    for (name, random) in [("of the system's seed", Random::os()), ("of a seed of one's own", Random::seeded(1))] {
        group.bench_function(format!("a token of 256 bits, {name}"), |bencher| bencher.iter(|| random.value()));
    }
    group.finish();
    signatures(criterion);
}

/// Each format of a token has its own price.
fn signatures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signing a JWT");
    group.measurement_time(Duration::from_secs(2)).sample_size(30);
    let target = grantcheck::modes::reference();
    let rsa = target.clients["assertion"].key.clone().expect("the client has a key");
    group.bench_function("RS256, 2048 bits", |bencher| {
        bencher.iter(|| signed_jws("{}", CLAIMS, &rsa).expect("the key is right"));
    });
    group.finish();
}

criterion_group!(benches, crypto);
criterion_main!(benches);
