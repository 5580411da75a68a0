//! What the engine recorded of one run.

use std::collections::BTreeMap;

use crate::exchange::{Exchange, Observation};
use crate::secret::Secrets;

/// One run of a plan: its steps in order and, if it ended early, where and why.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// What each step saw.
    pub steps: Vec<StepRecord>,
    /// Why the run ended before its last step.
    pub stopped: Option<Stop>,
    /// Values that must appear in no report.
    pub secrets: Secrets,
}

/// What one step saw, over all its repetitions.
#[derive(Clone, Debug, Default)]
pub struct StepRecord {
    /// The index in the plan's steps.
    pub index: usize,
    /// The step's id.
    pub id: String,
    /// One entry a repetition.
    pub observations: Vec<Observation>,
}

/// An early end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The index of the step in the plan.
    pub index: usize,
    /// Why, in words.
    pub reason: String,
    /// What it says of the target.
    pub kind: StopKind,
}

/// What an early end says of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopKind {
    /// Its answer lacks what the next steps need: its fault, unless that was set-up.
    Lacking,
    /// Nothing: what has to happen besides its answers did not, be it a hook or what races with a request.
    Blocked,
    /// Nothing: it was not to be asked (waiting not allowed, a name the target file does not have).
    Skipped,
}

impl Stop {
    /// The run adds which step it was.
    pub(super) fn lacking(reason: impl Into<String>) -> Self {
        Self { index: 0, reason: reason.into(), kind: StopKind::Lacking }
    }

    pub(super) fn blocked(reason: impl Into<String>) -> Self {
        Self { kind: StopKind::Blocked, ..Self::lacking(reason) }
    }

    pub(super) fn skipped(reason: impl Into<String>) -> Self {
        Self { kind: StopKind::Skipped, ..Self::lacking(reason) }
    }
}

impl Transcript {
    /// Every exchange, in order.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.steps.iter().flat_map(|step| &step.observations).flat_map(|observation| &observation.exchanges)
    }

    /// The record of a step of the plan.
    pub fn step(&self, index: usize) -> Option<&StepRecord> {
        self.steps.iter().find(|record| record.index == index)
    }
}

/// The values of all names, by name.
pub type Values = BTreeMap<String, String>;
