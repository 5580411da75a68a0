//! What fuzzing found, as files and as words.

use std::path::Path;

use super::super::exit::Stop;
use super::super::output;
use crate::modes::fuzz::{Finding, Tally};
use crate::outcome::RunOutcome;
use crate::report::{self, Clean, curl};
use crate::target::Target;

/// The findings as a run, so that they are told and masked as all verdicts are.
pub fn outcome(target: &Target, tally: &Tally, seed: u64) -> RunOutcome {
    let mut secrets = target.secrets();
    tally.findings.iter().for_each(|finding| secrets.extend(&finding.secrets));
    RunOutcome {
        target: target.name.clone(),
        issuer: target.issuer.clone(),
        profile: "fuzz".into(),
        seed,
        duration_ms: u64::try_from(tally.took.as_millis()).unwrap_or(u64::MAX),
        checks: tally.findings.iter().map(|finding| finding.outcome.clone()).collect(),
        notes: target.caution().into_iter().collect(),
        secrets,
        ..RunOutcome::default()
    }
}

/// The scenario file, below it the judged request as a `curl` line.
pub fn write(folder: &Path, finding: &Finding) -> Result<(), Stop> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Stop::usage(format!("{} cannot be made: {error}", folder.display())))?;
    let tally = Tally { findings: vec![finding.clone()], ..Tally::default() };
    let clean = Clean::of(&outcome(&Target::default(), &tally, 0));
    let last = clean.run().checks.iter().find_map(|check| check.exchanges.last());
    let line = last.map(|exchange| curl(&exchange.request)).filter(|line| line.len() < LONG);
    let line = line.map_or_else(String::new, |line| format!("\n# {line}\n"));
    output::write(&folder.join(format!("{}.toml", finding.name)), &(finding.text.clone() + &line))
}

/// A longer `curl` line helps nobody.
const LONG: usize = 4_000;

/// The line while it goes on.
pub fn brief(tally: &Tally) -> String {
    format!("{} cases, {} requests, {} new, {} found", tally.cases, tally.requests, tally.novel, tally.findings.len())
}

/// The last lines.
pub fn summary(tally: &Tally) -> String {
    let seconds = tally.took.as_secs_f64().max(0.001);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = |count: u64| (count as f64 / seconds).round();
    let mut text = format!(
        "{} cases in {}, {} a second; {} requests, {} a second; {} kinds of answers, {} found\n",
        tally.cases,
        report::seconds(u64::try_from(tally.took.as_millis()).unwrap_or(u64::MAX)),
        rate(tally.cases),
        tally.requests,
        rate(tally.requests),
        tally.novel,
        tally.findings.len()
    );
    if tally.blocked + tally.delayed > 0 {
        text += &format!("{} cases blocked by their set-up, {} put off by the target\n", tally.blocked, tally.delayed);
    }
    text
}
