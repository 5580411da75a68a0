//! The conformance run: every selected check against one target, each failure confirmed, watchers last.

use std::sync::Arc;
use std::time::Instant;

use futures::stream::{self, StreamExt as _};

use super::access::Access;
use super::facts::{Facts, millis};
use super::patience::Patience;
use super::select::matches;
use super::setting::provider_in;
use super::threads::{on_this_thread, parallel};
use super::verdict::{self, Judged};
use super::watch::{self, Seen};
use crate::catalogue::{Catalogue, Profile};
use crate::engine::{self, Session, Transcript};
use crate::exchange::Exchange;
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};
use crate::plan::{Plan, Planned, PlannedCase, plan};
use crate::scenario::{Check, Suite};
use crate::secret::Secrets;
use crate::target::Target;

/// What is run and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Words of the selection; none selects all.
    pub select: Vec<String>,
    /// The profile; what the target announces plus `rfc6749` and `rfc9700` unless given.
    pub profile: Option<String>,
    /// Where made values come from.
    pub seed: u64,
    /// Whether real waiting is allowed.
    pub slow: bool,
    /// Checks at the same time.
    pub jobs: usize,
    /// Whether a failure is run a second time before it is reported.
    pub confirm: bool,
    /// Whether a check that passes keeps its exchanges.
    pub keep: bool,
}

/// What happens while a run goes on.
pub enum Progress<'a> {
    /// So many checks will run.
    Started(usize),
    /// One verdict is there.
    Finished(&'a CheckOutcome),
}

/// Listens to a run.
pub type Listener<'a> = &'a (dyn Fn(Progress<'_>) + Sync);

impl Default for Options {
    fn default() -> Self {
        Self { select: Vec::new(), profile: None, seed: 1, slow: false, jobs: 0, confirm: true, keep: false }
    }
}

/// Runs the selected checks.
pub async fn run(
    suite: &Suite,
    catalogue: &Catalogue,
    target: &Target,
    access: &Access,
    options: &Options,
    listener: Listener<'_>,
) -> RunOutcome {
    let started = Instant::now();
    let profile = profile(catalogue, options.profile.as_deref(), &target.profiles);
    let patience = Patience::with(target, access);
    let run = Run { suite, catalogue, target, access, options, profile, patience };
    let checks: Vec<Arc<Check>> =
        suite.checks().iter().filter(|check| matches(&options.select, &check.id, None)).cloned().collect();
    listener(Progress::Started(checks.len()));
    let dead = run.dead(&checks).await;
    let mut done = match &dead {
        Some(reason) => checks.iter().map(|check| run.blocked(check, reason)).collect(),
        None => run.all(&checks, listener).await,
    };
    if dead.is_none() {
        run.watch(&checks, &mut done, listener);
    }
    let death = run.after(&checks, dead).await;
    run.outcome(done, death, started)
}

/// The profile of this name; everything when there is none so called (the command line refuses that before).
pub fn profile(catalogue: &Catalogue, name: Option<&str>, claimed: &[String]) -> Profile {
    let everything = || Profile::everything();
    catalogue.profile(name, claimed).unwrap_or_else(everything)
}

/// One check, on its own: what `prove` drives.
pub async fn alone(run: &Run<'_>, check: &Arc<Check>) -> Vec<CheckOutcome> {
    let mut done = vec![run.check(check).await];
    run.watch(std::slice::from_ref(check), &mut done, &|_| {});
    done.into_iter().flat_map(|done| done.outcomes).collect()
}

/// Everything that stays the same during a run.
pub struct Run<'a> {
    /// The checks and flows.
    pub suite: &'a Suite,
    /// The rules.
    pub catalogue: &'a Catalogue,
    /// Whom it is about.
    pub target: &'a Target,
    /// How it is reached.
    pub access: &'a Access,
    /// How it is run.
    pub options: &'a Options,
    /// What is judged.
    pub profile: Profile,
    /// Second tries of set-ups.
    pub patience: Patience,
}

/// What one check gave: its verdicts, and what travelled for the watchers.
#[derive(Default)]
pub struct Done {
    outcomes: Vec<CheckOutcome>,
    seen: Vec<Seen>,
    secrets: Secrets,
}

impl Run<'_> {
    /// On the provider in the process one thread a core, over a network as many at a time as its pace allows.
    async fn all(&self, checks: &[Arc<Check>], listener: Listener<'_>) -> Vec<Done> {
        let report = |done: &Done| done.outcomes.iter().for_each(|outcome| listener(Progress::Finished(outcome)));
        if self.access.is_embedded() {
            return parallel(checks, |check| {
                let done = on_this_thread(self.check(check));
                report(&done);
                done
            });
        }
        let jobs = if self.options.jobs > 0 { self.options.jobs } else { self.target.pace.jobs.max(1) as usize };
        let mut done: Vec<(usize, Done)> = stream::iter(checks.iter().enumerate())
            .map(|(index, check)| async move { (index, Box::pin(self.check(check)).await) })
            .buffer_unordered(jobs)
            .inspect(|(_, done)| report(done))
            .collect()
            .await;
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, done)| done).collect()
    }

    /// A target that answers nothing at all is not asked a thousand times.
    async fn dead(&self, checks: &[Arc<Check>]) -> Option<String> {
        if self.access.is_embedded() {
            return None;
        }
        let mut reason = None;
        for check in checks.iter().filter(|check| !check.file.step.is_empty()) {
            let Planned::Runs(plan) = plan(check, self.suite, self.target) else { continue };
            let transcript = engine::run(&plan, None, self.session(&self.wire(0), 0)).await;
            if transcript.exchanges().next().is_none() {
                continue;
            }
            let silent = verdict::unanswered(&transcript)?;
            if reason.is_some() {
                return Some(format!("the target does not answer: {silent}"));
            }
            reason = Some(silent);
        }
        reason.map(|silent| format!("the target does not answer: {silent}"))
    }

    /// In the setting that the check is about.
    async fn check(&self, check: &Arc<Check>) -> Done {
        let Some((target, access)) =
            check.file.provider.and_then(|setting| provider_in(setting, self.target, self.access))
        else {
            return self.check_here(check).await;
        };
        let (profile, patience) = (self.profile.clone(), Patience::default());
        let run = Run { target: &target, access: &access, profile, patience, ..*self };
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
        match plan(check, self.suite, self.target) {
            // A watch that cannot provoke anything itself still sees what the other checks provoke.
            Planned::Skipped(_) if check.file.when.is_some() && !self.access.is_embedded() => {
                done.outcomes.push(facts.outcome(None, watch::unseen(), &started));
            }
            Planned::Skipped(reason) => {
                done.outcomes.push(facts.outcome(None, Judged::new(Verdict::Skipped, reason), &started));
            }
            Planned::Runs(plan) if check.file.when.is_some() => {
                let transcript = self.perform(&plan, None, 0).await;
                let provoked = verdict::control(&plan, &transcript);
                done.take(transcript);
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
        let accepted = self.one_control(plan, done, round).await;
        match accepted {
            Err(blocked) if self.patience.tries_again(&blocked).await => {
                let again = self.one_control(plan, done, round + 100).await;
                self.patience.learns(again.is_ok());
                again
            }
            accepted => accepted,
        }
    }

    async fn one_control(&self, plan: &Plan, done: &mut Done, round: u64) -> Result<(), Judged> {
        let transcript = self.perform(plan, None, round).await;
        let accepted = verdict::control(plan, &transcript);
        done.take(transcript);
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
        let (mut judged, mut exchanges) = self.rounds(plan, case, done, 10).await;
        if self.patience.tries_again(&judged).await {
            (judged, exchanges) = self.rounds(plan, case, done, 100).await;
            self.patience.learns(judged.verdict != Verdict::Blocked);
        }
        if judged.verdict == Verdict::Fail && self.options.confirm {
            self.patience.waits_after(&exchanges).await;
            let (again, _) = self.rounds(plan, case, done, 1000).await;
            if matches!(again.verdict, Verdict::Pass | Verdict::Warn) {
                judged.verdict = Verdict::Flaky;
                judged.reason = format!("once {}, but not when tried again", judged.reason);
            }
        }
        if judged.verdict == Verdict::Pass && !self.options.keep {
            exchanges.clear();
        }
        let mut outcome = facts.outcome(case.name.clone(), judged, &started);
        outcome.exchanges = exchanges;
        done.outcomes.push(outcome);
    }

    async fn rounds(&self, plan: &Plan, case: &PlannedCase, done: &mut Done, first: u64) -> (Judged, Vec<Exchange>) {
        let mut last = (Judged::new(Verdict::Pass, ""), Vec::new());
        for round in 0..u64::from(plan.check.file.rounds.unwrap_or(1)) {
            let transcript = self.perform(plan, Some(case), first + round).await;
            let judged = verdict::of_variation(plan, case, &transcript);
            last = (judged, transcript.exchanges().cloned().collect());
            done.take(transcript);
            if last.0.verdict != Verdict::Pass {
                break;
            }
        }
        last
    }

    async fn perform(&self, plan: &Plan, case: Option<&PlannedCase>, round: u64) -> Transcript {
        let name = case.and_then(|case| case.name.as_deref()).unwrap_or_default();
        let seed = seed_of(self.options.seed, &plan.check.id, name, round);
        let unchanged = case.filter(|case| case.variation.is_some() || !case.with.is_empty());
        Box::pin(engine::run(plan, unchanged, self.session(&self.wire(seed), seed))).await
    }

    fn wire(&self, seed: u64) -> Arc<crate::wire::Wire> {
        self.access.wire(seed)
    }

    fn session<'s>(&'s self, wire: &'s Arc<crate::wire::Wire>, seed: u64) -> Session<'s> {
        Session { wire, target: self.target, seed, slow: self.options.slow }
    }

    fn blocked(&self, check: &Arc<Check>, reason: &str) -> Done {
        let facts = Facts::of(check, self);
        let judged = match plan(check, self.suite, self.target) {
            _ if !facts.judged => Judged::new(Verdict::Skipped, self.profile.excludes()),
            Planned::Skipped(reason) => Judged::new(Verdict::Skipped, reason),
            Planned::Runs(_) => Judged::new(Verdict::Blocked, reason),
        };
        let outcome = facts.outcome(None, judged, &Instant::now());
        Done { outcomes: vec![outcome], ..Done::default() }
    }

    /// Watchers look at everything that travelled in the whole run.
    fn watch(&self, checks: &[Arc<Check>], done: &mut [Done], listener: Listener<'_>) {
        let mut verdicts = Vec::new();
        for (index, check) in checks.iter().enumerate().filter(|(_, check)| check.file.when.is_some()) {
            if done[index]
                .outcomes
                .iter()
                .any(|outcome| outcome.verdict == Verdict::Skipped && !outcome.reason.is_empty())
            {
                continue;
            }
            let facts = Facts::of(check, self);
            let seen = done.iter().flat_map(|done| &done.seen);
            verdicts.push((index, watch::judge(check, seen), facts));
        }
        for (index, (judged, exchanges), facts) in verdicts {
            let Some(judged) = judged else {
                let silent = done[index].outcomes.iter_mut().filter(|outcome| outcome.reason.is_empty());
                silent.for_each(|outcome| watch::UNSEEN.clone_into(&mut outcome.reason));
                continue;
            };
            let mut outcome = facts.outcome(None, judged, &Instant::now());
            outcome.exchanges = exchanges;
            listener(Progress::Finished(&outcome));
            done[index].outcomes = vec![outcome];
        }
    }

    /// Did the target survive? The first check that passed on its own steps is asked for its control once more.
    async fn after(&self, checks: &[Arc<Check>], dead: Option<String>) -> Option<String> {
        if dead.is_some() || self.access.is_embedded() {
            return dead;
        }
        let reason = self.dead(checks).await?;
        Some(format!("the target stopped working under the run: {reason}"))
    }

    fn outcome(&self, done: Vec<Done>, death: Option<String>, started: Instant) -> RunOutcome {
        let mut secrets = self.target.secrets();
        done.iter().for_each(|done| secrets.extend(&done.secrets));
        let mut checks: Vec<CheckOutcome> = done.into_iter().flat_map(|done| done.outcomes).collect();
        let died = death.is_some();
        let stale_known = super::known::apply(&self.target.known, &mut checks);
        RunOutcome {
            target: self.target.name.clone(),
            issuer: self.target.issuer.clone(),
            profile: self.profile.name().to_owned(),
            seed: self.options.seed,
            duration_ms: millis(&started),
            checks,
            notes: death.into_iter().chain(self.patience.note()).collect(),
            died,
            stale_known,
            secrets,
        }
    }
}

impl Done {
    fn take(&mut self, transcript: Transcript) {
        self.secrets.extend(&transcript.secrets);
        self.seen.extend(watch::seen(&transcript));
    }
}

/// Another seed for each run, the same in each repetition of the whole.
fn seed_of(seed: u64, id: &str, case: &str, round: u64) -> u64 {
    let text = format!("{seed} {id} {case} {round}");
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
