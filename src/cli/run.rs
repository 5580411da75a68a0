//! `run`: checks against a target, or against the provider in the process.

use std::path::PathBuf;

use clap::Args;

use super::conduct::Switches;
use super::exit::{Done, Exit, Stop};
use super::output;
use super::progress::Line;
use super::reach;
use super::selection::{Scenarios, selected};
use super::told::{again, tell};
use crate::catalogue::Catalogue;
use crate::modes::check::{Options, run};
use crate::modes::threads::on_this_thread;
use crate::outcome::RunOutcome;
use crate::report::quote;
use crate::scenario::{Suite, nearest};
use crate::target::Target;

/// The arguments.
#[derive(Args)]
pub struct Run {
    /// What to run: an id, id#case, a folder (rfc6749/4.1.2), a specification (rfc6749), a pattern with * or scenario files (found/)
    #[arg(value_name = "SELECT")]
    select: Vec<String>,
    /// The server to test; the provider in the process unless given
    #[arg(short, long, value_name = "TARGET.toml", conflicts_with_all = ["defects", "liberties"])]
    target: Option<PathBuf>,
    /// What is judged: a profile, or several with commas; rfc6749,rfc9700 and what the target claims unless given
    #[arg(long)]
    profile: Option<String>,
    /// Let a broken SHOULD, and any failure that did not repeat, fail the run as well
    #[arg(long)]
    strict: bool,
    /// Allow checks that have to wait for real time to pass, up to pace.max_wait of the target file
    #[arg(long)]
    slow: bool,
    /// Where all made values come from; the same seed makes the same requests
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Checks at the same time; what the target file's [pace] says unless given
    #[arg(short, long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    jobs: usize,
    /// Also write the run as JSON; - is standard output, and the report goes to standard error
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Show every verdict, every header and every exchange
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    scenarios: Scenarios,
    #[command(flatten)]
    switches: Switches,
}

impl Run {
    /// Runs the checks and reports.
    pub fn execute(mut self) -> Done {
        self.scenarios.take_files(&mut self.select)?;
        let suite = self.scenarios.load()?;
        selected(&suite, &self.select)?;
        let mut target = reach::target(self.target.as_deref())?;
        let catalogue = Catalogue::embedded()?;
        self.ensure_profile(&catalogue, &target)?;
        self.json.as_deref().map_or(Ok(()), output::ensure_writable)?;
        let outcome = on_this_thread(self.perform(&suite, &catalogue, &mut target))?;
        self.report(&outcome)?;
        Ok(Exit::of(&outcome, self.strict))
    }

    async fn perform(&self, suite: &Suite, catalogue: &Catalogue, target: &mut Target) -> Result<RunOutcome, Stop> {
        let (access, mut notes) = reach::access(self.target.as_deref(), target, &self.switches).await?;
        let line = Line::new();
        let mut outcome =
            run(suite, catalogue, target, &access, &self.options(), &|progress| line.show(&progress)).await;
        line.clear();
        notes.append(&mut outcome.notes);
        outcome.notes = notes;
        Ok(outcome)
    }

    fn options(&self) -> Options {
        Options {
            select: self.select.clone(),
            profile: self.profile.clone(),
            seed: self.seed,
            slow: self.slow,
            jobs: self.jobs,
            ..Options::default()
        }
    }

    fn ensure_profile(&self, catalogue: &Catalogue, target: &Target) -> Result<(), Stop> {
        let known = catalogue.profile_names();
        let asked = self.profile.iter().flat_map(|names| names.split(',')).map(str::trim);
        let claimed = target.profiles.iter().map(String::as_str).filter(|_| self.profile.is_none());
        let Some(unknown) = asked.chain(claimed).find(|name| !known.contains(name)) else { return Ok(()) };
        let help = match nearest(unknown, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.join(", ")),
        };
        Err(Stop::usage(format!("there is no profile `{unknown}`; {help}")))
    }

    fn report(&self, outcome: &RunOutcome) -> Result<(), Stop> {
        tell(outcome, self.json.as_deref(), self.verbose, self.again())
    }

    /// For the reader who wants to see one verdict again.
    fn again(&self) -> String {
        let profile = self.profile.iter().map(|profile| format!("--profile {}", quote(profile)));
        let options = profile.chain(self.slow.then(|| "--slow".to_owned())).collect();
        let words = again(self.target.as_ref(), self.scenarios.paths(), options, &self.switches);
        format!("{words} --seed {}", self.seed)
    }
}
