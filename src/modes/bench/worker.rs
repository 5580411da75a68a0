//! One worker: takes a turn, performs a flow, notes how long it took from when it should have started.

use std::cell::RefCell;
use std::time::Duration;

use tokio::time::Instant;

use super::schedule::{Schedule, Turn};
use super::tally::Tally;

/// What came of one flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// What it should give, in so many requests.
    Good(u64),
    /// An answer, but not the right one.
    Refused(String),
    /// No answer, or no whole one.
    Silent(String),
    /// The target asks for a pause of so many seconds.
    PutOff(u64),
    /// Something else was tried in its place, which has no latency.
    Aside,
}

/// Performs flows.
pub trait Performs {
    /// The name of the flow of this turn.
    fn flow(&self, turn: &Turn) -> String;
    /// Performs it.
    async fn perform(&mut self, turn: &Turn) -> Done;
}

/// Works until the load is over.
pub async fn work(index: usize, mut player: impl Performs, schedule: &Schedule, tally: &RefCell<Tally>) {
    while let Some(turn) = schedule.next(index).await {
        let done = player.perform(&turn).await;
        let ended = Instant::now();
        if let Done::PutOff(seconds) = done {
            schedule.pause(Duration::from_secs(seconds));
        }
        if turn.measured {
            let took = ended.saturating_duration_since(turn.start);
            note(&mut tally.borrow_mut(), &player.flow(&turn), &done, took, schedule.second(ended));
        }
        if matches!(done, Done::Silent(_)) {
            tokio::time::sleep(BREATH).await;
        }
    }
}

/// Whoever does not answer is not asked again at once.
const BREATH: Duration = Duration::from_millis(20);

fn note(tally: &mut Tally, flow: &str, done: &Done, took: Duration, second: usize) {
    match done {
        Done::Good(requests) => tally.good(flow, took, second, *requests),
        Done::Refused(reason) => tally.error(flow, reason, None, second),
        Done::Silent(reason) => tally.error(flow, reason, Some(took), second),
        Done::PutOff(_) => tally.counts.put_off += 1,
        Done::Aside => {}
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::super::schedule::{Plan, Shard};
    use super::*;

    /// A target that takes a millisecond, and between one second and three says nothing at all.
    struct Stalls(Instant);

    impl Performs for Stalls {
        fn flow(&self, _: &Turn) -> String {
            "flow".into()
        }

        async fn perform(&mut self, _: &Turn) -> Done {
            let (from, to) = (self.0 + Duration::from_secs(1), self.0 + Duration::from_secs(3));
            if (from..to).contains(&Instant::now()) {
                tokio::time::sleep_until(to).await;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
            Done::Good(1)
        }
    }

    /// A target that wants a pause of a second, once.
    struct Tired(bool);

    impl Performs for Tired {
        fn flow(&self, _: &Turn) -> String {
            "flow".into()
        }

        async fn perform(&mut self, _: &Turn) -> Done {
            if std::mem::replace(&mut self.0, false) { Done::PutOff(1) } else { Done::Good(1) }
        }
    }

    fn plan(rate: Option<f64>, seconds: u64) -> Plan {
        let (ramp, warm_up, time) = (Duration::ZERO, Duration::ZERO, Duration::from_secs(seconds));
        Plan { workers: 4, rate, ramp, warm_up, time, count: None, shard: Shard::default() }
    }

    async fn play<P: Performs>(plan: &Plan, player: impl Fn(Instant) -> P) -> Tally {
        let began = Instant::now();
        let (schedule, tally) = (Schedule::new(plan, began), RefCell::new(Tally::default()));
        join_all((0..plan.workers).map(|index| work(index, player(began), &schedule, &tally))).await;
        schedule.count_unsent(&mut tally.borrow_mut());
        tally.into_inner()
    }

    /// On the paused clock of tokio time passes only while all wait, so that every figure is exact.
    #[tokio::test(start_paused = true)]
    async fn at_a_rate_the_histogram_holds_the_whole_stall_though_four_workers_waited() {
        let tally = play(&plan(Some(1000.0), 10), Stalls).await;
        let latency = tally.latency();
        assert_eq!(latency.len(), 10_000, "every flow that was due is there");
        let over = |millis: u64| latency.len() - latency.count_between(0, millis * 1000);
        // Of the 2000 flows that were due in the stall half waited for more than a second; four workers then work it off.
        assert!(over(1000) >= 1000 && over(100) >= 1900, "{} {}", over(1000), over(100));
        assert!(latency.value_at_quantile(0.99) > 1_800_000, "{}", latency.value_at_quantile(0.99));
        assert!(latency.value_at_quantile(0.5) < 5_000, "{}", latency.value_at_quantile(0.5));
    }

    #[tokio::test(start_paused = true)]
    async fn as_fast_as_it_answers_only_the_corrected_latency_holds_the_stall() {
        let tally = play(&plan(None, 10), Stalls).await;
        let raw = tally.latency();
        assert!(raw.value_at_quantile(0.99) < 5_000 && raw.max() > 1_990_000);
        let corrected = super::super::record::corrected(&raw);
        assert!(corrected.value_at_quantile(0.99) > 1_500_000, "{}", corrected.value_at_quantile(0.99));
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_started_because_nothing_came_back_has_waited_to_the_end() {
        struct Dead;
        impl Performs for Dead {
            fn flow(&self, _: &Turn) -> String {
                "flow".into()
            }
            async fn perform(&mut self, _: &Turn) -> Done {
                tokio::time::sleep(Duration::from_secs(30)).await;
                Done::Silent("no answer in time".into())
            }
        }
        let tally = play(&plan(Some(100.0), 10), |_| Dead).await;
        assert_eq!((tally.counts.errors, tally.counts.unsent, tally.counts.good), (4, 996, 0));
        assert!(tally.latency().value_at_quantile(0.5) > 4_900_000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_the_target_asks_for_moves_the_plan_and_is_no_latency() {
        let tally = play(&plan(Some(100.0), 5), |_| Tired(true)).await;
        assert_eq!(tally.counts.put_off, 4);
        assert_eq!(tally.counts.good + tally.counts.put_off, 500);
        assert!(tally.latency().max() < 5_000, "{}", tally.latency().max());
    }

    #[tokio::test(start_paused = true)]
    async fn shards_together_make_the_whole_load() {
        let mut all = 0;
        for number in 1..=3 {
            let part = Plan { shard: Shard { number, of: 3 }, ..plan(Some(1000.0), 4) };
            all += play(&part, |_| Tired(false)).await.counts.good;
        }
        assert_eq!(all, 4000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_ramp_has_half_the_flows_and_is_not_measured() {
        let ramped = Plan { ramp: Duration::from_secs(2), ..plan(Some(1000.0), 3) };
        let tally = play(&ramped, |_| Tired(false)).await;
        assert_eq!(tally.counts.good, 3000);
    }
}
