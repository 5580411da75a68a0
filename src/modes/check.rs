//! The conformance run: every selected check against one target, each failure confirmed, watchers last.

mod one;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};
use tokio::sync::RwLock;

use super::access::Access;
use super::facts::{Facts, millis};
use super::patience::Patience;
use super::select::matches;
use super::threads::{on_this_thread, parallel};
use super::verdict;
use super::watch::{self, Seen};
use crate::catalogue::{Catalogue, Profile};
use crate::engine;
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};
use crate::plan::{Planned, plan};
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

/// How long failures are confirmed one after the other.
const ALONE: Duration = Duration::from_secs(15);

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
    let run = Run { suite, catalogue, target, access, options, profile, patience, quiet: RwLock::default() };
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
    /// Held by each check that runs, and alone by a second try of a set-up: a server that keeps one grant for each user
    /// and client lets checks disturb each other.
    pub quiet: RwLock<()>,
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
        let mut done: Vec<Done> = done.into_iter().map(|(_, done)| done).collect();
        self.confirm_failures(checks, &mut done, jobs).await;
        done
    }

    /// Failures are confirmed one after the other, as long as that does not take long; known ones, and the rest, beside
    /// each other.
    async fn confirm_failures(&self, checks: &[Arc<Check>], done: &mut [Done], jobs: usize) {
        let begun = Instant::now();
        let ids = self.target.known.iter().filter_map(|known| Some(known.check.split('#').next()?.to_owned()));
        let ids: Vec<String> = ids.collect();
        let known = |check: &Check| !ids.is_empty() && matches(&ids, &check.id, None);
        let mut rest = Vec::new();
        for (check, done) in checks.iter().zip(done) {
            if begun.elapsed() < ALONE && !known(check) {
                Box::pin(self.confirm_check(check, done)).await;
            } else {
                rest.push((check, done));
            }
        }
        stream::iter(rest).for_each_concurrent(jobs, |(check, done)| Box::pin(self.confirm_check(check, done))).await;
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
