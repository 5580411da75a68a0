//! `bench merge`: files of several processes become one result.

use std::path::{Path, PathBuf};

use clap::Args;

use super::super::exit::{Done, Stop};
use super::Results;
use crate::modes::bench::{Record, RecordError};

/// The arguments.
#[derive(Args)]
pub struct Merge {
    /// The files that `bench --json` wrote, each of another shard
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    results: Results,
}

impl Merge {
    /// Adds them up and reports; the bounds are those of the whole.
    pub fn execute(&self) -> Done {
        self.results.ensure_writable()?;
        let (first, rest) = self.files.split_first().ok_or_else(|| Stop::usage("there is no file"))?;
        let mut whole = read(first)?;
        for path in rest {
            whole.merge(read(path)?).map_err(|error| wrong(path, &error))?;
        }
        self.results.tell(&whole)
    }
}

fn read(path: &Path) -> Result<Record, Stop> {
    let text = std::fs::read_to_string(path).map_err(|error| Stop::usage(format!("{}: {error}", path.display())))?;
    Record::from_json(&text).map_err(|error| wrong(path, &error))
}

fn wrong(path: &Path, error: &RecordError) -> Stop {
    Stop::usage(format!("{}: {error}", path.display()))
}
