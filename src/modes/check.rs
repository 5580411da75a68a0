//! The conformance run: every selected check against one target, each failure confirmed, watchers last.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures::stream::{self, StreamExt as _};

use super::access::Access;
use super::select::matches;
use super::verdict::{self, Judged};
use super::watch::{self, Seen};
use crate::catalogue::{Catalogue, Profile};
use crate::engine::{self, Session, Transcript};
use crate::exchange::Exchange;
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};
use crate::plan::{Plan, Planned, PlannedCase, plan};
use crate::scenario::{Check, Kind, Suite};
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
        Self { select: Vec::new(), profile: None, seed: 1, slow: false, jobs: 0, confirm: true }
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
    let run = Run { suite, catalogue, target, access, options, profile };
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
    let notes = run.after(&checks, dead).await;
    run.outcome(done, notes, started)
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

    async fn check(&self, check: &Arc<Check>) -> Done {
        let started = Instant::now();
        let mut done = Done::default();
        let facts = Facts::of(check, self);
        if !facts.judged {
            done.outcomes.push(facts.outcome(None, Judged::new(Verdict::Skipped, self.profile.excludes()), &started));
            return done;
        }
        match plan(check, self.suite, self.target) {
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
        if judged.verdict == Verdict::Fail && self.options.confirm {
            let (again, _) = self.rounds(plan, case, done, 1000).await;
            if matches!(again.verdict, Verdict::Pass | Verdict::Warn) {
                judged.verdict = Verdict::Flaky;
                judged.reason = format!("once {}, but not when tried again", judged.reason);
            }
        }
        if judged.verdict == Verdict::Pass {
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
    async fn after(&self, checks: &[Arc<Check>], dead: Option<String>) -> Vec<String> {
        if let Some(dead) = dead {
            return vec![dead];
        }
        if self.access.is_embedded() {
            return Vec::new();
        }
        match self.dead(checks).await {
            Some(reason) => vec![format!("the target stopped working under the run: {reason}")],
            None => Vec::new(),
        }
    }

    fn outcome(&self, done: Vec<Done>, notes: Vec<String>, started: Instant) -> RunOutcome {
        let mut secrets = self.target.secrets();
        done.iter().for_each(|done| secrets.extend(&done.secrets));
        let mut checks: Vec<CheckOutcome> = done.into_iter().flat_map(|done| done.outcomes).collect();
        let died = !notes.is_empty();
        let stale_known = super::known::apply(&self.target.known, &mut checks);
        RunOutcome {
            target: self.target.name.clone(),
            issuer: self.target.issuer.clone(),
            profile: self.profile.name().to_owned(),
            seed: self.options.seed,
            duration_ms: millis(&started),
            checks,
            notes,
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

/// What the catalogue says about a check.
struct Facts {
    judged: bool,
    advisory: bool,
    template: CheckOutcome,
}

impl Facts {
    fn of(check: &Arc<Check>, run: &Run<'_>) -> Self {
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
            duration_ms: 0,
        };
        Self { judged: rows.is_empty() || !judged.is_empty(), advisory: !judged.iter().any(|row| row.must()), template }
    }

    /// A broken SHOULD is a warning.
    fn outcome(&self, case: Option<String>, judged: Judged, started: &Instant) -> CheckOutcome {
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

/// Runs a task to its end on this thread.
pub fn on_this_thread<T>(task: impl Future<Output = T>) -> T {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(task),
        Err(error) => panic!("the system gives no event loop: {error}"),
    }
}

/// Does the same for each item on all cores; the results come in order.
pub fn parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let worker = || {
        let mut results = Vec::new();
        while let Some((index, item)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            items.get(index).map(|item| (index, item))
        } {
            results.push((index, work(item)));
        }
        results
    };
    let mut all: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, result)| result).collect()
}

/// Another seed for each run, the same in each repetition of the whole.
fn seed_of(seed: u64, id: &str, case: &str, round: u64) -> u64 {
    let text = format!("{seed} {id} {case} {round}");
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn millis(started: &Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
