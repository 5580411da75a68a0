//! What a target is good for: its endpoints, each way to a token tried once, and the checks that would run.

use std::path::Path;

use indexmap::IndexMap;

use super::super::conduct::Switches;
use super::super::exit::Stop;
use super::super::reach;
use crate::modes::trial::{Trial, Tried, attempt};
use crate::plan::{Planned, plan};
use crate::report::plain;
use crate::scenario::Suite;
use crate::target::Target;

/// What was found, as a text and as a yes or no.
pub struct Survey {
    /// For a reader.
    pub text: String,
    /// Whether everything that the file offers got through, and anything did.
    pub works: bool,
    /// What did not work before anything was tried.
    pub notes: Vec<String>,
    /// What was tried.
    pub trials: Vec<Trial>,
}

/// Looks at a target; so many reasons for skips are told.
pub async fn survey(
    file: Option<&Path>,
    target: &mut Target,
    suite: &Suite,
    seed: u64,
    reasons: usize,
) -> Result<Survey, Stop> {
    let (access, notes) = reach::access(file, target, &Switches::default()).await?;
    let trials = attempt(target, &access, suite, seed).await;
    let failed = trials.iter().any(|trial| matches!(trial.tried, Tried::Fails(..)));
    let got_through = trials.iter().any(|trial| matches!(trial.tried, Tried::Works(_)));
    let known: Vec<String> = target.endpoints.iter().map(|(name, url)| format!("  {name:<14} {url}\n")).collect();
    let noted: Vec<String> = notes.iter().map(|note| format!("  note: {}\n", plain(note))).collect();
    let tried: Vec<String> = trials.iter().map(line).collect();
    let text = format!(
        "{}\n\nEndpoints\n{}{}\nTried\n{}{}",
        target.name,
        known.concat(),
        noted.concat(),
        tried.concat(),
        coverage(target, suite, reasons)
    );
    Ok(Survey { text, works: got_through && !failed && notes.is_empty(), notes, trials })
}

/// One trial, harmless for a terminal and without secrets.
fn line(trial: &Trial) -> String {
    let secrets = trial.secrets.redactor();
    let clean = |text: &str| plain(&secrets.redact(text));
    match &trial.tried {
        Tried::Works(requests) => format!("  ok      {} ({})\n", trial.name, counted(*requests, "request")),
        Tried::Fails(reason, shown) => {
            format!("  FAILED  {}\n          {}\n          {}\n", trial.name, clean(reason), clean(shown))
        }
        Tried::NotOffered(reason) => format!("  -       {}: {}\n", trial.name, clean(reason)),
    }
}

/// How many checks would run, and what enables the others, the most first.
fn coverage(target: &Target, suite: &Suite, shown: usize) -> String {
    let mut reasons: IndexMap<String, usize> = IndexMap::new();
    for check in suite.checks() {
        if let Planned::Skipped(reason) = plan(check, suite, target) {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let skipped: usize = reasons.values().sum();
    // What a line of the file can enable comes before what the server would have to offer.
    let written = |reason: &str| reason.starts_with("needs ");
    reasons.sort_by(|one, count, other, than| (written(other), than).cmp(&(written(one), count)));
    let lines: String = reasons
        .iter()
        .take(shown)
        .map(|(reason, count)| format!("  {count:>4} skipped: {}\n", plain(reason)))
        .collect();
    let all = suite.checks().len();
    let more = match reasons.len().saturating_sub(shown) {
        0 => String::new(),
        more => format!("       and {}: grantcheck target check\n", counted(more, "other reason")),
    };
    format!("\nChecks: {} of {all} can run\n{lines}{more}", all - skipped)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
