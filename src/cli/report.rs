//! `report`: saved runs are converted, merged, and compared with each other.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::exit::{Done, Exit, HELP, Stop};
use super::reports::{Reports, named};
use super::told::tell;
use super::{output, saved};
use crate::modes::merge::merge;
use crate::report::{Clean, Comparison, Diff, Format};

/// The arguments.
#[derive(Args)]
pub struct Report {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Write a saved run in another format
    Convert(Convert),
    /// Put the shards of a run together, and end as the whole run would have
    #[command(after_help = HELP)]
    Merge(Merge),
    /// Say what got better or worse from one saved run to another; exit code 1 when anything got worse
    Diff(Compare),
    /// Compare several providers in one table
    Matrix(Matrix),
}

#[derive(Args)]
struct Convert {
    /// A run that was saved with --json
    #[arg(value_name = "RUN.json")]
    run: PathBuf,
    /// The format: json, jsonl, junit, sarif, markdown, html, har, codequality or text
    #[arg(long, value_name = "FORMAT", value_parser = |name: &str| named(name))]
    to: &'static Format,
    #[command(flatten)]
    output: Output,
}

#[derive(Args)]
struct Merge {
    /// The saved runs of all shards
    #[arg(value_name = "RUN.json", required = true)]
    runs: Vec<PathBuf>,
    /// Show every verdict, every header and every exchange
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    reports: Reports,
}

#[derive(Args)]
struct Compare {
    /// The earlier run
    #[arg(value_name = "BEFORE.json")]
    before: PathBuf,
    /// The later run
    #[arg(value_name = "AFTER.json")]
    after: PathBuf,
    /// How it is told
    #[arg(long, value_enum, default_value = "text")]
    to: DiffFormat,
    #[command(flatten)]
    output: Output,
}

#[derive(Args)]
struct Matrix {
    /// A saved run a provider
    #[arg(value_name = "RUN.json", required = true)]
    runs: Vec<PathBuf>,
    /// How it is told
    #[arg(long, value_enum, default_value = "markdown")]
    to: MatrixFormat,
    #[command(flatten)]
    output: Output,
}

#[derive(Args)]
struct Output {
    /// The file; standard output unless given
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum DiffFormat {
    Text,
    Markdown,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum MatrixFormat {
    Markdown,
    Html,
}

impl Report {
    /// Does what the subcommand says.
    pub fn execute(self) -> Done {
        match self.what {
            What::Convert(convert) => convert.execute(),
            What::Merge(merge) => merge.execute(),
            What::Diff(compare) => compare.execute(),
            What::Matrix(matrix) => matrix.execute(),
        }
    }
}

impl Convert {
    fn execute(self) -> Done {
        self.output.write(&(self.to.make)(&saved::load(&self.run)?))
    }
}

impl Merge {
    fn execute(self) -> Done {
        self.reports.ensure_writable()?;
        let runs: Vec<Clean> = all(&self.runs)?;
        let whole = merge(runs.iter().map(|run| run.run().clone()).collect());
        let whole = whole.map_err(|error| Stop::usage(error.to_string()))?;
        tell(&Clean::of(&whole), &self.reports, self.verbose, false)?;
        Ok(Exit::of(&whole, whole.strict))
    }
}

impl Compare {
    fn execute(self) -> Done {
        let (before, after) = (saved::load(&self.before)?, saved::load(&self.after)?);
        let diff = Diff::of(&before, &after);
        let text = match self.to {
            DiffFormat::Text if output::is_standard_output(&self.output.output) => diff.text(),
            DiffFormat::Text => anstream::adapter::strip_str(&diff.text()).to_string(),
            DiffFormat::Markdown => diff.markdown(),
            DiffFormat::Json => diff.json(),
        };
        self.output.write(&text)?;
        Ok(if diff.is_worse() { Exit::Failed } else { Exit::Passed })
    }
}

impl Matrix {
    fn execute(self) -> Done {
        let runs = all(&self.runs)?;
        let comparison = Comparison::of(&runs);
        self.output.write(&match self.to {
            MatrixFormat::Markdown => comparison.markdown(),
            MatrixFormat::Html => comparison.html(),
        })
    }
}

impl Output {
    fn write(&self, text: &str) -> Done {
        output::write(&self.output, text)?;
        Ok(Exit::Passed)
    }
}

fn all(paths: &[PathBuf]) -> Result<Vec<Clean>, Stop> {
    paths.iter().map(|path: &PathBuf| saved::load(Path::new(path))).collect()
}
