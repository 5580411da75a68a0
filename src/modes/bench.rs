//! Load: flows against a target as fast as it answers, or at a given rate, with the latency of each from its intended
//! start. Answers are judged while the load runs; a broken server is never called a fast one.

mod audit;
mod flow;
mod inspector;
mod mix;
mod origin;
mod player;
mod record;
mod schedule;
mod shot;
mod tally;
mod worker;

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{join_all, join3};
use tokio::time::Instant;

use crate::scenario::Suite;
use crate::target::Target;
use crate::wire::Bucket;

use inspector::Inspector;
use origin::Load;
use schedule::Schedule;

pub use flow::names as flow_names;
pub use mix::Mix;
pub use record::{Record, RecordError, Row};
pub use schedule::{Plan, Shard};
pub use tally::{Counts, Second, Tally, Wrong};

/// What is performed.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which flows, and how many of each.
    pub mix: Mix,
    /// When.
    pub plan: Plan,
    /// Where made values come from.
    pub seed: u64,
}

/// Hears how far it has come: the time since the start, and what came of it so far.
pub type Listener<'a> = &'a dyn Fn(Duration, &Tally);

/// Puts a load on a target. `Err` says why there can be none.
pub async fn run(suite: &Suite, target: &Target, options: &Options, listener: Listener<'_>) -> Result<Record, String> {
    let bucket = Arc::new(Bucket::new(target.pace.rate));
    let load = Load { suite, target, options, bucket };
    let (tally, samples, round) = (RefCell::default(), RefCell::default(), options.mix.round());
    let workers = load.workers(&round, &tally, &samples).await?;
    let inspector = Inspector::of(&load, &samples).await;
    let schedule = Schedule::new(&options.plan, Instant::now());
    let working = async {
        let work = |(index, player)| worker::work(index, player, &schedule, &tally);
        join_all(workers.into_iter().enumerate().map(work)).await;
        schedule.finish();
    };
    let (inspector, (), ()) =
        join3(inspector.run(&schedule, &tally), working, watch(&schedule, &tally, listener)).await;
    schedule.count_unsent(&mut tally.borrow_mut());
    inspector.at_the_end(&tally).await;
    let mut tally = tally.into_inner();
    tally.notes.splice(0..0, target.caution());
    tally.find_doubles();
    let measured = schedule.measured();
    Ok(Record::new(target, options, tally, measured))
}

async fn watch(schedule: &Schedule, tally: &RefCell<Tally>, listener: Listener<'_>) {
    while !schedule.is_finished() {
        listener(schedule.elapsed(), &tally.borrow());
        tokio::time::sleep(TICK).await;
    }
}

/// How often the listener is told.
const TICK: Duration = Duration::from_millis(250);
