//! What every mode that judges a target tells at its end: the report, its JSON, and the command that repeats it.

use std::path::{Path, PathBuf};

use super::conduct::Switches;
use super::exit::Stop;
use super::output;
use crate::outcome::RunOutcome;
use crate::report::{self, Clean, quote};

/// Prints the report, to standard error when the JSON takes standard output.
pub fn tell(outcome: &RunOutcome, json: Option<&Path>, verbose: bool, again: String) -> Result<(), Stop> {
    let clean = Clean::of(outcome);
    let text = report::terminal(&clean, &report::Terminal { verbose, again });
    match json {
        Some(path) if output::is_standard_output(path) => output::print_aside(&text)?,
        _ => output::print(&text)?,
    }
    json.map_or(Ok(()), |path| output::write(path, &report::json(&clean)))
}

/// The command line of a run, without its selection.
pub fn again(target: Option<&PathBuf>, scenarios: &[PathBuf], options: Vec<String>, switches: &Switches) -> String {
    let path = |option: &str, path: &PathBuf| format!("{option} {}", quote(&path.display().to_string()));
    let mut words = vec!["grantcheck run".to_owned()];
    words.extend(target.iter().map(|target| path("-t", target)));
    words.extend(scenarios.iter().map(|scenarios| path("--scenarios", scenarios)));
    words.extend(options);
    words.extend(switches.words());
    words.join(" ")
}
