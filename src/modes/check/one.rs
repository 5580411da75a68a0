//! One check against the target: control, cases, the control once more, each failure confirmed.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::RwLock;

use super::super::facts::Facts;
use super::super::patience::Patience;
use super::super::select::matches;
use super::super::setting::provider_in;
use super::super::verdict::{self, Judged};
use super::super::watch;
use super::{Done, Run};
use crate::engine::{self, Session, Transcript};
use crate::exchange::Exchange;
use crate::outcome::{Traffic, Verdict};
use crate::plan::{Plan, Planned, PlannedCase, plan};
use crate::scenario::Check;
use crate::wire::Wire;

impl Run<'_> {
    /// In the setting that the check is about.
    pub(super) async fn check(&self, check: &Arc<Check>) -> Done {
        let mut done = self.check_there(check).await;
        self.expect(&mut done.outcomes);
        done.outcomes.iter_mut().for_each(|outcome| outcome.retried = done.retried);
        done
    }

    async fn check_there(&self, check: &Arc<Check>) -> Done {
        let Some((target, access)) =
            check.file.provider.and_then(|setting| provider_in(setting, self.target, self.access))
        else {
            return self.check_here(check).await;
        };
        let (profile, patience) = (self.profile.clone(), Patience::default());
        let quiet = RwLock::default();
        let run = Run { target: &target, access: &access, profile, patience, quiet, ..*self };
        run.check_here(check).await
    }

    async fn check_here(&self, check: &Arc<Check>) -> Done {
        let started = Instant::now();
        let mut done = Done::default();
        let facts = Facts::of(check, self);
        if !facts.judged {
            done.outcomes.push(facts.outcome(None, Judged::new(Verdict::Skipped, self.profile.excludes()), &started));
            return done;
        }
        if let Some(reason) = self.too_weak(&facts) {
            done.outcomes.push(facts.outcome(None, Judged::new(Verdict::Skipped, reason), &started));
            return done;
        }
        match plan(check, self.suite, self.target) {
            // A watch that cannot provoke anything itself still sees what the other checks provoke. What it says of the
            // metadata holds only where its needs are met: the document is always seen.
            Planned::Skipped(_) if check.file.when.is_some() && !of_metadata(check) && !self.access.is_embedded() => {
                done.outcomes.push(facts.outcome(None, watch::unseen(), &started));
            }
            Planned::Skipped(reason) => {
                done.outcomes.push(facts.outcome(None, Judged::new(Verdict::Skipped, reason), &started));
            }
            Planned::Runs(plan) if check.file.when.is_some() => {
                let transcript = self.beside_others(self.perform(&plan, None, 0)).await;
                let provoked = verdict::control(&plan, &transcript);
                self.take(&mut done, &plan, None, transcript);
                done.outcomes.push(facts.outcome(None, provoked.err().unwrap_or_else(watch::unseen), &started));
            }
            Planned::Runs(plan) if check.file.vary.is_some() => self.varied(&plan, &facts, &mut done).await,
            Planned::Runs(plan) => {
                for case in &plan.cases {
                    self.case(&plan, case, &facts, &mut done).await;
                }
            }
        }
        done
    }

    /// Control, cases, and the control once more: what was refused in between was refused by a working target.
    async fn varied(&self, plan: &Plan, facts: &Facts, done: &mut Done) {
        let started = Instant::now();
        if let Err(judged) = self.control(plan, done, 1).await {
            let named = |case: &PlannedCase| facts.outcome(case.name.clone(), judged.clone(), &started);
            done.outcomes.extend(plan.cases.iter().map(named));
            return;
        }
        for case in &plan.cases {
            self.case(plan, case, facts, done).await;
        }
        if plan.cases.len() > 1
            && !self.access.is_embedded()
            && let Err(judged) = self.control(plan, done, 2).await
        {
            let reason = format!("the control was accepted before but not after: {}", judged.reason);
            for outcome in done.outcomes.iter_mut().filter(|outcome| outcome.verdict == Verdict::Pass) {
                outcome.verdict = Verdict::Blocked;
                outcome.reason.clone_from(&reason);
            }
        }
    }

    async fn control(&self, plan: &Plan, done: &mut Done, round: u64) -> Result<(), Judged> {
        let accepted = self.beside_others(self.one_control(plan, done, round)).await;
        match accepted {
            Err(blocked) if self.patience.tries_again(&blocked).await => {
                let again = self.alone(self.one_control(plan, done, round + 100)).await;
                self.patience.learns(again.is_ok());
                done.retried |= again.is_ok();
                again
            }
            accepted => accepted,
        }
    }

    async fn one_control(&self, plan: &Plan, done: &mut Done, round: u64) -> Result<(), Judged> {
        let transcript = self.perform(plan, None, round).await;
        let accepted = verdict::control(plan, &transcript);
        self.take(done, plan, None, transcript);
        accepted
    }

    /// One verdict, over as many rounds as the check asks for; a failure is confirmed.
    async fn case(&self, plan: &Plan, case: &PlannedCase, facts: &Facts, done: &mut Done) {
        let started = Instant::now();
        if !matches(&self.options.select, &plan.check.id, case.name.as_deref()) {
            return;
        }
        if let Some(reason) = &case.skipped {
            done.outcomes.push(facts.outcome(
                case.name.clone(),
                Judged::new(Verdict::Skipped, reason.clone()),
                &started,
            ));
            return;
        }
        let (mut judged, mut exchanges) = self.beside_others(self.rounds(plan, case, done, 10)).await;
        if self.patience.tries_again(&judged).await {
            (judged, exchanges) = self.alone(self.rounds(plan, case, done, 100)).await;
            self.patience.learns(judged.verdict != Verdict::Blocked);
            done.retried |= judged.verdict != Verdict::Blocked;
        }
        if judged.verdict == Verdict::Pass && !self.options.keep {
            exchanges.clear();
        }
        let mut outcome = facts.outcome(case.name.clone(), judged, &started);
        outcome.exchanges = exchanges;
        if self.access.is_embedded() {
            self.confirm(plan, case, &mut outcome, done).await;
        }
        done.outcomes.push(outcome);
    }

    pub(super) async fn rounds(
        &self,
        plan: &Plan,
        case: &PlannedCase,
        done: &mut Done,
        first: u64,
    ) -> (Judged, Vec<Exchange>) {
        let mut last = (Judged::new(Verdict::Pass, ""), Vec::new());
        for round in 0..u64::from(plan.check.file.rounds.unwrap_or(1)) {
            let transcript = self.perform(plan, Some(case), first + round).await;
            let judged = verdict::of_variation(plan, case, &transcript);
            last = (judged, transcript.exchanges().map(Exchange::kept).collect());
            self.take(done, plan, Some(case), transcript);
            if last.0.verdict != Verdict::Pass {
                break;
            }
        }
        last
    }

    async fn beside_others<T>(&self, run: impl Future<Output = T>) -> T {
        let _others = self.quiet.read().await;
        run.await
    }

    pub(super) async fn alone<T>(&self, run: impl Future<Output = T>) -> T {
        let _nobody = self.quiet.write().await;
        run.await
    }

    async fn perform(&self, plan: &Plan, case: Option<&PlannedCase>, round: u64) -> Transcript {
        let name = case.and_then(|case| case.name.as_deref()).unwrap_or_default();
        let seed = seed_of(self.options.seed, &plan.check.id, name, round);
        let unchanged = case.filter(|case| case.variation.is_some() || !case.with.is_empty());
        Box::pin(engine::run(plan, unchanged, self.session(&self.wire(seed), seed))).await
    }

    pub(super) fn wire(&self, seed: u64) -> Arc<Wire> {
        self.access.wire(seed)
    }

    pub(super) fn session<'s>(&'s self, wire: &'s Arc<Wire>, seed: u64) -> Session<'s> {
        Session { wire, target: self.target, seed, slow: self.options.slow }
    }

    /// The verdict on a check that is not run though it applies.
    pub(super) fn unrun(&self, check: &Arc<Check>, verdict: Verdict, reason: &str) -> Done {
        let facts = Facts::of(check, self);
        let judged = match plan(check, self.suite, self.target) {
            _ if !facts.judged => Judged::new(Verdict::Skipped, self.profile.excludes()),
            Planned::Skipped(reason) => Judged::new(Verdict::Skipped, reason),
            Planned::Runs(_) => Judged::new(verdict, self.too_weak(&facts).unwrap_or_else(|| reason.to_owned())),
        };
        let mut outcomes = vec![facts.outcome(None, judged, &Instant::now())];
        self.expect(&mut outcomes);
        Done { outcomes, ..Done::default() }
    }

    /// Why `--level` leaves a check out.
    fn too_weak(&self, facts: &Facts) -> Option<String> {
        let asked = self.options.level?;
        let level = facts.level.filter(|level| level.strength() < asked.strength())?;
        Some(format!("its level is {level}, and --level asks for {asked}"))
    }

    /// What travelled, for the watchers and the reports.
    fn take(&self, done: &mut Done, plan: &Plan, case: Option<&PlannedCase>, transcript: Transcript) {
        done.secrets.extend(&transcript.secrets);
        done.retries += transcript.exchanges().map(|exchange| exchange.retries).sum::<u32>();
        if self.options.traffic {
            let case = case.and_then(|case| case.name.as_ref()).map_or_else(String::new, |case| format!("#{case}"));
            let check = format!("{}{case}", plan.check.id);
            let kept = |exchange: &Exchange| Traffic { check: check.clone(), exchange: exchange.kept() };
            done.traffic.extend(transcript.exchanges().map(kept));
        }
        done.seen.extend(watch::seen(&transcript, self.target));
    }
}

/// Whether a watch is about what the metadata document says.
fn of_metadata(check: &Check) -> bool {
    check.file.needs.iter().any(|word| word == "metadata")
}

/// Another seed for each run, the same in each repetition of the whole.
fn seed_of(seed: u64, id: &str, case: &str, round: u64) -> u64 {
    let text = format!("{seed} {id} {case} {round}");
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
