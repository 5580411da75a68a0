//! Known deviations of the target file: marked, and stale when they no longer deviate.

use crate::outcome::{CheckOutcome, Verdict};
use crate::target::Known;

/// Marks what is known.
pub fn mark(known: &[Known], checks: &mut [CheckOutcome]) {
    for entry in known {
        let deviating = checks.iter_mut().filter(|check| names(&entry.check, check) && check.verdict.deviates());
        deviating.for_each(|check| check.known = Some(entry.reason.clone()));
    }
}

/// The entries of which something was judged and nothing deviates.
pub fn stale(known: &[Known], checks: &[CheckOutcome]) -> Vec<String> {
    let named = |entry: &Known, verdict: fn(Verdict) -> bool| {
        checks.iter().any(|check| names(&entry.check, check) && verdict(check.verdict))
    };
    let judged = |entry: &Known| named(entry, |verdict| verdict == Verdict::Pass);
    let over = |entry: &&Known| !entry.sometimes && judged(entry) && !named(entry, Verdict::deviates);
    known.iter().filter(over).map(|entry| entry.check.clone()).collect()
}

/// Why a deviation of this id is known. Of what is found by chance, not to be found says nothing: it is never stale.
pub fn reason(known: &[Known], id: &str) -> Option<String> {
    known.iter().find(|entry| matches(&entry.check, id)).map(|entry| entry.reason.clone())
}

fn names(pattern: &str, check: &CheckOutcome) -> bool {
    matches(pattern, &check.name()) || check.id == pattern
}

fn matches(pattern: &str, id: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == id, |head| id.starts_with(head))
}
