//! How fast the bodies of the fuzz targets are by themselves: each replays its corpus for two seconds on one thread,
//! without libFuzzer and without instrumentation. Names behind `--` pick targets. Last, what the libraries alone need for
//! one reading of the same files: the bodies read each two or three times.

use std::hint::black_box;
use std::time::{Duration, Instant};

use grantcheck::fuzzing::{TARGETS, requests};
use scraper::Html;

const TIME: Duration = Duration::from_secs(2);

type Body = fn(&[u8]);

/// A reading by the library alone, and whose corpus it reads.
const ALONE: &[(&str, &str, Body)] = &[
    ("toml alone", "scenario_file", |bytes| drop(black_box(toml(bytes)))),
    ("toml alone", "target_file", |bytes| drop(black_box(toml(bytes)))),
    ("scraper alone", "html_form", |bytes| drop(black_box(Html::parse_document(&String::from_utf8_lossy(bytes))))),
];

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    println!("{:28} {:>14} {:>14}", "target", "executions/s", "requests/s");
    let wanted = |target: &str| named.is_empty() || named.iter().any(|one| one == target);
    TARGETS.iter().filter(|(name, _)| wanted(name)).for_each(|(name, body)| replay(name, name, body));
    for (library, target, read) in ALONE.iter().filter(|(_, target, _)| wanted(target)) {
        replay(&format!("{library}: {target}"), target, read);
    }
}

fn replay(name: &str, target: &str, body: &Body) {
    let corpus: Vec<Vec<u8>> = files(target);
    let (started, before, mut executions) = (Instant::now(), requests(), 0_u64);
    while started.elapsed() < TIME {
        corpus.iter().for_each(|bytes| body(bytes));
        executions += corpus.len() as u64;
    }
    let millis = started.elapsed().as_millis() as u64;
    let rate = |count: u64| count * 1000 / millis;
    println!("{name:28} {:>14} {:>14}", rate(executions), rate(requests() - before));
}

fn toml(bytes: &[u8]) -> Option<toml::Table> {
    toml::from_str(std::str::from_utf8(bytes).ok()?).ok()
}

fn files(target: &str) -> Vec<Vec<u8>> {
    let folder = std::fs::read_dir(format!("fuzz/corpus/{target}")).expect("each target has a corpus");
    folder.map(|entry| std::fs::read(entry.expect("an entry").path()).expect("a file")).collect()
}
