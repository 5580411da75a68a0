//! The conformance run: every selected check against one target, each failure confirmed, watchers last.

mod confirm;
mod network;
mod one;
mod order;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::RwLock;

use super::access::Access;
use super::baseline::Baseline;
use super::facts::{Facts, millis};
use super::known;
use super::patience::Patience;
use super::select::matches;
use super::threads::{on_this_thread, parallel};
use super::verdict;
use super::watch::{self, Seen};
use crate::catalogue::{Catalogue, Level, Profile};
use crate::engine;
use crate::outcome::{CheckOutcome, RunOutcome, Shard, Traffic, Verdict};
use crate::plan::{Planned, plan};
use crate::scenario::{Check, Suite};
use crate::secret::Secrets;
use crate::target::{Known, Target};

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
    /// Whether every exchange of the run is kept.
    pub traffic: bool,
    /// The weakest rules that are judged; all unless given.
    pub level: Option<Level>,
    /// Which part of the checks runs; all unless given.
    pub shard: Option<Shard>,
    /// A run whose deviations are no news.
    pub baseline: Option<Baseline>,
    /// Whether a broken SHOULD fails the run.
    pub strict: bool,
    /// Whether nothing more is begun after a failure.
    pub fail_fast: bool,
}

/// What happens while a run goes on.
pub enum Progress<'a> {
    /// So many checks will run.
    Started(usize),
    /// One verdict is there, and what must not be told of it.
    Finished(&'a CheckOutcome, &'a Secrets),
}

/// Listens to a run.
pub type Listener<'a> = &'a (dyn Fn(Progress<'_>) + Sync);

impl Default for Options {
    fn default() -> Self {
        Self {
            select: Vec::new(),
            profile: None,
            seed: 1,
            slow: false,
            jobs: 0,
            confirm: true,
            keep: false,
            traffic: false,
            level: None,
            shard: None,
            baseline: None,
            strict: false,
            fail_fast: false,
        }
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
    let checks = chosen(suite, options);
    listener(Progress::Started(checks.len()));
    let started_ms = run.wire(0).now_ms();
    let dead = run.dead(&checks).await;
    let mut done = match &dead {
        Some(reason) => checks.iter().map(|check| run.unrun(check, Verdict::Blocked, reason)).collect(),
        None => run.all(&checks, listener).await,
    };
    if dead.is_none() {
        run.watch(&checks, &mut done, listener);
    }
    let death = run.after(&checks, dead).await;
    RunOutcome { started_ms, ..run.outcome(done, death, started) }
}

/// The checks that the selection names, of which a shard has its share. Watching checks see only what travels in their own
/// run, so each shard has them.
fn chosen(suite: &Suite, options: &Options) -> Vec<Arc<Check>> {
    let named = suite.checks().iter().filter(|check| matches(&options.select, &check.id, None));
    let (watching, acting): (Vec<_>, Vec<_>) = named.cloned().partition(|check| check.file.when.is_some());
    let share = |at: usize| options.shard.is_none_or(|shard| at % shard.of == shard.index - 1);
    let acting = acting.into_iter().enumerate().filter(|(at, _)| share(*at)).map(|(_, check)| check);
    let mut checks: Vec<Arc<Check>> = acting.chain(watching).collect();
    checks.sort_by(|left, right| left.id.cmp(&right.id));
    checks
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
    traffic: Vec<Traffic>,
    retries: u32,
    retried: bool,
}

impl Run<'_> {
    /// On the provider in the process one thread a core.
    async fn all(&self, checks: &[Arc<Check>], listener: Listener<'_>) -> Vec<Done> {
        let over = AtomicBool::new(false);
        let report = |done: &Done| {
            let tell = |outcome| listener(Progress::Finished(outcome, &done.secrets));
            done.outcomes.iter().for_each(tell);
            let failed = done.outcomes.iter().any(|outcome| outcome.fails(self.options.strict));
            over.fetch_or(failed && self.options.fail_fast, Ordering::Relaxed);
        };
        let left = |check: &Arc<Check>| over.load(Ordering::Relaxed).then(|| self.unrun(check, Verdict::Skipped, LEFT));
        if self.access.is_embedded() {
            return parallel(checks, |check| {
                let done = left(check).unwrap_or_else(|| on_this_thread(self.check(check)));
                report(&done);
                done
            });
        }
        self.over_network(checks, &left, &report).await
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
        let mut secrets = Secrets::default();
        if !verdicts.is_empty() {
            done.iter().for_each(|done| secrets.extend(&done.secrets));
        }
        for (index, (judged, exchanges), facts) in verdicts {
            let Some(judged) = judged else {
                let silent = done[index].outcomes.iter_mut().filter(|outcome| outcome.reason.is_empty());
                silent.for_each(|outcome| watch::UNSEEN.clone_into(&mut outcome.reason));
                continue;
            };
            let mut outcome = facts.outcome(None, judged, &Instant::now());
            outcome.exchanges = exchanges;
            done[index].outcomes = vec![outcome];
            self.expect(&mut done[index].outcomes);
            done[index].outcomes.iter().for_each(|outcome| listener(Progress::Finished(outcome, &secrets)));
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

    /// Marks the deviations that somebody knows about.
    fn expect(&self, outcomes: &mut [CheckOutcome]) {
        known::mark(&self.target.known, outcomes);
        self.options.baseline.iter().for_each(|baseline| baseline.mark(outcomes));
    }

    fn outcome(&self, done: Vec<Done>, death: Option<String>, started: Instant) -> RunOutcome {
        let mut secrets = self.target.secrets();
        done.iter().for_each(|done| secrets.extend(&done.secrets));
        let notes = death.iter().cloned().chain(self.target.caution()).chain(self.notes(&done)).collect();
        let traffic = done.iter().flat_map(|done| done.traffic.iter().cloned()).collect();
        let checks: Vec<CheckOutcome> = done.into_iter().flat_map(|done| done.outcomes).collect();
        RunOutcome {
            target: self.target.name.clone(),
            issuer: self.target.issuer.clone(),
            profile: self.profile.name().to_owned(),
            seed: self.options.seed,
            shard: self.options.shard,
            strict: self.options.strict,
            duration_ms: millis(&started),
            notes,
            died: death.is_some(),
            known: self.target.known.clone(),
            stale_known: self.stale(&checks),
            checks,
            traffic,
            secrets,
            ..RunOutcome::default()
        }
    }

    /// What is stale, a part of a run cannot know where an entry names more than that part: the deviation may be in another one.
    fn stale(&self, checks: &[CheckOutcome]) -> Vec<String> {
        if self.options.shard.is_some() || self.options.fail_fast {
            return Vec::new();
        }
        let (select, cases) = (&self.options.select, self.options.select.iter().any(|word| word.contains('#')));
        let within = |entry: &&Known| {
            select.is_empty() || (!entry.check.ends_with('*') && (entry.check.contains('#') || !cases))
        };
        let known: Vec<Known> = self.target.known.iter().filter(within).cloned().collect();
        known::stale(&known, checks)
    }

    /// What was tried more than once is said, and what the baseline had more or less of.
    fn notes(&self, done: &[Done]) -> Vec<String> {
        let retries: u32 = done.iter().map(|done| done.retries).sum();
        let patient = format!("requests sent again because the target asked for patience (429, 503): {retries}");
        let outcomes: Vec<&CheckOutcome> = done.iter().flat_map(|done| &done.outcomes).collect();
        let baseline = self.options.baseline.iter().flat_map(|baseline| baseline.notes(&outcomes));
        self.patience.note().into_iter().chain((retries > 0).then_some(patient)).chain(baseline).collect()
    }
}

/// Why a check was not run after a failure.
const LEFT: &str = "not run: --fail-fast ended the run before";
