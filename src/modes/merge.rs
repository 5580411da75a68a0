//! The shards of a run become one run again.

use std::collections::BTreeMap;

use thiserror::Error;

use super::known;
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};

/// Runs that are not the shards of one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MergeError {
    /// Nothing was given.
    #[error("there is no run to merge")]
    Nothing,
    /// They are about different things.
    #[error("the runs differ in {0}: {1} and {2}")]
    Differ(&'static str, String, String),
    /// A part is not there.
    #[error("shard {0} of {1} is missing")]
    Missing(usize, usize),
}

/// One run of several. A check that several judged has its gravest verdict, because each has seen only its own share.
pub fn merge(runs: Vec<RunOutcome>) -> Result<RunOutcome, MergeError> {
    let mut runs = runs.into_iter();
    let first = runs.next().ok_or(MergeError::Nothing)?;
    let rest: Vec<RunOutcome> = runs.collect();
    rest.iter().try_for_each(|run| alike(&first, run))?;
    complete(&first, &rest)?;
    let mut whole = RunOutcome { shard: None, ..rest.into_iter().fold(first, joined) };
    whole.checks = gravest(std::mem::take(&mut whole.checks));
    whole.stale_known = known::stale(&whole.known, &whole.checks);
    Ok(whole)
}

fn alike(first: &RunOutcome, run: &RunOutcome) -> Result<(), MergeError> {
    let different = facts(first).into_iter().zip(facts(run)).find(|(left, right)| left != right);
    different.map_or(Ok(()), |((what, left), (_, right))| Err(MergeError::Differ(what, left, right)))
}

/// What all shards of a run have in common.
fn facts(run: &RunOutcome) -> [(&'static str, String); 5] {
    [
        ("their target", run.target.clone()),
        ("their profile", run.profile.clone()),
        ("their seed", run.seed.to_string()),
        ("whether they are strict", run.strict.to_string()),
        ("their number of shards", run.shard.map_or(1, |shard| shard.of).to_string()),
    ]
}

fn complete(first: &RunOutcome, rest: &[RunOutcome]) -> Result<(), MergeError> {
    let Some(shard) = first.shard else { return Ok(()) };
    let has = |index: usize| {
        let mut shards = std::iter::once(first).chain(rest).filter_map(|run| run.shard);
        shards.any(|shard| shard.index == index)
    };
    let missing = (1..=shard.of).find(|index| !has(*index));
    missing.map_or(Ok(()), |index| Err(MergeError::Missing(index, shard.of)))
}

fn joined(mut whole: RunOutcome, run: RunOutcome) -> RunOutcome {
    whole.checks.extend(run.checks);
    whole.traffic.extend(run.traffic);
    whole.notes.extend(run.notes.into_iter().map(|note| match run.shard {
        Some(shard) => format!("shard {}: {note}", shard.index),
        None => note,
    }));
    whole.died |= run.died;
    whole.started_ms = whole.started_ms.min(run.started_ms);
    whole.duration_ms = whole.duration_ms.max(run.duration_ms);
    whole.secrets.extend(&run.secrets);
    whole
}

/// One verdict a name, in the order of ids and of the rows of their tables.
fn gravest(checks: Vec<CheckOutcome>) -> Vec<CheckOutcome> {
    let (mut kept, mut places) = (Vec::<CheckOutcome>::new(), BTreeMap::<String, usize>::new());
    for check in checks {
        match places.get(&check.name()) {
            Some(place) if weight(&kept[*place]) >= weight(&check) => {}
            Some(place) => kept[*place] = check,
            None => {
                places.insert(check.name(), kept.len());
                kept.push(check);
            }
        }
    }
    kept.sort_by(|left, right| left.id.cmp(&right.id));
    kept
}

fn weight(check: &CheckOutcome) -> u8 {
    match check.verdict {
        Verdict::Skipped => 0,
        Verdict::Pass => 1,
        Verdict::Blocked => 2,
        Verdict::Warn => 3,
        Verdict::Flaky => 4,
        Verdict::Fail => 5,
    }
}
