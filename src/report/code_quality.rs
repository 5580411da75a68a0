//! GitLab's code quality report: an entry a deviation, at the target file.

use serde_json::json;

use super::clean::Clean;
use super::plain::plain;
use super::sarif::place;
use crate::crypto::s256;
use crate::outcome::{CheckOutcome, RunOutcome};

/// The list.
pub fn code_quality(clean: &Clean) -> String {
    let run = clean.run();
    let found = run.checks.iter().filter(|check| check.verdict.deviates() && check.known.is_none());
    let entries: Vec<_> = found.map(|check| entry(check, run)).collect();
    format!("{:#}\n", json!(entries))
}

fn entry(check: &CheckOutcome, run: &RunOutcome) -> serde_json::Value {
    json!({
        "description": format!("{} ({})", check.title, plain(&check.reason)),
        "check_name": check.id,
        "fingerprint": s256(&check.name()),
        "severity": if check.fails(run.strict) { "major" } else { "minor" },
        "location": { "path": place(run), "lines": { "begin": 1 } },
    })
}
