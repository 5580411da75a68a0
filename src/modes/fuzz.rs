//! Fuzzing over the wire: good runs in which one request is edited. It sees no coverage, but it learns from the answers:
//! a case whose answer looks new is kept and edited further. What breaks an invariant becomes a scenario file.

mod aside;
mod case;
mod control;
mod credential;
mod edits;
mod finding;
mod invariant;
mod measure;
mod novelty;
mod route;
mod tame;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::access::Access;
use super::check::profile;
use super::verdict;
use crate::catalogue::{Catalogue, Profile};
use crate::engine::{Browsers, Transcript};
use crate::exchange::Observation;
use crate::plan::Plan;
use crate::scenario::Suite;
use crate::target::Target;
use crate::wire::Wire;

use aside::{Aside, asked_for};
use case::{Case, Cases};
use control::Control;
use finding::Lab;
use invariant::{Judged, Suspect, suspects};
use novelty::{Novelty, look, signature};
use route::{Route, routes};

pub use finding::Finding;
pub use measure::measure;
pub use route::names as route_names;

/// What is fuzzed and for how long.
#[derive(Clone, Debug)]
pub struct Options {
    /// Routes, or `ROUTE.STEP`; none is all.
    pub select: Vec<String>,
    /// Where edits and made values come from.
    pub seed: u64,
    /// At most so many cases.
    pub cases: Option<u64>,
    /// At most so long.
    pub time: Option<Duration>,
    /// End at the first finding.
    pub first: bool,
}

/// How far it has come, and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Edited runs.
    pub cases: u64,
    /// Requests of all runs, controls included.
    pub requests: u64,
    /// Cases whose set-up did not get through, so that nothing was edited.
    pub blocked: u64,
    /// Answers 429 or 503 that asked for patience.
    pub delayed: u64,
    /// Answers that looked new.
    pub novel: usize,
    /// What was found, each cause once.
    pub findings: Vec<Finding>,
    /// Suspicions that the replay did not confirm, in words.
    pub unconfirmed: Vec<String>,
    /// Routes that were fuzzed.
    pub routes: Vec<&'static str>,
    /// Routes whose unchanged run was not accepted at the start, and why.
    pub left_out: Vec<String>,
    /// Why it ended early: the target no longer accepts what it accepted before.
    pub died: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// Hears how far it has come.
pub type Listener<'a> = &'a dyn Fn(&Tally);

/// So many cases, and the control has to be accepted again. Fewer than the wrong guesses that a server may count.
const BETWEEN_CONTROLS: u64 = 16;

/// Fuzzes a target until the cases or the time are over.
pub async fn run(
    suite: &Suite,
    catalogue: &Catalogue,
    target: &Target,
    access: &Access,
    options: &Options,
    listener: Listener<'_>,
) -> Tally {
    let wire = access.wire(options.seed);
    let lab = Lab { suite, catalogue, target, access, seed: options.seed };
    let mut fuzz = Fuzz {
        wire,
        lab,
        profile: profile(catalogue, None, &target.profiles),
        options,
        started: Instant::now(),
        tally: Tally::default(),
        novelty: Novelty::default(),
        causes: HashMap::new(),
        aside: Aside::default(),
        browsers: HashMap::new(),
    };
    let routes = fuzz.open(routes(suite, target, &options.select)).await;
    fuzz.all(&routes, listener).await;
    fuzz.tally.took = fuzz.started.elapsed();
    fuzz.tally
}

struct Fuzz<'a> {
    wire: Arc<Wire>,
    lab: Lab<'a>,
    profile: Profile,
    options: &'a Options,
    started: Instant,
    tally: Tally,
    novelty: Novelty,
    /// How often each cause was looked into; a confirmed one is not looked into again.
    causes: HashMap<String, u32>,
    /// Routes on which the target asked for patience.
    aside: Aside,
    /// By route, the browser of its last accepted run.
    browsers: HashMap<usize, Browsers>,
}

/// A suspicion that could not be confirmed so often is left alone.
const TRIES: u32 = 3;

/// How the answer to a case looked.
enum Seen {
    New,
    Known,
    /// It asked for patience.
    PutOff,
}

impl Fuzz<'_> {
    /// The routes whose unchanged run is accepted.
    async fn open(&mut self, routes: Vec<Route>) -> Vec<Route> {
        let mut open = Vec::new();
        for route in routes {
            let reason = match self.control(open.len(), &route).await {
                Control::Accepted => {
                    open.push(route);
                    continue;
                }
                Control::PutOff(seconds) => format!("the target asks for a pause of {seconds} s"),
                Control::Refused(reason) => reason,
            };
            self.tally.left_out.push(format!("{}: {reason}", route.name));
        }
        self.tally.routes = open.iter().map(|route| route.name).collect();
        open
    }

    async fn all(&mut self, routes: &[Route], listener: Listener<'_>) {
        let mut cases = Cases::of(routes, self.lab.target, self.options.seed);
        while !self.is_over() {
            let now = self.wire.now_ms();
            let Some(case) = cases.next(|route| self.aside.is_open(route, now)) else {
                let Some(seconds) = self.aside.first(now) else { return };
                self.waits(seconds).await;
                continue;
            };
            let route = &routes[case.route];
            match self.one(route, &case).await {
                Seen::New => cases.keep(case.clone()),
                Seen::Known => {}
                Seen::PutOff => cases.put_back(case.clone()),
            }
            if !self.tally.cases.is_multiple_of(BETWEEN_CONTROLS) {
                continue;
            }
            if let Err(reason) = self.control_again(case.route, route).await {
                self.tally.died = Some(format!("{} was accepted before and is not any more: {reason}", route.name));
                return;
            }
            self.tally.took = self.started.elapsed();
            listener(&self.tally);
        }
    }

    fn is_over(&self) -> bool {
        self.options.cases.is_some_and(|cases| self.tally.cases >= cases)
            || self.options.time.is_some_and(|time| self.started.elapsed() >= time)
            || self.options.first && !self.tally.findings.is_empty()
    }

    /// One case.
    async fn one(&mut self, route: &Route, case: &Case) -> Seen {
        self.tally.cases += 1;
        let plan = if case.is_stale() { &route.after_stale } else { &route.plan };
        let transcript = self.perform(plan, Some(case), &mut self.browsers_for(route, case)).await;
        if let Some(seconds) = asked_for(&transcript) {
            self.put_aside(case.route, seconds);
            return Seen::PutOff;
        }
        let Some(observation) = observation(plan, &transcript, case.step) else {
            // Perhaps the browser is logged in no more.
            self.browsers.remove(&case.route);
            self.tally.blocked += 1;
            return Seen::Known;
        };
        let Some(step) = route.step(case.step) else { return Seen::Known };
        let ruling = case.ruling().filter(|ruling| self.asks_for(ruling.row()));
        let judged = Judged {
            step,
            target: self.lab.target,
            edited: case.places(),
            after: case.reaches_back(),
            ruling,
            accepted: ruling.is_some() && verdict::control(plan, &transcript).is_ok(),
            observation,
        };
        for suspect in suspects(&judged) {
            if suspect.invariant != "hang" || self.is_quick(route).await {
                self.look_into(route, case, &suspect, observation).await;
            }
        }
        let new = self.novelty.learns(&format!("{}.{}", route.name, case.step), observation);
        self.tally.novel = self.novelty.count();
        if new { Seen::New } else { Seen::Known }
    }

    /// Whether the target claims what a row of the catalogue is about.
    fn asks_for(&self, row: &str) -> bool {
        self.lab.catalogue.row(row).is_some_and(|row| self.profile.judges(row))
    }

    /// One cause is one invariant at one endpoint with one answer.
    async fn look_into(&mut self, route: &Route, case: &Case, suspect: &Suspect, observation: &Observation) {
        let endpoint = route.step(case.step).map(edits::endpoint).unwrap_or_default();
        let answer = signature(observation.exchanges.last());
        let cause = format!("{} {endpoint} {} {answer}", suspect.invariant, suspect.about);
        let tried = self.causes.entry(cause).or_default();
        if *tried >= TRIES {
            return;
        }
        *tried += 1;
        match self.lab.confirm(route, case, suspect, &answer).await {
            Some(finding) => {
                *tried = TRIES;
                self.tally.findings.push(finding);
            }
            None if *tried == TRIES => {
                let words = format!("{} at {}.{}: {}", suspect.invariant, route.name, case.step, look(observation));
                self.tally.unconfirmed.push(words);
            }
            None => {}
        }
    }
}

/// What the edited step saw; nothing when its set-up did not get that far.
fn observation<'a>(plan: &Plan, transcript: &'a Transcript, step: &str) -> Option<&'a Observation> {
    let index = plan.steps.iter().position(|planned| planned.id == step)?;
    let observation = transcript.step(index)?.observations.last()?;
    (!observation.exchanges.is_empty()).then_some(observation)
}
