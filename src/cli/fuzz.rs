//! `fuzz`: edited requests against a target, or against the provider in the process; what breaks an invariant is written
//! as a scenario file.

mod found;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::conduct::Switches;
use super::exit::{Done, Exit, Stop};
use super::measured;
use super::output;
use super::progress::Status;
use super::reach::{self, Reach};
use super::selection::Scenarios;
use super::told::again;
use crate::catalogue::Catalogue;
use crate::modes::fuzz::{Finding, Options, Tally, measure, route_names, run};
use crate::modes::threads::on_this_thread;
use crate::outcome::RunOutcome;
use crate::report::{self, Clean};
use crate::scenario::nearest;
use crate::target::Target;
use found::{brief, outcome, summary, write};

/// The arguments.
#[derive(Args)]
pub struct Fuzz {
    /// What to fuzz: a route (code) or a step of one (code.redeem); everything that the target offers unless given
    #[arg(value_name = "ROUTE")]
    select: Vec<String>,
    /// The server to fuzz; the provider in the process unless given
    #[arg(short, long, value_name = "TARGET.toml", conflicts_with_all = ["defects", "liberties"])]
    target: Option<PathBuf>,
    #[command(flatten)]
    reach: Reach,
    /// Stop after so many seconds; 60 unless --cases is given
    #[arg(long = "for", value_name = "SECONDS")]
    time: Option<u64>,
    /// Stop after so many cases; in the process the same seed and number repeat a run exactly
    #[arg(long, value_name = "N")]
    cases: Option<u64>,
    /// Requests a second at most; what the target file's [pace] says unless given
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// Where edits and made values come from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where findings are written, each a scenario file
    #[arg(long, value_name = "DIR", default_value = "found")]
    found: PathBuf,
    /// Count which defects of the reference provider 5000 cases find, or --cases, and end
    #[arg(long, conflicts_with_all = ["defects", "liberties", "target", "select"])]
    measure: bool,
    #[command(flatten)]
    scenarios: Scenarios,
    #[command(flatten)]
    switches: Switches,
}

impl Fuzz {
    /// Fuzzes and reports.
    pub fn execute(self) -> Done {
        let suite = self.scenarios.load()?;
        if self.measure {
            let classes = measure(&suite, &Catalogue::embedded()?, self.seed, self.cases.unwrap_or(5000));
            output::print(&measured::as_text(&classes, ["median edits", "median cases"]))?;
            return Ok(Exit::Passed);
        }
        self.ensure_routes()?;
        let mut target = self.reach.target(self.target.as_deref())?;
        reach::ensure_allowed(reach::FUZZ, self.target.as_deref(), &target)?;
        target.pace.rate = self.rate.unwrap_or(target.pace.rate);
        let catalogue = Catalogue::embedded()?;
        let tally = on_this_thread(async {
            let (access, _) = reach::access(self.target.as_deref(), &mut target, &self.switches).await?;
            let line = Status::new();
            let show = |tally: &Tally| line.show(&brief(tally));
            let tally = run(&suite, &catalogue, &target, &access, &self.options(), &show).await;
            line.clear();
            Ok::<_, Stop>(tally)
        })?;
        self.report(&target, &tally)
    }

    fn options(&self) -> Options {
        let seconds = self.time.or(self.cases.is_none().then_some(60));
        Options {
            select: self.select.clone(),
            seed: self.seed,
            cases: self.cases,
            time: seconds.map(Duration::from_secs),
            first: false,
        }
    }

    fn ensure_routes(&self) -> Result<(), Stop> {
        let route = |word: &String| word.split('.').next().unwrap_or_default().to_owned();
        let unknown = self.select.iter().map(route).find(|word| !route_names().any(|name| name == word));
        let Some(unknown) = unknown else { return Ok(()) };
        let help = match nearest(&unknown, route_names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let mut names: Vec<&str> = route_names().collect();
                names.dedup();
                format!("there are {}", names.join(", "))
            }
        };
        Err(Stop::nothing_selected(format!("there is no route `{unknown}`; {help}")))
    }

    fn report(&self, target: &Target, tally: &Tally) -> Done {
        if tally.routes.is_empty() && tally.left_out.is_empty() {
            return Err(Stop::nothing_selected("the target offers nothing of what was selected"));
        }
        for finding in &tally.findings {
            write(&self.found, finding)?;
        }
        output::print(&self.text(target, tally))?;
        Ok(match tally {
            _ if tally.findings.iter().any(Finding::is_new) || tally.died.is_some() => Exit::Failed,
            _ if tally.cases == 0 || tally.cases == tally.blocked => Exit::Blocked,
            _ => Exit::Passed,
        })
    }

    fn text(&self, target: &Target, tally: &Tally) -> String {
        let mut text = String::new();
        if !tally.findings.is_empty() {
            let run = RunOutcome { again: self.again(), ..outcome(target, tally, self.seed) };
            text += &report::terminal(&Clean::of(&run), &report::Terminal::default());
            text += "\n";
        } else if let Some(words) = target.caution() {
            text += &format!("note: {words}\n");
        }
        for finding in &tally.findings {
            let path = self.found.join(format!("{}.toml", finding.name));
            text += &format!("written: {}, for [[known]] it is {}\n", path.display(), finding.known_as);
        }
        for reason in &tally.left_out {
            text += &format!("not fuzzed, because its unchanged run is not accepted: {reason}\n");
        }
        for words in &tally.unconfirmed {
            text += &format!("seen, but not again when tried alone: {words}\n");
        }
        if let Some(reason) = &tally.died {
            text += &format!("the target stopped working under it: {reason}\n");
        }
        text + &summary(tally)
    }

    /// The command line that repeats a finding.
    fn again(&self) -> String {
        again(self.target.as_ref(), &self.reach, std::slice::from_ref(&self.found), Vec::new(), &self.switches)
    }
}
