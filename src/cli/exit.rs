//! Exit codes: what a run of the program tells its caller.

use std::process::ExitCode;

use crate::catalogue::CatalogueError;
use crate::outcome::{RunOutcome, Verdict};
use crate::scenario::LoadError;
use crate::target::TargetError;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything passed, is skipped or is known.
    Passed = 0,
    /// A MUST is broken, a SHOULD with `--strict`, a known deviation is none any more, or a proof does not hold.
    Failed = 1,
    /// The command line, a scenario or the target file is wrong.
    Usage = 2,
    /// Something was blocked, so that nothing was learnt about it.
    Blocked = 3,
    /// Nothing was selected.
    NothingSelected = 4,
    /// A fault of ours.
    Internal = 70,
}

/// The table for `--help`.
pub const HELP: &str = "\
Exit codes:
   0  everything passed, is skipped or is known
   1  a MUST is broken (with --strict a SHOULD as well), a [[known]] entry no longer deviates, or a proof does not hold
   2  the command line, a scenario or the target file is wrong
   3  something was blocked (set-up, control or the target itself did not get through), and nothing failed
   4  nothing was selected
  70  a fault of grantcheck itself";

/// What a command gives: an exit code, or why it could not do its work.
pub type Done = Result<Exit, Stop>;

/// Why a command could not do its work.
#[derive(Debug)]
pub struct Stop {
    /// The exit code.
    pub exit: Exit,
    /// What to print.
    pub message: String,
}

impl Exit {
    /// The exit code of a run. A failure outweighs what was blocked; a rule that was broken once is broken.
    pub fn of(outcome: &RunOutcome, strict: bool) -> Self {
        if outcome.checks.is_empty() {
            return Exit::NothingSelected;
        }
        if !outcome.stale_known.is_empty() || outcome.checks.iter().any(|check| check.fails(strict)) {
            return Exit::Failed;
        }
        let blocked = outcome.died || outcome.count(Verdict::Blocked) > 0;
        if blocked { Exit::Blocked } else { Exit::Passed }
    }
}

impl Stop {
    /// The command line, a scenario or the target file is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    /// The selection is empty.
    pub fn nothing_selected(message: impl Into<String>) -> Self {
        Self { exit: Exit::NothingSelected, message: message.into() }
    }

    /// A fault of ours.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { exit: Exit::Internal, message: message.into() }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

impl From<LoadError> for Stop {
    fn from(error: LoadError) -> Self {
        Stop::usage(error.to_string().trim_end())
    }
}

impl From<TargetError> for Stop {
    fn from(error: TargetError) -> Self {
        Stop::usage(error.to_string())
    }
}

impl From<CatalogueError> for Stop {
    fn from(error: CatalogueError) -> Self {
        Stop::internal(error.to_string())
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Stop::usage(format!("the result cannot be written: {error}"))
    }
}
