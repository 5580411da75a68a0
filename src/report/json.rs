//! The run as JSON: the stable schema of `docs/report-format.md`.

use serde::Serialize;

use super::clean::Clean;
use super::plain::cut;
use crate::exchange::{Answer, Exchange, Request, Response};
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};
use crate::scenario::Kind;

/// Longer bodies are cut.
const BODY_LIMIT: usize = 64 << 10;

/// The document, with a newline at the end.
pub fn json(clean: &Clean) -> String {
    let document = serde_json::to_string_pretty(&Report::of(clean.run())).unwrap_or_default();
    document + "\n"
}

#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    tool: Tool,
    target: Target<'a>,
    profile: &'a str,
    seed: u64,
    duration_ms: u64,
    summary: Summary,
    checks: Vec<Check<'a>>,
    notes: &'a [String],
    stale_known: &'a [String],
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Target<'a> {
    name: &'a str,
    issuer: Option<&'a str>,
}

#[derive(Serialize)]
struct Summary {
    passed: usize,
    failed: usize,
    warned: usize,
    flaky: usize,
    blocked: usize,
    skipped: usize,
    known: usize,
}

#[derive(Serialize)]
struct Check<'a> {
    id: &'a str,
    case: Option<&'a str>,
    title: &'a str,
    verdict: Verdict,
    covers: &'a [String],
    spec: &'a str,
    section: &'a str,
    level: &'a str,
    kind: Kind,
    rule: &'a str,
    reason: &'a str,
    known: Option<&'a str>,
    findings: Vec<Finding<'a>>,
    exchanges: Vec<Exchanged<'a>>,
    duration_ms: u64,
}

#[derive(Serialize)]
struct Finding<'a> {
    step: &'a str,
    step_name: &'a str,
    selector: &'a str,
    wanted: &'a str,
    got: &'a str,
    advisory: bool,
}

#[derive(Serialize)]
struct Exchanged<'a> {
    request: Asked<'a>,
    response: Option<Answered<'a>>,
    nothing: Option<&'a str>,
    took_ms: u64,
}

#[derive(Serialize)]
struct Asked<'a> {
    method: &'a str,
    url: &'a str,
    headers: &'a [(String, String)],
    body: String,
}

#[derive(Serialize)]
struct Answered<'a> {
    status: u16,
    headers: &'a [(String, String)],
    body: String,
}

impl<'a> Report<'a> {
    fn of(run: &'a RunOutcome) -> Self {
        Self {
            schema: 1,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            target: Target { name: &run.target, issuer: run.issuer.as_deref() },
            profile: &run.profile,
            seed: run.seed,
            duration_ms: run.duration_ms,
            summary: Summary::of(run),
            checks: run.checks.iter().map(Check::of).collect(),
            notes: &run.notes,
            stale_known: &run.stale_known,
        }
    }
}

impl Summary {
    fn of(run: &RunOutcome) -> Self {
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

impl<'a> Check<'a> {
    /// What travelled is evidence: it is told where something was found or nothing could be learnt.
    fn of(check: &'a CheckOutcome) -> Self {
        let told = !matches!(check.verdict, Verdict::Pass | Verdict::Skipped);
        Self {
            id: &check.id,
            case: check.case.as_deref(),
            title: &check.title,
            verdict: check.verdict,
            covers: &check.covers,
            spec: &check.spec,
            section: &check.section,
            level: &check.level,
            kind: check.kind,
            rule: &check.rule,
            reason: &check.reason,
            known: check.known.as_deref(),
            findings: check.findings.iter().map(Finding::of).collect(),
            exchanges: check.exchanges.iter().filter(|_| told).map(Exchanged::of).collect(),
            duration_ms: check.duration_ms,
        }
    }
}

impl<'a> Finding<'a> {
    fn of(finding: &'a crate::outcome::Finding) -> Self {
        let crate::outcome::Finding { step, step_name, selector, wanted, got, advisory } = finding;
        Self { step, step_name, selector, wanted, got, advisory: *advisory }
    }
}

impl<'a> Exchanged<'a> {
    fn of(exchange: &'a Exchange) -> Self {
        let (response, nothing) = match &exchange.answer {
            Answer::Response(response) => (Some(Answered::of(response)), None),
            Answer::Nothing(reason) => (None, Some(reason.as_str())),
        };
        Self { request: Asked::of(&exchange.request), response, nothing, took_ms: exchange.took_ms }
    }
}

impl<'a> Asked<'a> {
    fn of(request: &'a Request) -> Self {
        Self { method: &request.method, url: &request.url, headers: &request.headers, body: body(&request.body) }
    }
}

impl<'a> Answered<'a> {
    fn of(response: &'a Response) -> Self {
        Self { status: response.status, headers: &response.headers, body: body(&response.body) }
    }
}

fn body(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match cut(&text, BODY_LIMIT) {
        (text, 0) => text.to_owned(),
        (text, more) => format!("{text}… ({more} more bytes)"),
    }
}
