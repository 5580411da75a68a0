//! Which cases are tried: first every edit of every step alone, in an order that the seed makes; then edits on top of
//! those whose answers were new, now and then one of an earlier step of the same route.

use std::collections::HashSet;

use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::edits::{Edited, Ruling, edits};
use super::route::Route;
use crate::plan::{Alteration, PlannedCase, Variation};
use crate::scenario::{Change, split_at};
use crate::target::Target;

/// One edited request, perhaps after another one.
#[derive(Clone, Debug)]
pub struct Case {
    /// The index of the route.
    pub route: usize,
    /// The id of the step whose answer is judged, the last one that is edited.
    pub step: &'static str,
    /// What is edited, in the order of the steps.
    pub edits: Vec<Edited>,
}

/// Most edits of one case.
const DEPTH: usize = 4;

/// One in so many edits on top of others is one of an earlier step.
const EARLIER: u32 = 4;

/// The cases to come.
pub struct Cases {
    random: ChaCha8Rng,
    /// Every edit of every step: route, step, edits.
    pools: Vec<(usize, &'static str, Vec<Edited>)>,
    singles: Vec<Case>,
    novel: Vec<Case>,
}

impl Cases {
    /// All cases of these routes.
    pub fn of(routes: &[Route], target: &Target, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut pools = Vec::new();
        for (index, route) in routes.iter().enumerate() {
            pools.extend(route.steps.iter().map(|step| (index, *step, edits(route, step, target))));
        }
        pools.retain(|(.., edits)| !edits.is_empty());
        let single = |(route, step, edits): &(usize, &'static str, Vec<Edited>)| {
            let case = |edit: &Edited| Case { route: *route, step, edits: vec![edit.clone()] };
            edits.iter().map(case).collect::<Vec<_>>()
        };
        let mut singles: Vec<Case> = pools.iter().flat_map(single).collect();
        singles.shuffle(&mut random);
        Self { random, pools, singles, novel: Vec::new() }
    }

    /// Keeps a case whose answer was new.
    pub fn keep(&mut self, case: Case) {
        self.novel.push(case);
    }

    /// Tries a case again, after all others that wait.
    pub fn put_back(&mut self, case: Case) {
        self.singles.insert(0, case);
    }

    /// The next case of a route that is open now; none when there is nothing to edit.
    pub fn next(&mut self, is_open: impl Fn(usize) -> bool) -> Option<Case> {
        if let Some(index) = self.singles.iter().rposition(|case| is_open(case.route)) {
            return Some(self.singles.remove(index));
        }
        let open: Vec<&Case> = self.novel.iter().filter(|case| is_open(case.route)).collect();
        let kept = (!open.is_empty()).then(|| open[self.random.random_range(0..open.len())].clone());
        let plain = || {
            let (route, step, _) = self.pools.iter().find(|(route, ..)| is_open(*route))?;
            Some(Case { route: *route, step, edits: Vec::new() })
        };
        let mut case = kept.or_else(plain)?;
        if case.edits.len() >= DEPTH {
            case.edits.remove(0);
        }
        self.edit(&mut case)?;
        Some(case)
    }

    /// One more edit, of the judged step or of one before it.
    fn edit(&mut self, case: &mut Case) -> Option<()> {
        let mut of_route = self.pools.iter().filter(|(route, ..)| *route == case.route).peekable();
        let first = *of_route.peek()?;
        let own = of_route.find(|(_, step, _)| *step == case.step)?;
        let pool = if self.random.random_ratio(1, EARLIER) { first } else { own };
        let edit = &pool.2[self.random.random_range(0..pool.2.len())];
        // What is repeated twice over would only measure how much memory there is.
        case.edits.retain(|known| !(edit.repeats() && known.repeats()));
        let place = if pool.1 == case.step { case.edits.len() } else { 0 };
        case.edits.insert(place, edit.clone());
        Some(())
    }
}

impl Case {
    /// Whether an earlier run of the route has to come first.
    pub fn is_stale(&self) -> bool {
        self.edits.iter().any(Edited::is_stale)
    }

    /// Everything that is edited, in order.
    fn changes(&self) -> impl Iterator<Item = (&str, &Change)> {
        self.edits.iter().flat_map(Edited::changes)
    }

    /// The places of the judged step that are edited, `PART.NAME`.
    pub fn places(&self) -> Vec<&str> {
        self.changes().filter_map(|(at, _)| at.strip_prefix(self.step)?.strip_prefix('.')).collect()
    }

    /// Whether a step before the judged one is edited as well.
    pub fn reaches_back(&self) -> bool {
        self.places().len() < self.changes().count()
    }

    /// What the specifications say of it. Edits that each leave the meaning as it is do so together, unless two are at one
    /// place: encoded twice is not once. Of two edits one may undo what the other one did wrong.
    pub fn ruling(&self) -> Option<Ruling> {
        if let [edit] = &self.edits[..] {
            return edit.ruling;
        }
        let places: HashSet<&str> = self.changes().map(|(at, _)| at).collect();
        let same = self.edits.iter().all(|edit| matches!(edit.ruling, Some(Ruling::Accepted(_))));
        let last = self.edits.last()?.ruling;
        last.filter(|_| same && places.len() == self.changes().count())
    }

    /// The ids of the steps that are edited, in order.
    pub fn steps(&self) -> Vec<String> {
        let mut steps: Vec<String> = self.changes().filter_map(|(at, _)| Some(split_at(at)?.0)).collect();
        steps.dedup();
        steps
    }

    /// The case as the engine takes it; nothing is expected of it.
    pub fn planned(&self) -> PlannedCase {
        let altered = |(at, change): (&str, &Change)| {
            let (step, part, name) = split_at(at)?;
            Some(Alteration { step, part, name, change: change.clone() })
        };
        let variation = Variation {
            step: self.steps().into_iter().next().unwrap_or_else(|| self.step.to_owned()),
            alterations: self.changes().filter_map(altered).collect(),
            judge: self.step.to_owned(),
            expect: None,
            should: None,
            earlier: None,
        };
        PlannedCase { name: None, skipped: None, with: Vec::new(), variation: Some(variation) }
    }
}
