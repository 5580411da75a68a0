//! `model`: random histories of clients and users, against a target or against the provider in the process.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::conduct::Switches;
use super::exit::{Done, Exit, Stop};
use super::measured;
use super::output;
use super::reach::{self, Reach};
use super::reports::Reports;
use super::told::{again, tell};
use crate::catalogue::Catalogue;
use crate::modes::model::{Bounds, Options, Outcome, measure, run};
use crate::modes::threads::on_this_thread;
use crate::outcome::RunOutcome;
use crate::report::Clean;
use crate::target::Target;

/// The arguments.
#[derive(Args)]
pub struct Model {
    /// The server to test; the provider in the process unless given
    #[arg(short, long, value_name = "TARGET.toml", conflicts_with_all = ["defects", "liberties", "measure"])]
    target: Option<PathBuf>,
    #[command(flatten)]
    reach: Reach,
    /// How many histories; 2000 in the process and 200 over a network unless given
    #[arg(long, value_name = "N")]
    histories: Option<u64>,
    /// End after so many seconds
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,
    /// Where histories and all made values come from; the same seed makes the same run
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// End at the first finding
    #[arg(long)]
    first: bool,
    /// Where scenario files of what was found are written
    #[arg(long, value_name = "DIR", default_value = "found")]
    write: PathBuf,
    /// Let a broken SHOULD, and what did not repeat, fail the run as well
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reports: Reports,
    /// Show every header and every exchange
    #[arg(short, long)]
    verbose: bool,
    /// Count which defects of the reference provider histories find in a minute, in --for or in --histories, and end
    #[arg(long, value_name = "DEFECTS", conflicts_with_all = ["defects", "liberties"])]
    measure: Option<Which>,
    #[command(flatten)]
    switches: Switches,
}

/// Which defects are measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Those that show in what comes after something
    State,
    /// All of them
    All,
}

impl Model {
    /// Plays histories and reports.
    pub fn execute(self) -> Done {
        if let Some(which) = self.measure {
            let classes = measure(self.bounds(), which == Which::All);
            output::print(&measured::as_text(&classes, ["median events", "median histories"]))?;
            return Ok(Exit::Passed);
        }
        let mut target = self.reach.target(self.target.as_deref())?;
        reach::ensure_allowed(reach::FUZZ, self.target.as_deref(), &target)?;
        self.reports.ensure_writable()?;
        let outcome = on_this_thread(self.perform(&mut target))?;
        self.write(&outcome)?;
        self.report(&outcome)?;
        Ok(Exit::of(&outcome.run, self.strict))
    }

    fn bounds(&self) -> Bounds {
        let seconds = self.seconds.or(self.histories.is_none().then_some(60));
        Bounds {
            seed: self.seed,
            histories: self.histories.unwrap_or(u64::MAX),
            time: seconds.map(Duration::from_secs),
        }
    }

    async fn perform(&self, target: &mut Target) -> Result<Outcome, Stop> {
        let (access, notes) = reach::access(self.target.as_deref(), target, &self.switches).await?;
        let usual = if access.is_embedded() { 2000 } else { 200 };
        let options = Options {
            seed: self.seed,
            histories: self.histories.unwrap_or(if self.seconds.is_some() { u64::MAX } else { usual }),
            time: self.seconds.map(Duration::from_secs),
            first: self.first,
        };
        let outcome = run(&Catalogue::embedded()?, target, &access, &options).await;
        let mut outcome = outcome.map_err(Stop::nothing_selected)?;
        outcome.run.notes.splice(0..0, notes);
        Ok(outcome)
    }

    fn write(&self, outcome: &Outcome) -> Result<(), Stop> {
        for finding in &outcome.findings {
            let path = self.write.join("model").join(format!("{}.toml", finding.rule.name()));
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            output::write(&path, &finding.scenario)?;
        }
        Ok(())
    }

    fn report(&self, outcome: &Outcome) -> Result<(), Stop> {
        // A finding is repeated as a check, by its scenario file.
        let again =
            again(self.target.as_ref(), &self.reach, std::slice::from_ref(&self.write), Vec::new(), &self.switches);
        let run = RunOutcome { again, strict: self.strict, ..outcome.run.clone() };
        tell(&Clean::of(&run), &self.reports, self.verbose, false)
    }
}
