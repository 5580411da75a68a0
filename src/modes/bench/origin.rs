//! From options to workers that are ready: every flow of the mix was performed once by each and was accepted.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use super::Options;
use super::flow::Flow;
use super::inspector::Samples;
use super::player::{Player, Ready};
use super::tally::Tally;
use super::worker::Done;
use crate::scenario::Suite;
use crate::target::Target;
use crate::wire::{Bucket, Wire};

/// What a load is made of.
pub struct Load<'a> {
    pub suite: &'a Suite,
    pub target: &'a Target,
    pub options: &'a Options,
    /// All requests together are not faster than the target file allows.
    pub bucket: Arc<Bucket>,
}

/// A target that asks for patience before the load begins gets it so often.
const PATIENCE: u32 = 3;

impl Load<'_> {
    /// A wire of one worker.
    pub fn wire(&self) -> Result<Wire, String> {
        Wire::kept(self.target, self.bucket.clone()).map_err(|error| error.to_string())
    }

    /// Workers that are ready. `Err` says what the target does not let through.
    pub async fn workers<'w>(
        &'w self,
        round: &'w [usize],
        tally: &'w RefCell<Tally>,
        samples: &'w RefCell<Samples>,
    ) -> Result<Vec<Player<'w>>, String> {
        let mut workers = Vec::new();
        for index in 0..self.options.plan.workers {
            let first = self.worker(index, round, tally, samples).await;
            // A client or user that may not do this leaves the work to the others.
            workers.push(match first {
                Err(_) if index > 0 => self.worker(0, round, tally, samples).await?,
                ready => ready?,
            });
        }
        Ok(workers)
    }

    async fn worker<'w>(
        &'w self,
        index: usize,
        round: &'w [usize],
        tally: &'w RefCell<Tally>,
        samples: &'w RefCell<Samples>,
    ) -> Result<Player<'w>, String> {
        let mut flows = Vec::new();
        for name in self.options.mix.names() {
            let mut flow = Flow::of(name, index, self.suite, self.target)?;
            flow.raced = flow.raced.filter(|_| self.target.allows("race"));
            flows.push(Ready { flow, repeated: None, runs: 0 });
        }
        let shard = self.options.plan.shard.number;
        let seed = self.options.seed.wrapping_add(shard << 40).wrapping_add((index as u64) << 20);
        let wire = self.wire()?;
        let mut player = Player { target: self.target, wire, seed, flows, round, tally, samples, runs: 0 };
        for flow in 0..player.flows.len() {
            self.prepared(&mut player, flow).await?;
        }
        Ok(player)
    }

    async fn prepared(&self, player: &mut Player<'_>, flow: usize) -> Result<(), String> {
        let mut reason = String::new();
        for _ in 0..PATIENCE {
            match player.prepare(flow).await {
                Ok(()) => return Ok(()),
                Err(Done::PutOff(seconds)) => {
                    reason = format!("the target asks for a pause of {seconds} s");
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                Err(Done::Refused(words) | Done::Silent(words)) => {
                    return Err(format!("{}: {words}", player.flows[flow].flow.name));
                }
                Err(Done::Good(_) | Done::Aside) => return Ok(()),
            }
        }
        Err(format!("{}: {reason}", player.flows[flow].flow.name))
    }
}
