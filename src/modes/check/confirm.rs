//! Failures and warnings are confirmed: over a network when nothing else runs, because checks disturb each other at a server
//! that keeps one grant for each user and client.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};

use super::network::Report;
use super::{Done, Run};
use crate::outcome::{CheckOutcome, Verdict};
use crate::plan::{Plan, Planned, PlannedCase, plan};
use crate::scenario::Check;

/// How long failures are confirmed one after the other.
const ALONE: Duration = Duration::from_secs(15);

impl Run<'_> {
    /// Whoever wants the first failure to end the run has it confirmed before the next check begins.
    pub(super) async fn check_over_network(&self, check: &Arc<Check>) -> Done {
        let mut done = self.check(check).await;
        if self.options.fail_fast && done.outcomes.iter().any(|outcome| outcome.fails(self.options.strict)) {
            self.alone(self.confirm_check(check, &mut done)).await;
        }
        done
    }

    pub(super) fn awaits_confirmation(&self, done: &Done) -> bool {
        !self.options.fail_fast && done.outcomes.iter().any(doubtful)
    }

    /// Failures are confirmed one after the other, as long as that does not take long, and then beside each other. They are
    /// told when that is done; what somebody knows about needs no second look.
    pub(super) async fn confirm_failures(
        &self,
        checks: &[Arc<Check>],
        done: &mut [(usize, Done)],
        jobs: usize,
        report: Report<'_>,
    ) {
        let begun = Instant::now();
        let mut rest = Vec::new();
        for (at, done) in done.iter_mut().filter(|(_, done)| self.awaits_confirmation(done)) {
            let check = &checks[*at];
            let deviates = |outcome: &&CheckOutcome| outcome.verdict.deviates();
            let known = done.outcomes.iter().filter(deviates).all(|outcome| outcome.known.is_some());
            match begun.elapsed() < ALONE {
                _ if known => report(done),
                true => {
                    Box::pin(self.confirm_check(check, done)).await;
                    report(done);
                }
                false => rest.push((check, done)),
            }
        }
        stream::iter(rest)
            .for_each_concurrent(jobs, |(check, done)| async move {
                Box::pin(self.confirm_check(check, done)).await;
                report(done);
            })
            .await;
    }

    /// The failures of a check, each run once more when nothing else runs: checks disturb each other at a server that
    /// keeps one grant for each user and client.
    async fn confirm_check(&self, check: &Arc<Check>, done: &mut Done) {
        if check.file.when.is_some() || !done.outcomes.iter().any(doubtful) {
            return;
        }
        let Planned::Runs(plan) = plan(check, self.suite, self.target) else { return };
        let mut outcomes = std::mem::take(&mut done.outcomes);
        for outcome in outcomes.iter_mut().filter(|outcome| doubtful(outcome)) {
            if let Some(case) = plan.cases.iter().find(|case| case.name == outcome.case) {
                self.confirm(&plan, case, outcome, done).await;
            }
        }
        outcomes.iter_mut().for_each(|outcome| outcome.known = None);
        self.expect(&mut outcomes);
        done.outcomes = outcomes;
    }

    pub(super) async fn confirm(&self, plan: &Plan, case: &PlannedCase, outcome: &mut CheckOutcome, done: &mut Done) {
        if !doubtful(outcome) || !self.options.confirm {
            return;
        }
        self.patience.waits_after(&outcome.exchanges).await;
        let (again, _) = self.rounds(plan, case, done, 1000).await;
        let milder = again.verdict == Verdict::Warn && outcome.verdict == Verdict::Fail;
        if again.verdict == Verdict::Pass || milder {
            outcome.verdict = Verdict::Flaky;
            outcome.reason = format!("once {}, but not when tried again, alone", outcome.reason);
        }
    }
}

/// Whether a verdict has to be confirmed.
fn doubtful(outcome: &CheckOutcome) -> bool {
    matches!(outcome.verdict, Verdict::Fail | Verdict::Warn)
}
