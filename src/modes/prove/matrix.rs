//! Which check is red under which defect: what a check notices beside its own defects is declared, or its check is too wide.

use std::collections::BTreeMap;

use reference_server::Defect;

use crate::catalogue::{Catalogue, SharedDefect};
use crate::modes::select::matches;

/// Why a check is red under a defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The check names the defect.
    Named,
    /// It is the defect of another rule.
    Beside,
}

/// The red pairs, by defect in table order, then by check.
#[derive(Clone, Debug, Default)]
pub struct Matrix(BTreeMap<Defect, BTreeMap<String, Seen>>);

impl Matrix {
    /// One more red pair.
    pub fn enter(&mut self, defect: Defect, check: &str, seen: Seen) {
        self.0.entry(defect).or_default().insert(check.to_owned(), seen);
    }

    /// Each defect with the checks that are red under it.
    pub fn rows(&self) -> impl Iterator<Item = (Defect, Vec<(&str, Seen)>)> {
        self.0.iter().map(|(defect, checks)| (*defect, checks.iter().map(|(id, seen)| (id.as_str(), *seen)).collect()))
    }

    /// Pairs that nobody declared and, when the whole suite was run, declarations that fit no pair.
    pub fn undeclared(&self, catalogue: &Catalogue, whole: bool) -> Vec<String> {
        let beside = self.rows().flat_map(|(defect, checks)| {
            let others = checks.into_iter().filter(|(_, seen)| *seen == Seen::Beside);
            others.map(move |(id, _)| (defect, id.to_owned()))
        });
        let beside: Vec<(Defect, String)> = beside.collect();
        let overlaps = catalogue.overlaps();
        let open = beside.iter().filter(|(defect, id)| !overlaps.iter().any(|overlap| declares(overlap, *defect, id)));
        let open = open.map(|(defect, id)| format!("{id} is also red under {}", defect.name()));
        let fits = |name: &str, checks: &[String]| {
            beside.iter().any(|(defect, id)| defect.name() == name && matches(checks, id, None))
        };
        let idle = |overlap: &SharedDefect| -> Vec<String> {
            let defects = overlap.defects.iter().filter(|name| !fits(name, &overlap.checks));
            let defects = defects.map(|name| format!("no check of other rules is red under {name} as declared"));
            let alone = |check: &&String| !overlap.defects.iter().any(|name| fits(name, std::slice::from_ref(check)));
            let checks = overlap.checks.iter().filter(alone);
            defects
                .chain(checks.map(|check| format!("{check} is under none of the defects declared for it red")))
                .collect()
        };
        let stale = overlaps.iter().filter(|_| whole).flat_map(idle);
        open.chain(stale).collect()
    }
}

/// Whether this overlap is about this pair.
pub fn declares(overlap: &SharedDefect, defect: Defect, check: &str) -> bool {
    overlap.defects.iter().any(|name| name == defect.name()) && matches(&overlap.checks, check, None)
}
