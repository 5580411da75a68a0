//! What every mode that judges a target tells at its end: the reports, and the command that repeats it.

use std::path::PathBuf;

use super::conduct::Switches;
use super::exit::Stop;
use super::output;
use super::reach::Reach;
use super::reports::Reports;
use crate::report::{self, Clean, quote};

/// Prints the report, to standard error when another one takes standard output, and writes the others; `live` are the JSON lines
/// written already.
pub fn tell(clean: &Clean, reports: &Reports, verbose: bool, live: bool) -> Result<(), Stop> {
    let text = report::terminal(clean, &report::Terminal { verbose });
    match reports.take_standard_output() {
        true => output::print_aside(&text)?,
        false => output::print(&text)?,
    }
    reports.write(clean, live)
}

/// The command line of a run, without its selection.
pub fn again(
    target: Option<&PathBuf>,
    reach: &Reach,
    scenarios: &[PathBuf],
    options: Vec<String>,
    switches: &Switches,
) -> String {
    let path = |option: &str, path: &PathBuf| format!("{option} {}", quote(&path.display().to_string()));
    let mut words = vec!["grantcheck run".to_owned()];
    words.extend(target.iter().map(|target| path("-t", target)));
    words.extend(reach.words());
    words.extend(scenarios.iter().map(|scenarios| path("--scenarios", scenarios)));
    words.extend(options);
    words.extend(switches.words());
    words.join(" ")
}
