//! How good the model is: with no other check looking, which defects of the reference provider do histories find?

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reference_server::{Conduct, Defect, Witness};

use super::super::access::Access;
use super::super::connect::reference;
use super::super::measured::{Class, Classes, Found, classes, measured};
use super::super::threads::{on_this_thread, parallel};
use super::generate::{history, mixed};
use super::play::Player;
use super::shrink::shrink;
use super::world::World;
use crate::outcome::Verdict;
use crate::target::Target;

/// How long a measurement may go on.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Where histories come from.
    pub seed: u64,
    /// At most so many histories against each defect.
    pub histories: u64,
    /// At most so long, all defects together.
    pub time: Option<Duration>,
}

/// The class of defects that no history comes across: nobody asks the provider for what they break.
const UNASKED: &str = "never asked about";

/// Plays histories against each defect, in rounds that double, so that every defect gets as many in the time there is; `all`
/// takes those in as well that have nothing to do with state.
pub fn measure(bounds: Bounds, all: bool) -> Vec<Class> {
    let target = reference();
    let world = World::of(&target, true);
    let mut named = classes(include_str!("classes.toml"));
    let others = if all { others(&named) } else { Vec::new() };
    let witness = witness(&target, &world, bounds.seed);
    let (asked, unasked): (Vec<Defect>, _) = others.into_iter().partition(|defect| witness.saw_defect(*defect));
    named.extend(all.then(|| ("others".to_owned(), asked)));
    let ends = bounds.time.map(|time| Instant::now() + time);
    let measure = Measure { target: &target, world: &world, seed: bounds.seed, ends };
    let mut found = measured(named, |defects| measure.rounds(defects, bounds.histories));
    found.extend(all.then(|| Class::unfound(UNASKED, &unasked)));
    found
}

/// Histories of the first round.
const FIRST: u64 = 8;

struct Measure<'a> {
    target: &'a Target,
    world: &'a World,
    seed: u64,
    ends: Option<Instant>,
}

impl Measure<'_> {
    fn rounds(&self, defects: &[Defect], histories: u64) -> Vec<Option<Found>> {
        let mut found: Vec<Option<Found>> = vec![None; defects.len()];
        let (mut from, mut to) = (0, FIRST.min(histories));
        while from < to && !self.is_over() {
            let open: Vec<usize> = (0..defects.len()).filter(|index| found[*index].is_none()).collect();
            let round = parallel(&open, |index| self.first(defects[*index], from..to));
            open.iter().zip(round).for_each(|(index, first)| found[*index] = first);
            (from, to) = (to, (2 * to).min(histories));
        }
        found
    }

    fn is_over(&self) -> bool {
        self.ends.is_some_and(|ends| Instant::now() >= ends)
    }

    /// The first of these histories that finds a defect, and how short it becomes.
    fn first(&self, defect: Defect, numbers: Range<u64>) -> Option<Found> {
        let access = Access::embedded(Conduct::defect(defect));
        let player = Player { world: self.world, target: self.target, access: &access, excused: BTreeSet::new() };
        on_this_thread(async {
            for number in numbers.take_while(|_| !self.is_over()) {
                let (events, seed) = (history(&player, self.seed, number), mixed(self.seed, number));
                let played = player.play(&events, seed).await;
                if matches!(played.verdict, Verdict::Fail | Verdict::Warn) {
                    let (shortest, _) = shrink(&player, events, played, seed).await;
                    return Some(Found { after: number + 1, size: shortest.len() });
                }
            }
            None
        })
    }
}

/// Histories that the witness sees.
const WITNESSED: u64 = 256;

/// Which promises mattered in histories on a healthy provider: another one cannot be missed there.
fn witness(target: &Target, world: &World, seed: u64) -> Arc<Witness> {
    let (conduct, witness) = Conduct::witnessed();
    let access = Access::embedded(conduct);
    let player = Player { world, target, access: &access, excused: BTreeSet::new() };
    on_this_thread(async {
        for number in 0..WITNESSED {
            player.play(&history(&player, seed, number), mixed(seed, number)).await;
        }
    });
    witness
}

/// All defects that no class has.
fn others(named: &Classes) -> Vec<Defect> {
    let listed: BTreeSet<Defect> = named.iter().flat_map(|(_, defects)| defects.iter().copied()).collect();
    Defect::ALL.iter().copied().filter(|defect| !listed.contains(defect)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_without_time_plays_nothing_and_one_with_few_histories_finds_the_plain_defects() {
        let bounds = |seconds| Bounds { seed: 1, histories: 8, time: Some(Duration::from_secs(seconds)) };
        let found = |seconds| {
            let classes = measure(bounds(seconds), false);
            classes.iter().flat_map(|class| &class.defects).filter(|defect| defect.found.is_some()).count()
        };
        assert_eq!(found(0), 0);
        assert!(found(3600) > 20);
    }
}
