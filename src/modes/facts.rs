//! What a verdict says besides the verdict: the rule, its level, whether the profile judges it.

use std::sync::Arc;
use std::time::Instant;

use super::check::Run;
use super::verdict::Judged;
use crate::catalogue::Level;
use crate::outcome::{CheckOutcome, Verdict};
use crate::scenario::{Check, Kind};

/// What the catalogue says about a check.
pub struct Facts {
    /// Whether the profile judges any of its rules.
    pub judged: bool,
    /// How strong the rule is.
    pub level: Option<Level>,
    advisory: bool,
    template: CheckOutcome,
}

impl Facts {
    /// Of this check under the run's profile.
    pub fn of(check: &Arc<Check>, run: &Run<'_>) -> Self {
        let rows: Vec<_> = check.file.covers.iter().filter_map(|id| run.catalogue.row(id)).collect();
        let judged: Vec<_> = rows.iter().filter(|row| run.profile.judges(row)).collect();
        let chosen = judged.iter().find(|row| row.must()).or(judged.first()).copied().or(rows.first());
        let text = |of: fn(&crate::catalogue::Requirement) -> String| chosen.map(|row| of(row)).unwrap_or_default();
        let template = CheckOutcome {
            id: check.id.clone(),
            case: None,
            title: check.file.title.clone(),
            verdict: Verdict::Skipped,
            covers: check.file.covers.clone(),
            spec: text(|row| row.spec.clone()),
            section: text(|row| row.section.clone()),
            level: text(|row| row.level.to_string()),
            rule: text(|row| row.says.clone()),
            why: check.file.why.clone(),
            fix: check.file.fix.clone(),
            kind: check.kind(),
            reason: String::new(),
            findings: Vec::new(),
            exchanges: Vec::new(),
            known: None,
            retried: false,
            duration_ms: 0,
        };
        // A check that covers no rule, as a fuzzer writes it, is judged by what it says itself.
        let advisory = !rows.is_empty() && !judged.iter().any(|row| row.must());
        let level = chosen.map(|row| row.level);
        Self { judged: rows.is_empty() || !judged.is_empty(), level, advisory, template }
    }

    /// A broken SHOULD is a warning.
    pub fn outcome(&self, case: Option<String>, judged: Judged, started: &Instant) -> CheckOutcome {
        let softened = judged.verdict == Verdict::Fail && self.advisory;
        CheckOutcome {
            case,
            verdict: if softened { Verdict::Warn } else { judged.verdict },
            reason: judged.reason,
            findings: judged.findings,
            duration_ms: millis(started),
            ..self.template.clone()
        }
    }
}

impl Check {
    /// What is judged: as the file says, else by its shape and by what its last judged step expects.
    pub fn kind(&self) -> Kind {
        let file = &self.file;
        if let Some(kind) = file.kind {
            return kind;
        }
        if file.when.is_some() {
            return Kind::Watch;
        }
        let last = file.step.iter().rev().find_map(|step| step.expect.as_ref());
        let expect = file
            .vary
            .as_ref()
            .map_or(last, |vary| vary.expect.as_ref().or(file.case.first().and_then(|case| case.expect.as_ref())));
        if expect.is_some_and(crate::scenario::Expect::refuses) { Kind::Refusal } else { Kind::Acceptance }
    }
}

/// Milliseconds since then.
pub fn millis(started: &Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
