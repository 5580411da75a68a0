//! JSON lines: one event a line, written while the run goes on. The last line is the sum.

use serde_json::{Value, json};

use super::clean::Clean;
use super::json::{Summary, written};
use crate::outcome::{CheckOutcome, RunOutcome};

/// All lines of a run that has ended.
pub fn lines(clean: &Clean) -> String {
    let run = clean.run();
    let verdicts = run.checks.iter().map(verdict_line);
    std::iter::once(start_line(run.checks.len())).chain(verdicts).chain([end_line(clean)]).collect()
}

/// The first line: how many checks there are.
pub fn start_line(checks: usize) -> String {
    line(json!({ "event": "start", "version": env!("CARGO_PKG_VERSION"), "checks": checks }))
}

/// A verdict, masked already, with the members of `checks[]` of a saved run.
pub fn verdict_line(check: &CheckOutcome) -> String {
    line(json!({ "event": "verdict", "check": written(check.clone()) }))
}

/// The last line.
pub fn end_line(clean: &Clean) -> String {
    let run = clean.run();
    let RunOutcome { target, issuer, profile, seed, shard, duration_ms, notes, died, stale_known, .. } = run;
    line(json!({
        "event": "end", "target": target, "issuer": issuer, "profile": profile, "seed": seed, "shard": shard,
        "duration_ms": duration_ms, "summary": Summary::of(run), "notes": notes, "died": died, "stale_known": stale_known,
    }))
}

fn line(event: Value) -> String {
    format!("{event}\n")
}
