//! `target check`: each way to a token once, then which checks would run and what enables the others.

use std::path::PathBuf;

use clap::Args;

use super::super::exit::{Done, Exit};
use super::super::output;
use super::super::reach::Reach;
use super::survey::survey;
use crate::modes::threads::on_this_thread;
use crate::scenario::Suite;

/// The arguments.
#[derive(Args)]
pub struct Check {
    /// The target file; the provider in the process unless given
    #[arg(value_name = "TARGET.toml")]
    file: Option<PathBuf>,
    #[command(flatten)]
    reach: Reach,
    /// Where all made values come from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Check {
    /// Tries and tells.
    pub fn execute(self) -> Done {
        let suite = Suite::embedded()?;
        let mut target = self.reach.target(self.file.as_deref())?;
        let survey = on_this_thread(survey(self.file.as_deref(), &mut target, &suite, self.seed, usize::MAX))?;
        output::print(&survey.text)?;
        Ok(if survey.works { Exit::Passed } else { Exit::Blocked })
    }
}
