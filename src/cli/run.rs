//! `run`: checks against a target, or against the provider in the process.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::conduct::Switches;
use super::exit::{Done, Exit, Stop};
use super::progress::Line;
use super::reach::Reach;
use super::reports::Reports;
use super::selection::{Scenarios, selected};
use super::stream::Stream;
use super::told::{again, tell};
use super::{reach, saved};
use crate::catalogue::{Catalogue, Level};
use crate::modes::check::{Options, Progress, run};
use crate::modes::threads::on_this_thread;
use crate::outcome::{RunOutcome, Shard};
use crate::report::{Clean, quote};
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
    #[command(flatten)]
    reach: Reach,
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
    /// Judge only rules of this level or a stronger one
    #[arg(long, value_name = "LEVEL", value_enum)]
    level: Option<Least>,
    /// A saved run: what deviates as it did there does not fail this one, what got worse does
    #[arg(long, value_name = "FILE.json")]
    baseline: Option<PathBuf>,
    /// Write this run's verdicts to the file of --baseline, and fail nothing that deviates
    #[arg(long, requires = "baseline")]
    update_baseline: bool,
    /// Run one of N parts of the checks; `grantcheck report merge` puts the parts together
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
    /// Begin nothing more after the first failure
    #[arg(long)]
    fail_fast: bool,
    /// Keep every exchange of the run in the saved run, not only those of what was found; --report har=FILE does so, too
    #[arg(long)]
    keep_exchanges: bool,
    #[command(flatten)]
    reports: Reports,
    /// Show every verdict, every header and every exchange
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    scenarios: Scenarios,
    #[command(flatten)]
    switches: Switches,
}

/// The weakest rules to judge.
#[derive(Clone, Copy, ValueEnum)]
enum Least {
    Must,
    Should,
    May,
}

impl Run {
    /// Runs the checks and reports.
    pub fn execute(mut self) -> Done {
        self.scenarios.take_files(&mut self.select)?;
        let suite = self.scenarios.load()?;
        selected(&suite, &self.select)?;
        let mut target = self.reach.target(self.target.as_deref())?;
        let catalogue = Catalogue::embedded()?;
        self.ensure_profile(&catalogue, &target)?;
        let options = self.options()?;
        self.reports.ensure_writable()?;
        let stream = self.reports.lines().map(|path| Stream::open(&path, &target.secrets())).transpose()?;
        let outcome = on_this_thread(self.perform(&suite, &catalogue, &mut target, &options, stream.as_ref()))?;
        let outcome = self.updated(outcome)?;
        let (clean, live) = (Clean::of(&outcome), stream.is_some());
        stream.map_or(Ok(()), |stream| stream.end(&clean))?;
        tell(&clean, &self.reports, self.verbose, live)?;
        Ok(Exit::of(&outcome, self.strict))
    }

    async fn perform(
        &self,
        suite: &Suite,
        catalogue: &Catalogue,
        target: &mut Target,
        options: &Options,
        stream: Option<&Stream>,
    ) -> Result<RunOutcome, Stop> {
        let (access, mut notes) = reach::access(self.target.as_deref(), target, &self.switches).await?;
        let line = Line::new();
        let listener = |progress: Progress<'_>| {
            line.show(&progress);
            stream.iter().for_each(|stream| stream.tell(&progress));
        };
        let mut outcome = run(suite, catalogue, target, &access, options, &listener).await;
        line.clear();
        notes.append(&mut outcome.notes);
        let target_file = self.target.as_ref().map(|path| path.display().to_string());
        Ok(RunOutcome { notes, target_file, again: self.again(), ..outcome })
    }

    fn options(&self) -> Result<Options, Stop> {
        let baseline = self.baseline.as_deref().filter(|path| !self.update_baseline || path.exists());
        Ok(Options {
            select: self.select.clone(),
            profile: self.profile.clone(),
            seed: self.seed,
            slow: self.slow,
            jobs: self.jobs,
            traffic: self.keep_exchanges || self.reports.want("har"),
            level: self.level.map(Level::from),
            shard: self.shard,
            baseline: baseline.map(saved::baseline).transpose()?,
            strict: self.strict,
            fail_fast: self.fail_fast,
            ..Options::default()
        })
    }

    /// With `--update-baseline` the file gets the verdicts of this run, and all that deviates is known from now on. A run that
    /// did not get through to its end is no measure of anything.
    fn updated(&self, mut outcome: RunOutcome) -> Result<RunOutcome, Stop> {
        let Some(path) = self.baseline.as_deref().filter(|_| self.update_baseline) else { return Ok(outcome) };
        if outcome.died {
            outcome.notes.push(format!("{} was left as it is: the run did not get through", path.display()));
            return Ok(outcome);
        }
        let partial = !self.select.is_empty() || self.shard.is_some() || self.level.is_some() || self.fail_fast;
        saved::update_baseline(path, &outcome, partial)?;
        saved::baseline(path)?.mark(&mut outcome.checks);
        outcome.notes.push(format!("{} has the verdicts of this run now", path.display()));
        Ok(outcome)
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

    /// For the reader who wants to see one verdict again.
    fn again(&self) -> String {
        let profile = self.profile.iter().map(|profile| format!("--profile {}", quote(profile)));
        let strict = self.strict.then(|| "--strict".to_owned());
        let options = profile.chain(strict).chain(self.slow.then(|| "--slow".to_owned())).collect();
        let words = again(self.target.as_ref(), &self.reach, self.scenarios.paths(), options, &self.switches);
        format!("{words} --seed {}", self.seed)
    }
}

impl From<Least> for Level {
    fn from(least: Least) -> Self {
        match least {
            Least::Must => Level::Must,
            Least::Should => Level::Should,
            Least::May => Level::May,
        }
    }
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((index, of)) if (1..=of).contains(&index) => Ok(Shard { index, of }),
        _ => Err("write I/N, the first of three parts is 1/3".into()),
    }
}
