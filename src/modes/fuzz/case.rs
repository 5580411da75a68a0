//! Which cases are tried: first every edit of every step alone, in an order that the seed makes; then edits on top of
//! those whose answers were new.

use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::edits::{Edited, edits};
use super::route::Route;
use crate::plan::{Alteration, PlannedCase, Variation};
use crate::scenario::split_at;
use crate::target::Target;

/// One edited request.
#[derive(Clone, Debug)]
pub struct Case {
    /// The index of the route.
    pub route: usize,
    /// The id of the edited step.
    pub step: &'static str,
    /// What is edited, in order.
    pub edits: Vec<Edited>,
}

/// Most edits on one request.
const DEPTH: usize = 4;

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

    /// The next case; none when there is nothing to edit.
    pub fn next(&mut self) -> Option<Case> {
        if let Some(case) = self.singles.pop() {
            return Some(case);
        }
        let kept = (!self.novel.is_empty()).then(|| self.random.random_range(0..self.novel.len()));
        let mut case = match kept {
            Some(index) => self.novel[index].clone(),
            None => self.pools.first().map(|(route, step, _)| Case { route: *route, step, edits: Vec::new() })?,
        };
        if case.edits.len() >= DEPTH {
            case.edits.remove(0);
        }
        let pool = self.pools.iter().find(|(route, step, _)| *route == case.route && *step == case.step)?;
        let edit = &pool.2[self.random.random_range(0..pool.2.len())];
        // What is repeated twice over would only measure how much memory there is.
        case.edits.retain(|known| !(edit.repeats() && known.repeats()));
        case.edits.push(edit.clone());
        Some(case)
    }
}

impl Case {
    /// Whether an earlier run of the route has to come first.
    pub fn is_stale(&self) -> bool {
        self.edits.iter().any(Edited::is_stale)
    }

    /// The places that are edited, `PART.NAME`.
    pub fn places(&self) -> Vec<&str> {
        self.edits
            .iter()
            .map(|edit| edit.at.strip_prefix(self.step).unwrap_or(&edit.at).trim_start_matches('.'))
            .collect()
    }

    /// The case as the engine takes it; nothing is expected of it.
    pub fn planned(&self) -> PlannedCase {
        let altered = |edit: &Edited| {
            let (_, part, name) = split_at(&edit.at)?;
            Some(Alteration { part, name, change: edit.change.clone() })
        };
        let variation = Variation {
            step: self.step.to_owned(),
            alterations: self.edits.iter().filter_map(altered).collect(),
            judge: self.step.to_owned(),
            expect: None,
            should: None,
            earlier: None,
        };
        PlannedCase { name: None, skipped: None, with: Vec::new(), variation: Some(variation) }
    }
}
