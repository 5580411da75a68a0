//! A saved run as the measure of the next one: what it had already is no news, what got worse is.

use std::collections::BTreeMap;

use crate::outcome::{CheckOutcome, Verdict};

/// The verdicts of a saved run.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    name: String,
    verdicts: BTreeMap<String, Verdict>,
}

/// What became of a verdict from one run to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It deviates more, or more than nothing at all.
    Worse,
    /// It was judged and is not any more: blocked, skipped or left out.
    Lost,
    /// It deviates less.
    Better,
    /// It was not judged and is now.
    Gained,
    /// Neither.
    Same,
}

impl Baseline {
    /// The verdicts of a run; `name` is the file, for the reader.
    pub fn of(name: &str, checks: &[CheckOutcome]) -> Self {
        let verdicts = checks.iter().map(|check| (check.name(), check.verdict)).collect();
        Self { name: name.to_owned(), verdicts }
    }

    /// Marks deviations that the baseline has, and what was blocked in it and still is.
    pub fn mark(&self, checks: &mut [CheckOutcome]) {
        for check in checks.iter_mut().filter(|check| check.known.is_none()) {
            let then = self.verdicts.get(&check.name()).copied();
            let still = check.verdict == Verdict::Blocked && then == Some(Verdict::Blocked);
            let deviates = check.verdict.deviates() && change(then, Some(check.verdict)) != Change::Worse;
            if still || deviates {
                check.known = Some(format!("as in the baseline {}", self.name));
            }
        }
    }

    /// What is better than it was, and what is not judged any more.
    pub fn notes(&self, checks: &[&CheckOutcome]) -> Vec<String> {
        let changes = checks.iter().filter_map(|check| {
            let then = self.verdicts.get(&check.name()).copied();
            then.map(|then| change(Some(then), Some(check.verdict)))
        });
        let changes: Vec<Change> = changes.collect();
        let words = [
            (Change::Better, "better than in the baseline, which --update-baseline would keep"),
            (Change::Lost, "judged in the baseline and not judged now"),
        ];
        let count = |of: Change| changes.iter().filter(|change| **change == of).count();
        words.iter().filter(|(of, _)| count(*of) > 0).map(|(of, words)| format!("{words}: {}", count(*of))).collect()
    }
}

/// Compares two verdicts on the same rule; `None` is one that is not there. What deviates where nothing was known before is worse.
pub fn change(before: Option<Verdict>, after: Option<Verdict>) -> Change {
    match (grade(before), grade(after)) {
        (before, Some(after)) if after > before.unwrap_or_default() => Change::Worse,
        (Some(_), None) => Change::Lost,
        (None, Some(_)) => Change::Gained,
        (before, after) if after < before => Change::Better,
        _ => Change::Same,
    }
}

/// How much it deviates, if it was judged. A failure that did not repeat is as grave as one that did: which of them a race
/// gives is chance.
fn grade(verdict: Option<Verdict>) -> Option<u8> {
    match verdict? {
        Verdict::Pass => Some(0),
        Verdict::Warn => Some(1),
        Verdict::Flaky | Verdict::Fail => Some(2),
        Verdict::Skipped | Verdict::Blocked => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_worse_when_it_deviates_more_than_what_was_known() {
        use Verdict::{Blocked, Fail, Flaky, Pass, Skipped, Warn};
        let table = [
            (Some(Pass), Some(Fail), Change::Worse),
            (Some(Warn), Some(Flaky), Change::Worse),
            (Some(Skipped), Some(Warn), Change::Worse),
            (None, Some(Fail), Change::Worse),
            (Some(Fail), Some(Flaky), Change::Same),
            (Some(Flaky), Some(Fail), Change::Same),
            (Some(Fail), Some(Warn), Change::Better),
            (Some(Fail), Some(Pass), Change::Better),
            (Some(Pass), Some(Blocked), Change::Lost),
            (Some(Fail), None, Change::Lost),
            (Some(Skipped), Some(Pass), Change::Gained),
            (None, Some(Pass), Change::Gained),
            (Some(Skipped), Some(Blocked), Change::Same),
            (None, None, Change::Same),
        ];
        for (before, after, expected) in table {
            assert_eq!(change(before, after), expected, "{before:?} {after:?}");
        }
    }
}
