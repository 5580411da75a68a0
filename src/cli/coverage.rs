//! `coverage`: how much of each specification the checks cover, computed from the catalogue and the suite.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use reference_server::Defect;
use serde_json::json;

use super::exit::{Done, Exit};
use super::output;
use super::selection::Scenarios;
use crate::catalogue::{Catalogue, SpecCoverage, coverage};
use crate::report::{Column, table};
use crate::scenario::Suite;

/// The arguments.
#[derive(Args)]
pub struct Coverage {
    /// A line a section
    #[arg(long)]
    sections: bool,
    /// Also list the testable rows that no check covers
    #[arg(long)]
    missing: bool,
    /// JSON in place of the table, on standard output unless a file is given
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
    #[command(flatten)]
    scenarios: Scenarios,
}

impl Coverage {
    /// Counts and prints.
    pub fn execute(self) -> Done {
        let counted = count(&self.scenarios.load()?, &Catalogue::embedded()?, self.sections);
        match &self.json {
            Some(path) => output::write(path, &as_json(&counted))?,
            None => output::print(&as_text(&counted, self.missing))?,
        }
        Ok(Exit::Passed)
    }
}

/// The coverage of these checks, the provider's defects being what proves them.
pub fn count(suite: &Suite, catalogue: &Catalogue, by_section: bool) -> Vec<SpecCoverage> {
    let covers: BTreeSet<String> = suite.checks().iter().flat_map(|check| check.file.covers.iter().cloned()).collect();
    let defects: BTreeSet<String> = Defect::ALL.iter().map(|defect| defect.name().to_owned()).collect();
    coverage(catalogue, &covers, &defects, by_section)
}

fn as_json(counted: &[SpecCoverage]) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("{:#}\n", json!({ "tool": { "name": "grantcheck", "version": version }, "specs": counted }))
}

fn as_text(counted: &[SpecCoverage], missing: bool) -> String {
    let columns =
        [Column::text("spec"), Column::text("section"), Column::number("rows"), Column::number("testable")].into_iter();
    let columns = columns.chain(["covered", "excused", "proven", "missing", "warn only"].map(Column::number)).collect();
    let total = counted.iter().fold(SpecCoverage { spec: "all".into(), ..SpecCoverage::default() }, add);
    let rows: Vec<Vec<String>> = counted.iter().chain([&total]).map(cells).collect();
    let list = counted.iter().filter(|_| missing).flat_map(|entry| &entry.missing).map(|id| format!("missing  {id}\n"));
    format!("{}{}", table(columns, &rows), list.collect::<String>())
}

fn add(total: SpecCoverage, entry: &SpecCoverage) -> SpecCoverage {
    SpecCoverage {
        rows: total.rows + entry.rows,
        testable: total.testable + entry.testable,
        covered: total.covered + entry.covered,
        excused: total.excused + entry.excused,
        proven: total.proven + entry.proven,
        warnings_only: total.warnings_only + entry.warnings_only,
        missing: [total.missing, entry.missing.clone()].concat(),
        ..total
    }
}

fn cells(entry: &SpecCoverage) -> Vec<String> {
    let counts = [entry.rows, entry.testable, entry.covered, entry.excused, entry.proven];
    let numbers = counts.into_iter().chain([entry.missing.len(), entry.warnings_only]);
    [entry.spec.clone(), entry.section.clone()].into_iter().chain(numbers.map(|number| number.to_string())).collect()
}
