//! The proof: break any promise of the provider and the checks that name it fail; take any liberty and none does.

mod matrix;

use std::sync::Arc;
use std::time::Instant;

use reference_server::{Conduct, Defect, Liberty, Witness};
use tokio::sync::RwLock;

pub use matrix::{Matrix, Seen, declares};

use super::access::Access;
use super::check::{Options, Run, alone};
use super::patience::Patience;
use super::select::matches;
use super::threads::{on_this_thread, parallel};
use super::watch;
use crate::catalogue::{Catalogue, Profile};
use crate::outcome::{CheckOutcome, Verdict};
use crate::scenario::{Check, Suite};
use crate::target::Target;

/// What the proof found. Each list is empty when it holds.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// Checks that find something on the healthy provider.
    pub unhealthy: Vec<String>,
    /// Defects that a check names and does not notice.
    pub unnoticed: Vec<String>,
    /// Checks that name no defect or do not run on the reference provider; defects that no check names.
    pub unproven: Vec<String>,
    /// Checks that do not bear a liberty.
    pub intolerant: Vec<String>,
    /// How many pairs of check and defect were red.
    pub red: usize,
    /// How many pairs of check and liberty were run: those where the liberty came up.
    pub borne: usize,
    /// Which checks are red under which defect; whole when the matrix was asked for.
    pub matrix: Matrix,
    /// Checks that are red under a defect that is not theirs and that no overlap declares; overlaps that are not there.
    pub undeclared: Vec<String>,
    /// Milliseconds.
    pub duration_ms: u64,
}

/// What is proven.
#[derive(Clone, Debug, Default)]
pub struct ProveOptions {
    /// Words of the selection; none selects all.
    pub select: Vec<String>,
    /// Where made values come from.
    pub seed: u64,
    /// Every defect against every check, not only against those that name it.
    pub matrix: bool,
    /// Which part of the proof.
    pub part: Part,
}

/// A part of the proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The whole proof.
    #[default]
    All,
    /// The healthy provider and the defects.
    Defects,
    /// The liberties.
    Liberties,
}

impl Proof {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        [&self.unhealthy, &self.unnoticed, &self.unproven, &self.intolerant, &self.undeclared]
            .iter()
            .all(|list| list.is_empty())
    }
}

/// One experiment: a check against a provider of some conduct.
struct Trial {
    check: Arc<Check>,
    conduct: Conduct,
    aim: Aim,
}

enum Aim {
    /// It must be noticed.
    Red(Defect),
    /// It must be borne.
    Green(Liberty),
    /// Somebody wants to know.
    Open(Defect),
}

/// Proves the selected checks.
pub fn prove(suite: &Suite, catalogue: &Catalogue, target: &Target, options: &ProveOptions) -> Proof {
    let started = Instant::now();
    let checks: Vec<Arc<Check>> =
        suite.checks().iter().filter(|check| matches(&options.select, &check.id, None)).cloned().collect();
    let experiment = |check: &Arc<Check>, conduct| try_check(suite, catalogue, target, check, conduct, options.seed);
    let healthy = parallel(&checks, |check| {
        let (conduct, witness) = Conduct::witnessed();
        (experiment(check, conduct), witness)
    });
    let trials: Vec<Trial> = checks
        .iter()
        .zip(&healthy)
        .flat_map(|(check, (_, witness))| trials(check, catalogue, witness, options))
        .collect();
    let results = parallel(&trials, |trial| experiment(&trial.check, trial.conduct.clone()));
    let mut proof = Proof { unproven: unproven(&checks, catalogue, options.select.is_empty()), ..Proof::default() };
    for (check, (outcomes, _)) in checks.iter().zip(&healthy) {
        proof.enter_healthy(check, outcomes);
    }
    for (trial, outcomes) in trials.iter().zip(&results) {
        proof.enter(trial, outcomes);
    }
    if options.matrix {
        proof.undeclared = proof.matrix.undeclared(catalogue, options.select.is_empty());
    }
    proof.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    proof
}

/// The defects under which a check must fail: those of its rows that the provider has, less what it excuses.
pub fn defects_of(check: &Check, catalogue: &Catalogue) -> Vec<Defect> {
    let rows = check.file.covers.iter().filter_map(|id| catalogue.row(id)).map(|row| row.defect.as_str());
    let named = rows.chain(check.file.defects.iter().map(String::as_str));
    let excused = |name: &&str| check.file.overlap.iter().any(|overlap| overlap.defect == *name && !overlap.fails);
    let mut defects: Vec<Defect> = named.filter(|name| !excused(name)).filter_map(Defect::find).collect();
    defects.sort_unstable();
    defects.dedup();
    defects
}

/// One check against one conduct: its verdicts.
pub fn try_check(
    suite: &Suite,
    catalogue: &Catalogue,
    target: &Target,
    check: &Arc<Check>,
    conduct: Conduct,
    seed: u64,
) -> Vec<CheckOutcome> {
    let options = Options { seed, confirm: false, ..Options::default() };
    let access = Access::embedded(conduct);
    let profile = Profile::everything();
    let run = Run {
        suite,
        catalogue,
        target,
        access: &access,
        options: &options,
        profile,
        patience: Patience::default(),
        quiet: RwLock::default(),
    };
    on_this_thread(alone(&run, check))
}

/// Every defect that the check names, and what the healthy provider was asked about: the rest cannot change a thing.
fn trials(check: &Arc<Check>, catalogue: &Catalogue, witness: &Witness, options: &ProveOptions) -> Vec<Trial> {
    let trial = |conduct, aim| Trial { check: check.clone(), conduct, aim };
    let named = defects_of(check, catalogue);
    let red = named
        .iter()
        .filter(|_| options.part != Part::Liberties)
        .map(|&defect| trial(Conduct::defect(defect), Aim::Red(defect)));
    let concerns = |liberty: &Liberty| options.part != Part::Defects && witness.saw_liberty(*liberty);
    let liberties = Liberty::ALL.iter().copied().filter(concerns);
    let green = liberties.map(|liberty| trial(Conduct::liberty(liberty), Aim::Green(liberty)));
    let others = Defect::ALL.iter().copied().filter(|defect| options.matrix && witness.saw_defect(*defect));
    let others = others.filter(|defect| !named.contains(defect));
    let open = others.map(|defect| trial(Conduct::defect(defect), Aim::Open(defect)));
    red.chain(green).chain(open).collect()
}

impl Proof {
    fn enter_healthy(&mut self, check: &Check, outcomes: &[CheckOutcome]) {
        self.unhealthy.extend(outcomes.iter().filter(|outcome| found(outcome)).map(line));
        let learnt = outcomes.iter().any(|outcome| outcome.verdict == Verdict::Pass);
        let skipped = |outcome: &&CheckOutcome| outcome.verdict == Verdict::Skipped && !unseen(check, outcome);
        if let Some(skipped) = outcomes.iter().find(|outcome| !learnt && skipped(outcome)) {
            self.unproven.push(format!("{} does not run on the reference provider: {}", check.id, skipped.reason));
        }
    }

    fn enter(&mut self, trial: &Trial, outcomes: &[CheckOutcome]) {
        let id = &trial.check.id;
        let noticed = outcomes.iter().any(|outcome| outcome.verdict.deviates());
        match trial.aim {
            Aim::Red(defect) if noticed => {
                self.red += 1;
                self.matrix.enter(defect, id, Seen::Named);
            }
            Aim::Red(defect) => {
                let verdicts: Vec<&str> = outcomes.iter().map(|outcome| outcome.verdict.word()).collect();
                let summary = summary(&verdicts, outcomes);
                self.unnoticed.push(format!("{id} does not notice {}: {summary}", defect.name()));
            }
            Aim::Green(liberty) => {
                self.borne += 1;
                let advised = trial.check.file.warns_of(liberty.name());
                let borne = |outcome: &&CheckOutcome| !found(outcome) || advised && outcome.verdict == Verdict::Warn;
                let failing = outcomes.iter().filter(|outcome| !borne(outcome));
                self.intolerant.extend(failing.map(|outcome| format!("under {}: {}", liberty.name(), line(outcome))));
            }
            Aim::Open(defect) if noticed => self.matrix.enter(defect, id, Seen::Beside),
            Aim::Open(_) => {}
        }
    }
}

fn summary(verdicts: &[&str], outcomes: &[CheckOutcome]) -> String {
    let reason = outcomes.iter().find(|outcome| outcome.verdict != Verdict::Pass).map_or("", |outcome| &outcome.reason);
    let mut words = verdicts.to_vec();
    words.dedup();
    format!("{} {reason}", words.join(", ")).trim_end().to_owned()
}

fn found(outcome: &CheckOutcome) -> bool {
    outcome.verdict.deviates() || outcome.verdict == Verdict::Blocked
}

/// A watch for answers that a healthy provider never gives: it ran, and that it notices them is shown by its defects.
fn unseen(check: &Check, outcome: &CheckOutcome) -> bool {
    check.file.when.is_some() && outcome.reason == watch::UNSEEN
}

fn line(outcome: &CheckOutcome) -> String {
    let case = outcome.case.as_ref().map(|case| format!("#{case}")).unwrap_or_default();
    format!("{}{case}: {} ({})", outcome.id, outcome.verdict.word(), outcome.reason)
}

/// Checks without a defect, and, when the whole suite is proven, defects without a check.
fn unproven(checks: &[Arc<Check>], catalogue: &Catalogue, whole: bool) -> Vec<String> {
    let named: Vec<(&str, Vec<Defect>)> =
        checks.iter().map(|check| (check.id.as_str(), defects_of(check, catalogue))).collect();
    let idle = named.iter().filter(|(_, defects)| defects.is_empty()).map(|(id, _)| format!("{id} names no defect"));
    let unknown = checks.iter().flat_map(|check| check.file.warns.iter().map(move |warns| (check, &warns.liberty)));
    let unknown = unknown.filter(|(_, name)| Liberty::find(name).is_none());
    let unknown = unknown.map(|(check, name)| format!("{} warns of `{name}`, which is no liberty", check.id));
    let noticed = |defect: &&Defect| named.iter().any(|(_, defects)| defects.contains(defect));
    let open = Defect::ALL.iter().filter(|defect| whole && !noticed(defect));
    let open = open.map(|defect| format!("no check names the defect {}", defect.name()));
    idle.chain(unknown).chain(open).collect()
}
