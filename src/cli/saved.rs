//! Saved runs: read, and written as a baseline.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use super::exit::Stop;
use super::output;
use crate::modes::baseline::Baseline;
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};
use crate::report::{self, Clean};

/// Reads a saved run.
pub fn load(path: &Path) -> Result<Clean, Stop> {
    let wrong = |error: String| Stop::usage(format!("{} cannot be read as a saved run: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    report::read(&text).map_err(wrong)
}

/// Reads a saved run as the measure of another one.
pub fn baseline(path: &Path) -> Result<Baseline, Stop> {
    Ok(Baseline::of(&path.display().to_string(), &load(path)?.run().checks))
}

/// Writes the verdicts of a run. A partial run leaves what it did not judge as it was.
pub fn update_baseline(path: &Path, run: &RunOutcome, partial: bool) -> Result<(), Stop> {
    let old = if partial && path.exists() { load(path)?.run().checks.clone() } else { Vec::new() };
    let judged = |check: &&CheckOutcome| !partial || check.verdict != Verdict::Skipped;
    let names: BTreeSet<String> = run.checks.iter().filter(judged).map(CheckOutcome::name).collect();
    let kept = old.iter().filter(|check| !names.contains(&check.name()));
    let mut checks: Vec<&CheckOutcome> = run.checks.iter().filter(judged).chain(kept).collect();
    checks.sort_by_key(|check| check.name());
    output::write(path, &slim(run, &checks))
}

/// A saved run with a line a verdict and nothing that changes from run to run, so that a repository shows what changed.
fn slim(run: &RunOutcome, checks: &[&CheckOutcome]) -> String {
    let line = |check: &&CheckOutcome| {
        let CheckOutcome { id, case, verdict, level, .. } = *check;
        format!("    {}", json!({ "id": id, "case": case, "verdict": verdict, "level": level }))
    };
    let lines: Vec<String> = checks.iter().map(line).collect();
    let target = json!({ "name": run.target, "issuer": null });
    let profile = json!(run.profile);
    format!(
        "{{\n  \"schema\": 1,\n  \"target\": {target},\n  \"profile\": {profile},\n  \"checks\": [\n{}\n  ]\n}}\n",
        lines.join(",\n")
    )
}
