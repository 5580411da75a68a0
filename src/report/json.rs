//! A saved run: the stable schema of `docs/report-format.md`, written and read. Every other format is made from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::clean::Clean;
use super::plain::cut;
use crate::exchange::{Answer, Exchange};
use crate::outcome::{CheckOutcome, RunOutcome, Shard, Traffic, Verdict};
use crate::target::Known;

/// Longer bodies are cut.
const BODY_LIMIT: usize = 64 << 10;

/// What rises when a member changes its meaning or goes.
const SCHEMA: u32 = 1;

/// A run as JSON.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Saved {
    schema: u32,
    #[serde(default)]
    tool: Tool,
    target: Target,
    #[serde(default)]
    profile: String,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    shard: Option<Shard>,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    again: String,
    #[serde(default)]
    started_ms: u64,
    #[serde(default)]
    duration_ms: u64,
    #[serde(default)]
    summary: Summary,
    checks: Vec<CheckOutcome>,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    died: bool,
    #[serde(default)]
    known: Vec<Known>,
    #[serde(default)]
    stale_known: Vec<String>,
    #[serde(default)]
    traffic: Vec<Traffic>,
}

#[derive(Default, Serialize, Deserialize, JsonSchema)]
struct Tool {
    name: String,
    version: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Target {
    name: String,
    issuer: Option<String>,
    #[serde(default)]
    file: Option<String>,
}

/// How many verdicts of each kind.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Summary {
    passed: usize,
    failed: usize,
    warned: usize,
    flaky: usize,
    blocked: usize,
    skipped: usize,
    known: usize,
}

/// The document, with a newline at the end.
pub fn json(clean: &Clean) -> String {
    serde_json::to_string_pretty(&Saved::of(clean.run())).unwrap_or_default() + "\n"
}

/// Reads a saved run. What was masked stays so; the error says where the text is none.
pub fn read(text: &str) -> Result<Clean, String> {
    let saved: Saved = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if saved.schema != SCHEMA {
        return Err(format!("its schema is {}, and this version reads {SCHEMA}", saved.schema));
    }
    Ok(Clean::saved(saved.into()))
}

impl Saved {
    fn of(run: &RunOutcome) -> Self {
        let run = run.clone();
        Self {
            schema: SCHEMA,
            tool: Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
            summary: Summary::of(&run),
            target: Target { name: run.target, issuer: run.issuer, file: run.target_file },
            profile: run.profile,
            seed: run.seed,
            shard: run.shard,
            strict: run.strict,
            again: run.again,
            started_ms: run.started_ms,
            duration_ms: run.duration_ms,
            checks: run.checks.into_iter().map(written).collect(),
            notes: run.notes,
            died: run.died,
            known: run.known,
            stale_known: run.stale_known,
            traffic: run.traffic.into_iter().map(|one| Traffic { exchange: short(one.exchange), ..one }).collect(),
        }
    }
}

impl From<Saved> for RunOutcome {
    fn from(saved: Saved) -> Self {
        Self {
            target: saved.target.name,
            target_file: saved.target.file,
            issuer: saved.target.issuer,
            profile: saved.profile,
            seed: saved.seed,
            shard: saved.shard,
            strict: saved.strict,
            again: saved.again,
            started_ms: saved.started_ms,
            duration_ms: saved.duration_ms,
            checks: saved.checks,
            notes: saved.notes,
            died: saved.died,
            known: saved.known,
            stale_known: saved.stale_known,
            traffic: saved.traffic,
            secrets: Default::default(),
        }
    }
}

impl Summary {
    /// Known deviations are counted apart.
    pub fn of(run: &RunOutcome) -> Self {
        Self {
            passed: run.count(Verdict::Pass),
            failed: run.count(Verdict::Fail),
            warned: run.count(Verdict::Warn),
            flaky: run.count(Verdict::Flaky),
            blocked: run.count(Verdict::Blocked),
            skipped: run.count(Verdict::Skipped),
            known: run.checks.iter().filter(|check| check.known.is_some()).count(),
        }
    }
}

/// What travelled is evidence: it is told where something was found or nothing could be learnt.
pub fn written(check: CheckOutcome) -> CheckOutcome {
    let told = !matches!(check.verdict, Verdict::Pass | Verdict::Skipped);
    let exchanges = check.exchanges.into_iter().filter(|_| told).map(short).collect();
    CheckOutcome { exchanges, ..check }
}

fn short(mut exchange: Exchange) -> Exchange {
    exchange.request.body = body(&exchange.request.body);
    if let Answer::Response(response) = &mut exchange.answer {
        response.body = body(&response.body);
    }
    exchange
}

fn body(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    match cut(&text, BODY_LIMIT) {
        (text, 0) => text.to_owned(),
        (text, more) => format!("{text}… ({more} more bytes)"),
    }
    .into_bytes()
}
