//! What a run found: plain data between modes and reports. The JSON form of a verdict is the one of saved runs,
//! described in `docs/report-format.md`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;
use crate::scenario::Kind;
use crate::target::Known;

/// The five verdicts and the doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Judged")]
pub struct CheckOutcome {
    /// The check's id, its path below `scenarios/`.
    pub id: String,
    /// The row's name.
    #[serde(default)]
    pub case: Option<String>,
    /// The check's title.
    #[serde(default)]
    pub title: String,
    /// What came out.
    pub verdict: Verdict,
    /// The rows of the catalogue that it covers.
    #[serde(default)]
    pub covers: Vec<String>,
    /// The specification of the first row, `RFC 6749`.
    #[serde(default)]
    pub spec: String,
    /// Its section.
    #[serde(default)]
    pub section: String,
    /// Its level, `MUST`.
    #[serde(default)]
    pub level: String,
    /// The rule in our words: `says` of the first row.
    #[serde(default)]
    pub rule: String,
    /// Why it matters.
    #[serde(default)]
    pub why: String,
    /// How it is mended.
    #[serde(default)]
    pub fix: String,
    /// What is judged.
    #[serde(default = "acceptance")]
    pub kind: Kind,
    /// Why it is skipped, blocked, failed: one line.
    #[serde(default)]
    pub reason: String,
    /// Every violated expectation.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// What travelled in the judged run.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// Why the deviation is expected: the reason of the target file's `[[known]]` entry, or that the baseline has it.
    #[serde(default)]
    pub known: Option<String>,
    /// Whether its set-up was tried a second time, and got through then.
    #[serde(default)]
    pub retried: bool,
    /// Milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
}

/// What a saved verdict without a kind is taken for.
fn acceptance() -> Kind {
    Kind::Acceptance
}

/// A whole run.
#[derive(Clone, Debug, Default)]
pub struct RunOutcome {
    /// The target's name.
    pub target: String,
    /// The target file as the command line names it; none for the provider in the process.
    pub target_file: Option<String>,
    /// Its issuer, if it has one.
    pub issuer: Option<String>,
    /// The profile that was judged.
    pub profile: String,
    /// The seed of all made values.
    pub seed: u64,
    /// Which part of the checks ran.
    pub shard: Option<Shard>,
    /// Whether a broken SHOULD fails the run as well.
    pub strict: bool,
    /// The command line that repeats the run, without a selection.
    pub again: String,
    /// When it began, Unix milliseconds by the clock that the target lives by.
    pub started_ms: u64,
    /// Milliseconds.
    pub duration_ms: u64,
    /// One entry a verdict, in the order of ids.
    pub checks: Vec<CheckOutcome>,
    /// What the run has to say about itself: a target that stopped working, stale known entries.
    pub notes: Vec<String>,
    /// The target stopped answering, before the run or under it.
    pub died: bool,
    /// The `[[known]]` entries of the target file.
    pub known: Vec<Known>,
    /// `[[known]]` entries that no longer deviate.
    pub stale_known: Vec<String>,
    /// Every exchange of the run with the check it was for, if it was kept.
    pub traffic: Vec<Traffic>,
    /// Values that must appear in no report.
    pub secrets: crate::secret::Secrets,
}

/// One of several parts that a run is split into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which part, from 1.
    pub index: usize,
    /// How many parts there are.
    pub of: usize,
}

/// What travelled for a check: control, set-up, every round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Traffic {
    /// The check's id, with `#` and the row's name when it was for one.
    pub check: String,
    /// The exchange.
    pub exchange: Exchange,
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

impl CheckOutcome {
    /// `id`, or `id#case` for a row of its table.
    pub fn name(&self) -> String {
        self.case.as_ref().map_or_else(|| self.id.clone(), |case| format!("{}#{case}", self.id))
    }

    /// Whether it fails the run. A doubtful MUST counts as broken: a race that is lost one time in ten is a hole.
    pub fn fails(&self, strict: bool) -> bool {
        self.known.is_none()
            && match self.verdict {
                Verdict::Fail => true,
                Verdict::Flaky => strict || self.level.starts_with("MUST"),
                Verdict::Warn => strict,
                Verdict::Pass | Verdict::Skipped | Verdict::Blocked => false,
            }
    }
}

impl RunOutcome {
    /// How many verdicts of this kind there are, known deviations left out.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|check| check.verdict == verdict && check.known.is_none()).count()
    }
}
