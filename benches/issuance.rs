//! How fast tokens are issued: by the provider in the process, by the provider over loopback, and by any target:
//!
//! `cargo bench --bench issuance`, `GRANTCHECK_TARGET=targets/x.toml cargo bench --bench issuance`. The row with five
//! million stored tokens takes 1.5 GiB and is there under `GRANTCHECK_BENCH_MILLIONS=1`.

mod stock;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use grantcheck::modes::bench::{Mix, Options, Plan, Shard, flow_names, run};
use grantcheck::modes::threads::on_this_thread;
use grantcheck::modes::{connect, served};
use grantcheck::scenario::Suite;
use grantcheck::target::Target;
use reference_server::http::{self, Server};
use reference_server::{Conduct, Config, Liberty, Provider, Random};
use stock::Stock;

/// Tokens of the built-in configuration live for an hour; with this step 90,000 are alive.
const STEP_MS: u64 = 40;

/// What access tokens may be, and the liberties that make them so.
const FORMATS: [(&str, &[Liberty]); 3] = [
    ("opaque", &[]),
    ("ES256", &[Liberty::JwtAccessTokens]),
    ("EdDSA", &[Liberty::JwtAccessTokens, Liberty::SignedWithEddsa]),
];

fn in_the_process(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("in the process");
    group.throughput(Throughput::Elements(1)).measurement_time(Duration::from_secs(3));
    for (format, liberties) in FORMATS {
        let provider = provider(liberties);
        let (request, mut now) = (stock::client_credentials(), stock::START);
        group.bench_function(format!("client credentials, {format}"), |bencher| {
            bencher.iter(|| {
                now += STEP_MS;
                stock::accepted(provider.handle(&request, now))
            });
        });
    }
    group.sample_size(20);
    for (name, make) in stock::ONCE {
        let mut stock = Stock::new();
        group.bench_function(format!("{name}, opaque"), |bencher| {
            let provider = stock.provider();
            bencher.iter_batched(
                || make(&mut stock),
                |(request, now)| stock::accepted(provider.handle(&request, now)),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// The same over a number of tokens that are alive, and over threads.
fn scaling(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("client credentials, opaque");
    group.throughput(Throughput::Elements(1)).sample_size(20).measurement_time(Duration::from_secs(2));
    let millions = std::env::var_os("GRANTCHECK_BENCH_MILLIONS").is_some();
    for alive in [1_000, 100_000, 5_000_000].into_iter().filter(|alive| millions || *alive < 1_000_000) {
        let (provider, request) = (provider(&[]), stock::client_credentials());
        let step = 3_600_000_000 / alive;
        let micros = AtomicU64::new(stock::START * 1000);
        let issue = || provider.handle(&request, micros.fetch_add(step, Ordering::Relaxed) / 1000);
        (0..alive).for_each(|_| drop(stock::accepted(issue())));
        group.bench_function(format!("{alive} alive"), |bencher| bencher.iter(|| stock::accepted(issue())));
    }
    for threads in [1, 2, 4] {
        let (provider, request) = (provider(&[]), stock::client_credentials());
        let now = AtomicU64::new(stock::START);
        group.bench_function(format!("{threads} threads"), |bencher| {
            bencher.iter_custom(|times| {
                let started = Instant::now();
                std::thread::scope(|scope| {
                    for _ in 0..threads {
                        scope.spawn(|| {
                            for _ in 0..times.div_ceil(threads) {
                                let now = now.fetch_add(STEP_MS, Ordering::Relaxed);
                                stock::accepted(provider.handle(&request, now));
                            }
                        });
                    }
                });
                started.elapsed()
            });
        });
    }
    group.finish();
}

/// Over HTTP, sixteen at the same time.
fn over_http(criterion: &mut Criterion) {
    let suite = Suite::embedded().expect("the suite loads");
    if let Ok(file) = std::env::var("GRANTCHECK_TARGET") {
        let target = Target::load(Path::new(&file)).unwrap_or_else(|error| panic!("{error}"));
        assert!(target.allows("bench"), "write `allow = [\"bench\"]` into the target file if its owner agrees");
        let name = target.name.clone();
        return flows(criterion, &name, &suite, target, flow_names(), 64);
    }
    for (format, liberties) in FORMATS {
        let server = Server::start_on(http::usual_threads(), Config::default(), conduct(liberties));
        let server = server.expect("there is a free port");
        // Of what kind tokens are matters where they are issued, and all flows issue them alike.
        let names = flow_names().filter(|name| liberties.is_empty() || *name == "client-credentials");
        flows(criterion, &format!("over loopback, {format}"), &suite, served(server.issuer()), names, 2_000);
    }
}

/// One iteration has many flows, so that opening the connections does not weigh.
fn flows(
    criterion: &mut Criterion,
    name: &str,
    suite: &Suite,
    mut target: Target,
    flows: impl Iterator<Item = &'static str>,
    many: u64,
) {
    on_this_thread(connect(&mut target)).expect("the target can be reached");
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(many)).sampling_mode(SamplingMode::Flat);
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    for flow in flows {
        if let Err(reason) = perform(suite, &target, flow, 1) {
            println!("{flow}: left out: {reason}");
            continue;
        }
        group.bench_function(flow, |bencher| {
            bencher.iter_custom(|times| perform(suite, &target, flow, times * many).expect("it got through before"));
        });
    }
    group.finish();
}

/// How long so many flows take, set-up not included.
fn perform(suite: &Suite, target: &Target, flow: &str, times: u64) -> Result<Duration, String> {
    let rate = (target.pace.rate > 0).then(|| f64::from(target.pace.rate));
    let time = Duration::from_secs(600);
    let (ramp, warm_up, shard) = (Duration::ZERO, Duration::ZERO, Shard::default());
    let plan = Plan { workers: 16, rate, ramp, warm_up, time, count: Some(times), shard };
    let options = Options { mix: Mix::parse(&[flow.to_owned()])?, plan, seed: 1 };
    let record = on_this_thread(run(suite, target, &options, &|_, _| {}))?;
    assert!(record.wrong.is_empty() && record.counts.errors == 0, "{:?} {:?}", record.wrong, record.errors);
    Ok(Duration::from_secs_f64(record.measured_s.max(1e-9)))
}

fn provider(liberties: &[Liberty]) -> Provider {
    Provider::new(Config::default(), conduct(liberties), Random::os())
}

fn conduct(liberties: &[Liberty]) -> Conduct {
    liberties.iter().fold(Conduct::default(), |conduct, liberty| conduct.with_liberty(*liberty))
}

/// What the work on one token cannot do without: random bytes, one hash, one entry in a map.
fn parts(criterion: &mut Criterion) {
    let mut map = std::collections::HashMap::new();
    let random = Random::os();
    let mut number = 0_usize;
    criterion.bench_function("the parts of an issuance: random bytes, a hash, a map entry", |bencher| {
        bencher.iter(|| {
            let digest = grantcheck::crypto::s256(&random.value());
            map.insert(digest, number);
            number += 1;
            if number.is_multiple_of(90_000) {
                map.clear();
            }
        });
    });
}

criterion_group!(benches, parts, in_the_process, scaling, over_http);
criterion_main!(benches);
