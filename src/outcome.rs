//! What a run found: plain data between modes and reports. Its JSON form is the stable schema of `--json`,
//! described in `docs/report-format.md`.

use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;
use crate::scenario::Kind;

/// The five verdicts and the doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The rule is kept.
    Pass,
    /// Not offered by the target, or not asked for; the reason says which.
    Skipped,
    /// A SHOULD or an advisory rule is broken.
    Warn,
    /// Broken once and kept when tried again.
    Flaky,
    /// The set-up or the control did not get through: nothing was learnt.
    Blocked,
    /// A MUST is broken.
    Fail,
}

/// One violated expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The step's id.
    pub step: String,
    /// What the step does, in words.
    pub step_name: String,
    /// The selector that was looked at, `json.error`.
    pub selector: String,
    /// What was wanted, in words.
    pub wanted: String,
    /// What was there, in words.
    pub got: String,
    /// Only warned about.
    pub advisory: bool,
}

/// The verdict on one check, or on one row of its table.
#[derive(Clone, Debug)]
pub struct CheckOutcome {
    /// The check's id, its path below `scenarios/`.
    pub id: String,
    /// The row's name.
    pub case: Option<String>,
    /// The check's title.
    pub title: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The rows of the catalogue that it covers.
    pub covers: Vec<String>,
    /// The specification of the first row, `RFC 6749`.
    pub spec: String,
    /// Its section.
    pub section: String,
    /// Its level, `MUST`.
    pub level: String,
    /// The rule in our words: `says` of the first row.
    pub rule: String,
    /// Why it matters.
    pub why: String,
    /// How it is mended.
    pub fix: String,
    /// What is judged.
    pub kind: Kind,
    /// Why it is skipped, blocked, failed: one line.
    pub reason: String,
    /// Every violated expectation.
    pub findings: Vec<Finding>,
    /// What travelled in the judged run.
    pub exchanges: Vec<Exchange>,
    /// The reason of the target file's `[[known]]` entry that matches.
    pub known: Option<String>,
    /// Milliseconds.
    pub duration_ms: u64,
}

/// A whole run.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// The target's name.
    pub target: String,
    /// Its issuer, if it has one.
    pub issuer: Option<String>,
    /// The profile that was judged.
    pub profile: String,
    /// The seed of all made values.
    pub seed: u64,
    /// Milliseconds.
    pub duration_ms: u64,
    /// One entry a verdict, in the order of ids.
    pub checks: Vec<CheckOutcome>,
    /// What the run has to say about itself: a target that stopped working, stale known entries.
    pub notes: Vec<String>,
    /// The target stopped answering, before the run or under it.
    pub died: bool,
    /// `[[known]]` entries that no longer deviate.
    pub stale_known: Vec<String>,
    /// Values that must appear in no report.
    pub secrets: crate::secret::Secrets,
}

impl Verdict {
    /// Whether something was found: a failure, a warning, or one that did not repeat.
    pub fn deviates(self) -> bool {
        matches!(self, Self::Fail | Self::Warn | Self::Flaky)
    }

    /// The word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Skipped => "skipped",
            Verdict::Warn => "warn",
            Verdict::Flaky => "flaky",
            Verdict::Blocked => "blocked",
            Verdict::Fail => "fail",
        }
    }
}

impl RunOutcome {
    /// How many verdicts of this kind there are, known deviations left out.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|check| check.verdict == verdict && check.known.is_none()).count()
    }
}
