//! How fast the bodies of the fuzz targets are by themselves: each replays its corpus for two seconds on one thread,
//! without libFuzzer and without instrumentation. Names behind `--` pick targets.

use std::time::{Duration, Instant};

use grantcheck::fuzzing::{TARGETS, requests};

const TIME: Duration = Duration::from_secs(2);

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    println!("{:22} {:>14} {:>14}", "target", "executions/s", "requests/s");
    for (name, body) in TARGETS.iter().filter(|(name, _)| named.is_empty() || named.iter().any(|one| one == name)) {
        let corpus: Vec<Vec<u8>> = files(name);
        let (started, before, mut executions) = (Instant::now(), requests(), 0_u64);
        while started.elapsed() < TIME {
            corpus.iter().for_each(|bytes| body(bytes));
            executions += corpus.len() as u64;
        }
        let millis = started.elapsed().as_millis() as u64;
        let rate = |count: u64| count * 1000 / millis;
        println!("{name:22} {:>14} {:>14}", rate(executions), rate(requests() - before));
    }
}

fn files(target: &str) -> Vec<Vec<u8>> {
    let folder = std::fs::read_dir(format!("fuzz/corpus/{target}")).expect("each target has a corpus");
    folder.map(|entry| std::fs::read(entry.expect("an entry").path()).expect("a file")).collect()
}
