//! `lint`: mistakes in scenario files that a run would not show.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::exit::{Done, Exit, Stop};
use super::output;
use crate::catalogue::Catalogue;
use crate::scenario::{Suite, Vocabulary, lint};

/// The arguments.
#[derive(Args)]
pub struct Lint {
    /// Folders or files; the built-in scenarios unless given
    #[arg(value_name = "DIR or FILE")]
    paths: Vec<PathBuf>,
}

impl Lint {
    /// Prints every problem with its place.
    pub fn execute(self) -> Done {
        let suite = if self.paths.is_empty() { Suite::embedded()? } else { Suite::from_paths(&self.paths)? };
        let catalogue = Catalogue::embedded()?;
        let problems = lint(
            &suite,
            &Vocabulary {
                row: &|id| catalogue.row(id).is_some(),
                needs: catalogue.words().collect(),
                rows: catalogue.rows().iter().map(|row| row.id.as_str()).collect::<BTreeSet<_>>(),
            },
        );
        for problem in &problems {
            output::print(&format!("{}\n\n", problem.rendered.trim_end()))?;
        }
        let files = suite.checks().len() + suite.flows().len();
        match problems.len() {
            0 => output::print(&format!("{files} files, no problem\n")).map(|()| Exit::Passed),
            1 => Err(Stop::usage(format!("1 problem in {files} files"))),
            many => Err(Stop::usage(format!("{many} problems in {files} files"))),
        }
    }
}
