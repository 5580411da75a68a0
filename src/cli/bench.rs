//! `bench`: a load on a target, or on the provider over loopback; how fast it was, and whether everything stayed right.

mod bounds;
mod merge;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use reference_server::Config;
use reference_server::http::{self, Server};

use super::conduct::Switches;
use super::exit::{Done, Exit, Stop};
use super::output;
use super::progress::Status;
use super::reach::{self, Reach};
use crate::modes::bench::{Mix, Options, Plan, Record, Shard, Tally, run};
use crate::modes::threads::on_this_thread;
use crate::modes::{connect, served};
use crate::report::{self, duration};
use crate::scenario::Suite;
use crate::target::Target;
use bounds::Bounds;
use merge::Merge;

/// The arguments.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Bench {
    #[command(subcommand)]
    command: Option<Command>,
    /// What is performed: client-credentials, code, implicit, refresh, introspect, resource, password, signed-request; several with weights are a mix
    /// (client-credentials=8 code=1)
    #[arg(value_name = "FLOW[=WEIGHT]")]
    flows: Vec<String>,
    /// The server to load; the reference provider over loopback unless given
    #[arg(short, long, value_name = "TARGET.toml", conflicts_with_all = ["defects", "liberties"])]
    target: Option<PathBuf>,
    #[command(flatten)]
    reach: Reach,
    /// Flows at the same time, each over a connection of its own
    #[arg(short, long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    workers: u32,
    /// Start so many flows a second, however fast the server answers; as many as the workers get done unless given
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
    /// Measure for so many seconds
    #[arg(long = "for", value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    time: Duration,
    /// Before that, run for so many seconds without measuring
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    warm_up: Duration,
    /// Before that, let the load grow for so many seconds
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    ramp: Duration,
    /// End after so many flows
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Be one of several processes that make this load together: the first of four is 1/4
    #[arg(long, value_name = "I/N", default_value = "1/1", value_parser = shard)]
    shard: Shard,
    /// Where made values come from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    results: Results,
    #[command(flatten)]
    switches: Switches,
}

#[derive(Subcommand)]
enum Command {
    /// Add up the files of several processes that made one load together
    Merge(Merge),
}

/// What is done with what came out.
#[derive(Args)]
struct Results {
    /// Also write all figures and histograms as JSON; - is standard output, and the report goes to standard error
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Also write a picture: an SVG, or a page when the name ends in .html
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    bounds: Bounds,
}

impl Bench {
    /// Puts the load on and reports.
    pub fn execute(self) -> Done {
        if let Some(Command::Merge(merge)) = self.command {
            return merge.execute();
        }
        let mix = Mix::parse(&self.flows).map_err(Stop::usage)?;
        self.results.ensure_writable()?;
        let suite = Suite::embedded()?;
        let embedded = self.served()?;
        let mut target = self.reach.target(self.target.as_deref())?;
        if let Some(server) = &embedded {
            target = served(server.issuer());
        }
        reach::ensure_allowed(reach::BENCH, self.target.as_deref(), &target)?;
        let record = on_this_thread(self.perform(&suite, &mut target, mix))?;
        drop(embedded);
        self.results.tell(&record)
    }

    /// The provider, unless there is a target.
    fn served(&self) -> Result<Option<Server>, Stop> {
        if self.target.is_some() {
            return Ok(None);
        }
        let server = Server::start_on(http::usual_threads(), Config::default(), self.switches.conduct());
        server.map(Some).map_err(|error| Stop::internal(format!("the provider cannot be served: {error}")))
    }

    async fn perform(&self, suite: &Suite, target: &mut Target, mix: Mix) -> Result<Record, Stop> {
        let (_, notes) = connect(target).await.map_err(|error| Stop::usage(error.to_string()))?;
        let options = Options { mix, plan: self.plan(target), seed: self.seed };
        let line = Status::new();
        let show = |elapsed: Duration, tally: &Tally| line.show(&brief(elapsed, tally));
        let record = run(suite, target, &options, &show).await;
        line.clear();
        let mut record = record.map_err(|reason| Stop { exit: Exit::Blocked, message: reason })?;
        record.notes.splice(0..0, notes);
        Ok(record)
    }

    /// The target file's own bound on requests is kept whatever was asked for.
    fn plan(&self, target: &Target) -> Plan {
        let most = (target.pace.rate > 0).then(|| f64::from(target.pace.rate));
        let rate = self.rate.map_or(most, |rate| Some(most.map_or(rate, |most| rate.min(most))));
        let Shard { number, of } = self.shard;
        let part = |all: u64| (all / of + u64::from(number <= all % of)).max(1);
        Plan {
            workers: usize::try_from(part(self.workers.into())).unwrap_or(usize::MAX),
            rate,
            ramp: self.ramp,
            warm_up: self.warm_up,
            time: self.time,
            count: self.count.map(part),
            shard: self.shard,
        }
    }
}

impl Results {
    fn ensure_writable(&self) -> Result<(), Stop> {
        [&self.json, &self.plot].into_iter().flatten().try_for_each(|path| output::ensure_writable(path))
    }

    /// Reports, writes what is wanted, and says whether the bounds hold.
    fn tell(&self, record: &Record) -> Done {
        let misses = self.bounds.misses(record);
        let text = report::load(record, &misses);
        match &self.json {
            Some(path) if output::is_standard_output(path) => output::print_aside(&text)?,
            _ => output::print(&text)?,
        }
        if let Some(path) = &self.json {
            output::write(path, &record.to_json())?;
        }
        if let Some(path) = &self.plot {
            output::write(path, &picture(path, record))?;
        }
        Ok(match () {
            () if !record.wrong.is_empty() => Exit::Failed,
            () if record.counts.good == 0 => Exit::Blocked,
            () if !misses.is_empty() => Exit::Failed,
            () => Exit::Passed,
        })
    }
}

fn picture(path: &Path, record: &Record) -> String {
    let page = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("html"));
    if page { report::latency_page(record) } else { report::latency_plot(record) }
}

fn brief(elapsed: Duration, tally: &Tally) -> String {
    let second = tally.seconds.len().checked_sub(2).map_or(0, |last| tally.seconds[last].good);
    let latency = tally.latency();
    let at = |quantile| duration(latency.value_at_quantile(quantile));
    let errors = tally.counts.errors;
    format!("{} s  {second}/s  p50 {}  p99 {}  errors {errors}", elapsed.as_secs(), at(0.5), at(0.99))
}

fn rate(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && (0.001..=1e7).contains(rate));
    number.ok_or_else(|| "write a number of flows a second between 0.001 and 10000000".into())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse::<f64>().ok().filter(|seconds| (0.0..=1e6).contains(seconds));
    number.map(Duration::from_secs_f64).ok_or_else(|| "write a number of seconds".into())
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    let shard = parts.map(|(number, of)| Shard { number, of });
    let right = |shard: &Shard| (1..=10_000).contains(&shard.of) && (1..=shard.of).contains(&shard.number);
    shard.filter(right).ok_or_else(|| "write I/N with I from 1 to N: the first of four is 1/4".into())
}
