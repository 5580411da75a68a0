//! How good the model is: with no other check looking, which defects of the reference provider do histories find?

use std::collections::BTreeSet;

use indexmap::IndexMap;
use reference_server::{Conduct, Defect};

use super::super::access::Access;
use super::super::connect::reference;
use super::super::threads::{on_this_thread, parallel};
use super::generate::{history, mixed};
use super::play::Player;
use super::shrink::shrink;
use super::world::World;
use crate::outcome::Verdict;
use crate::target::Target;

/// Defects of one kind and what became of them.
#[derive(Clone, Debug)]
pub struct Class {
    /// What is broken.
    pub name: String,
    /// One entry a defect.
    pub defects: Vec<Measured>,
}

/// One defect.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// The first history that found it, counted from one, and how many events it had when shrunk.
    pub found: Option<(u64, usize)>,
}

/// Plays up to so many histories against each defect; `all` takes those in as well that have nothing to do with state.
pub fn measure(seed: u64, histories: u64, all: bool) -> Vec<Class> {
    let target = reference();
    let world = World::of(&target, true);
    let classes = classes(all);
    let defects: Vec<Defect> = classes.iter().flat_map(|(_, defects)| defects.iter().copied()).collect();
    let mut found = parallel(&defects, |defect| first(&target, &world, *defect, seed, histories)).into_iter();
    let class = |(name, defects): (String, Vec<Defect>)| {
        let measured = defects.iter().zip(found.by_ref());
        Class {
            name,
            defects: measured.map(|(defect, found)| Measured { name: defect.name().into(), found }).collect(),
        }
    };
    classes.into_iter().map(class).collect()
}

fn classes(all: bool) -> Vec<(String, Vec<Defect>)> {
    let named = named().into_iter();
    let mut classes: Vec<(String, Vec<Defect>)> =
        named.map(|(name, names)| (name, names.iter().filter_map(|name| Defect::find(name)).collect())).collect();
    if all {
        let listed: BTreeSet<Defect> = classes.iter().flat_map(|(_, defects)| defects.iter().copied()).collect();
        let others = Defect::ALL.iter().filter(|defect| !listed.contains(defect)).copied();
        classes.push(("others".into(), others.collect()));
    }
    classes
}

fn named() -> IndexMap<String, Vec<String>> {
    toml::from_str(include_str!("classes.toml")).unwrap_or_else(|error| panic!("classes.toml: {error}"))
}

/// The first history that finds a defect, and how short it becomes.
fn first(target: &Target, world: &World, defect: Defect, seed: u64, histories: u64) -> Option<(u64, usize)> {
    let access = Access::embedded(Conduct::defect(defect));
    let player = Player { world, target, access: &access, excused: BTreeSet::new() };
    on_this_thread(async {
        for number in 0..histories {
            let (events, seed) = (history(&player, seed, number), mixed(seed, number));
            let played = player.play(&events, seed).await;
            if matches!(played.verdict, Verdict::Fail | Verdict::Warn) {
                let (shortest, _) = shrink(&player, events, played, seed).await;
                return Some((number + 1, shortest.len()));
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_classes_is_a_defect_and_stands_there_once() {
        let names: Vec<String> = named().into_values().flatten().collect();
        let unknown: Vec<&String> = names.iter().filter(|name| Defect::find(name).is_none()).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
}
