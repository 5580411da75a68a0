//! Known deviations of the target file: marked, and stale when they no longer deviate.

use crate::outcome::{CheckOutcome, Verdict};
use crate::target::Known;

/// Marks what is known and returns the entries that no longer deviate.
pub fn apply(known: &[Known], checks: &mut [CheckOutcome]) -> Vec<String> {
    known.iter().filter(|entry| stale(entry, checks)).map(|entry| entry.check.clone()).collect()
}

/// Why a deviation of this id is known. Of what is found by chance, not to be found says nothing: it is never stale.
pub fn reason(known: &[Known], id: &str) -> Option<String> {
    known.iter().find(|entry| matches(&entry.check, id)).map(|entry| entry.reason.clone())
}

/// Marks the deviations of one entry. It is stale when what it names was judged and nothing of it deviates.
fn stale(entry: &Known, checks: &mut [CheckOutcome]) -> bool {
    let (mut judged, mut deviates) = (false, false);
    for check in checks.iter_mut().filter(|check| names(&entry.check, check)) {
        match check.verdict {
            verdict if verdict.deviates() => {
                deviates = true;
                check.known = Some(entry.reason.clone());
            }
            Verdict::Pass => judged = true,
            _ => {}
        }
    }
    judged && !deviates && !entry.sometimes
}

fn names(pattern: &str, check: &CheckOutcome) -> bool {
    let whole = check.case.as_ref().map_or_else(|| check.id.clone(), |case| format!("{}#{case}", check.id));
    matches(pattern, &whole) || check.id == pattern
}

fn matches(pattern: &str, id: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == id, |head| id.starts_with(head))
}
