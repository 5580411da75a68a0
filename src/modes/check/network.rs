//! The checks of a run over a network.

use std::sync::Arc;

use futures::stream::{self, StreamExt as _};

use super::order::{Lane, order};
use super::{Done, Run};
use crate::scenario::Check;

/// What becomes of a check that is not begun any more.
pub type Left<'a> = &'a dyn Fn(&Arc<Check>) -> Option<Done>;
/// Hears of a check that is done.
pub type Report<'a> = &'a dyn Fn(&Done);

impl Run<'_> {
    /// As many at a time as the pace of the target allows; failures are confirmed before anything is used up.
    pub(super) async fn over_network(&self, checks: &[Arc<Check>], left: Left<'_>, report: Report<'_>) -> Vec<Done> {
        let jobs = if self.options.jobs > 0 { self.options.jobs } else { self.target.pace.jobs.max(1) as usize };
        let (lanes, last) = order(checks);
        let mut done = Vec::with_capacity(checks.len());
        for lanes in [lanes, vec![last]] {
            let lanes = lanes.into_iter().map(|lane| self.lane(checks, lane, left, report));
            let mut part: Vec<(usize, Done)> = stream::iter(lanes).buffer_unordered(jobs).concat().await;
            part.sort_by_key(|(at, _)| *at);
            self.confirm_failures(checks, &mut part, jobs, report).await;
            done.extend(part);
        }
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, done)| done).collect()
    }

    /// One after the other. What has to be confirmed is told after that.
    async fn lane(&self, checks: &[Arc<Check>], lane: Lane, left: Left<'_>, report: Report<'_>) -> Vec<(usize, Done)> {
        let mut done = Vec::with_capacity(lane.len());
        for at in lane {
            let one = match left(&checks[at]) {
                Some(unrun) => unrun,
                None => Box::pin(self.check_over_network(&checks[at])).await,
            };
            if !self.awaits_confirmation(&one) {
                report(&one);
            }
            done.push((at, one));
        }
        done
    }
}
