//! What the provider's store costs: memory for each live access token, the longest that 64 requests took while the store
//! grew and after everything in it had ended, and the mean time of a request beside that of what it cannot do without (random
//! bytes, a hash, a map entry). Times are processor time, which other processes do not disturb much. `cargo run --release --example footprint -- 5000000`; Linux only.

use std::collections::HashMap;
use std::time::Duration;

use cpu_time::ThreadTime;
use reference_server::{Conduct, Config, Provider, Random, Request};
use sha2::{Digest, Sha256};

const START: u64 = 1_767_225_600_000;
const HOUR: u64 = 3_600_000;

fn main() {
    let tokens = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000_u64);
    let provider = Provider::new(Config::default(), Conduct::default(), Random::os());
    let body = "grant_type=client_credentials&scope=read&client_id=app&client_secret=app-secret-6f1d2c9a8b7e4f50";
    let request = Request::post("/token", body);
    let issue = |now: u64| assert_eq!(provider.handle(&request, now).status, 200);
    let (before, started) = (resident(), ThreadTime::now());
    let growing = longest(tokens, || issue(START));
    let (after, took) = (resident(), started.elapsed());
    println!("{tokens} live tokens: {} bytes each", (after - before) / tokens);
    println!("issued in {} ns each; the parts alone: {} ns", each(took, tokens), each(parts(tokens), tokens));
    println!("the longest {BATCH} requests while the store grew: {growing:?}");
    let clearing = longest(tokens / 8, || issue(START + HOUR + 1));
    println!("the longest {BATCH} requests after all of them had ended: {clearing:?}");
}

/// So many requests are timed together: looking at the clock costs more than one of them.
const BATCH: u64 = 64;

fn longest(times: u64, request: impl Fn()) -> Duration {
    let batch = |_| {
        let started = ThreadTime::now();
        (0..BATCH).for_each(|_| request());
        started.elapsed()
    };
    (0..times / BATCH).map(batch).max().unwrap_or_default()
}

/// A digest of random bytes as the key of a map, so many times.
fn parts(times: u64) -> Duration {
    let (random, mut map, started) = (Random::os(), HashMap::new(), ThreadTime::now());
    for number in 0..times {
        let key: [u8; 32] = Sha256::digest(random.bytes::<32>()).into();
        map.insert(key, number);
    }
    started.elapsed()
}

fn each(took: Duration, times: u64) -> u128 {
    took.as_nanos() / u128::from(times)
}

/// Bytes of memory that this process has.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() * 1024
}
