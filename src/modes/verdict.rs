//! A transcript becomes a verdict: set-up that fails blocks, judged steps give findings. Pure.

use crate::engine::{Stop, StopKind, Transcript};
use crate::exchange::{Answer, Observation};
use crate::judge::{self, Violation};
use crate::outcome::{Finding, Verdict};
use crate::plan::{Plan, PlannedCase, PlannedStep};
use crate::scenario::{Expect, Kind};

/// What one run says.
#[derive(Clone, Debug)]
pub struct Judged {
    /// `Warn` when only warnings were found.
    pub verdict: Verdict,
    /// One line.
    pub reason: String,
    /// Every violated expectation.
    pub findings: Vec<Finding>,
}

impl Judged {
    /// Without findings.
    pub fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into(), findings: Vec::new() }
    }
}

/// Judges the unchanged run of a plan: set-up blocks, own steps are found wrong.
pub fn of_steps(plan: &Plan, transcript: &Transcript) -> Judged {
    let mut findings = Vec::new();
    for (index, planned) in plan.steps.iter().enumerate() {
        let Some(record) = transcript.step(index) else { continue };
        let step = &planned.step;
        match judged_step(planned, &step.expect, &step.should, &record.observations) {
            Err(blocked) => return blocked,
            Ok(found) if planned.setup => {
                if let Some(first) = found.into_iter().find(|finding| !finding.advisory) {
                    return set_up_failed(planned, &first);
                }
            }
            Ok(found) if plan.check.kind() == Kind::Acceptance && judge::may_not(&record.observations) => {
                if let Some(first) = found.iter().find(|finding| !finding.advisory) {
                    return not_allowed(first);
                }
            }
            Ok(found) => findings.extend(found),
        }
    }
    finish(plan, transcript, findings)
}

/// Judges a varied run: everything before the judged step is set-up, the judged step is the verdict.
pub fn of_variation(plan: &Plan, case: &PlannedCase, transcript: &Transcript) -> Judged {
    let Some(variation) = &case.variation else { return of_steps(plan, transcript) };
    let place = |id: &str| plan.steps.iter().position(|step| step.id == id);
    let (Some(varied), Some(judged)) = (place(&variation.step), place(&variation.judge)) else {
        return Judged::new(Verdict::Blocked, format!("there is no step `{}`", variation.step));
    };
    for (index, planned) in plan.steps.iter().enumerate().take(varied) {
        let Some(record) = transcript.step(index) else { continue };
        match judged_step(planned, &planned.step.expect, &None, &record.observations) {
            Err(blocked) => return blocked,
            Ok(found) => {
                if let Some(first) = found.first() {
                    return set_up_failed(planned, first);
                }
            }
        }
    }
    let (at, expect, should) = match (transcript.step(judged), &transcript.stopped) {
        (Some(_), _) => (judged, &variation.expect, &variation.should),
        (None, Some(stop)) if variation.earlier.is_some() && stop.index >= varied => {
            (stop.index, &variation.earlier, &None)
        }
        (None, Some(stop)) if stop.kind == StopKind::Skipped => {
            return Judged::new(Verdict::Skipped, stop.reason.clone());
        }
        (None, stop) => {
            let reason = stop.as_ref().map_or_else(String::new, |stop| format!(": {}", stop.reason));
            return Judged::new(Verdict::Blocked, format!("the run ended before the judged step{reason}"));
        }
    };
    let observations = transcript.step(at).map_or(&[][..], |record| &record.observations);
    match judged_step(&plan.steps[at], expect, should, observations) {
        Err(blocked) => blocked,
        Ok(findings) => conclude(findings),
    }
}

/// Whether the control was accepted; the reason when not.
pub fn control(plan: &Plan, transcript: &Transcript) -> Result<(), Judged> {
    for (index, planned) in plan.steps.iter().enumerate() {
        let Some(record) = transcript.step(index) else { continue };
        let found = judged_step(planned, &planned.step.expect, &None, &record.observations)?;
        if let Some(first) = found.first() {
            return Err(set_up_failed(planned, first));
        }
    }
    match &transcript.stopped {
        None => Ok(()),
        Some(stop) => Err(cut_short(plan, stop)),
    }
}

/// A set-up that ended early: nothing was learnt.
fn cut_short(plan: &Plan, stop: &Stop) -> Judged {
    let planned = &plan.steps[stop.index];
    match &planned.step.or_skip {
        _ if stop.kind == StopKind::Skipped => Judged::new(Verdict::Skipped, stop.reason.clone()),
        Some(meaning) => Judged::new(Verdict::Skipped, meaning.clone()),
        None => {
            Judged::new(Verdict::Blocked, format!("set-up did not get through ({}): {}", planned.name, stop.reason))
        }
    }
}

/// The findings of one step, or why it cannot be judged.
fn judged_step(
    planned: &PlannedStep,
    expect: &Option<Expect>,
    should: &Option<Expect>,
    observations: &[Observation],
) -> Result<Vec<Finding>, Judged> {
    let mentions =
        |expect: &Option<Expect>| expect.iter().any(|expect| expect.answered.is_some() || expect.took.is_some());
    let pages = |expect: &Option<Expect>| expect.iter().any(|expect| !expect.page.is_empty());
    if !mentions(expect)
        && let Some(reason) = expect.as_ref().and_then(|expect| judge::guard(expect, observations))
    {
        return Err(Judged::new(Verdict::Blocked, format!("{}: {reason}", planned.name)));
    }
    let stuck = observations.iter().find_map(|observation| observation.stuck.as_ref());
    if let Some(stuck) = stuck.filter(|_| !pages(expect) && !mentions(expect)) {
        return Err(Judged::new(Verdict::Blocked, format!("{}: {stuck}", planned.name)));
    }
    let found = |expect: &Option<Expect>, advisory: bool| -> Vec<Finding> {
        let violations = expect.as_ref().map_or_else(Vec::new, |expect| judge::violations(expect, observations));
        violations.into_iter().map(|violation| finding(planned, violation, advisory)).collect()
    };
    Ok([found(expect, false), found(should, true)].concat())
}

fn finding(planned: &PlannedStep, violation: Violation, advisory: bool) -> Finding {
    Finding {
        step: planned.id.clone(),
        step_name: planned.name.clone(),
        selector: violation.selector,
        wanted: violation.wanted,
        got: violation.got,
        advisory,
    }
}

/// A failed set-up teaches nothing; where the step says what it means, the target does not offer that.
fn set_up_failed(planned: &PlannedStep, finding: &Finding) -> Judged {
    let Finding { step_name, selector, wanted, got, .. } = finding;
    match &planned.step.or_skip {
        Some(meaning) => Judged::new(Verdict::Skipped, meaning.clone()),
        None => Judged::new(
            Verdict::Blocked,
            format!("set-up did not get through ({step_name}): {selector}: wanted {wanted}, got {got}"),
        ),
    }
}

/// The target file gave a client to a check that this client may not do: nothing was learnt about the rule.
fn not_allowed(finding: &Finding) -> Judged {
    let Finding { step_name, selector, wanted, got, .. } = finding;
    let help = "the server says unauthorized_client: let this client do it, or leave it out of the client's `grants` (or name it in `lacks`)";
    Judged::new(Verdict::Blocked, format!("{step_name}: {selector}: wanted {wanted}, got {got}; {help}"))
}

/// How the unchanged run of a steps-shaped check ends.
fn finish(plan: &Plan, transcript: &Transcript, mut findings: Vec<Finding>) -> Judged {
    let Some(stop) = transcript.stopped.as_ref().filter(|_| findings.iter().all(|finding| finding.advisory)) else {
        return conclude(findings);
    };
    let planned = &plan.steps[stop.index];
    if planned.setup || stop.kind == StopKind::Skipped {
        return cut_short(plan, stop);
    }
    if stop.kind == StopKind::Blocked {
        return Judged::new(Verdict::Blocked, format!("{}: {}", planned.name, stop.reason));
    }
    let violation = Violation { selector: "capture".into(), wanted: "a value".into(), got: stop.reason.clone() };
    findings.push(finding(planned, violation, false));
    conclude(findings)
}

fn conclude(findings: Vec<Finding>) -> Judged {
    let first = findings.iter().find(|finding| !finding.advisory).or(findings.first());
    let Some(first) = first else { return Judged::new(Verdict::Pass, "") };
    let verdict = if first.advisory { Verdict::Warn } else { Verdict::Fail };
    let reason = format!("{}: wanted {}, got {}", first.selector, first.wanted, first.got);
    Judged { verdict, reason, findings }
}

/// Whether no request of the run got any answer: the target is not there.
pub fn unanswered(transcript: &Transcript) -> Option<String> {
    let mut exchanges = transcript.exchanges().peekable();
    exchanges.peek()?;
    let silent = |exchange: &crate::exchange::Exchange| match &exchange.answer {
        Answer::Nothing(reason) => Some(reason.clone()),
        Answer::Response(_) => None,
    };
    let reasons: Option<Vec<String>> = exchanges.map(silent).collect();
    reasons.and_then(|reasons| reasons.into_iter().next())
}
