//! When each flow of a load is to start: at a fixed rate, or as soon as a worker is free. At a rate the plan does not wait for
//! the target: a flow that could not start in time is late, and its latency counts from when it should have started.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::tally::Tally;

/// How a load is spread over time.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Flows at the same time, each over its own connection.
    pub workers: usize,
    /// Flows a second; none is as many as the workers get done.
    pub rate: Option<f64>,
    /// Over this time the load grows.
    pub ramp: Duration,
    /// After it, this long nothing is measured.
    pub warm_up: Duration,
    /// Then it is measured for so long.
    pub time: Duration,
    /// At most so many flows.
    pub count: Option<u64>,
    /// Which part of the load this process is.
    pub shard: Shard,
}

/// One of several processes that make one load together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Counted from one.
    pub number: u64,
    /// How many there are.
    pub of: u64,
}

impl Default for Shard {
    fn default() -> Self {
        Self { number: 1, of: 1 }
    }
}

/// The turn of one flow.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// Its number in the whole load, counted from zero.
    pub number: u64,
    /// From when its latency counts.
    pub start: Instant,
    /// Whether it is measured.
    pub measured: bool,
}

/// A plan under way.
pub struct Schedule {
    plan: Plan,
    began: Cell<Instant>,
    next: Cell<u64>,
    /// The target asked for patience until then.
    resumes: Cell<Instant>,
    late: Cell<Duration>,
    ended: Cell<Option<Instant>>,
}

impl Schedule {
    /// A plan that begins now.
    pub fn new(plan: &Plan, began: Instant) -> Self {
        let (began, resumes) = (Cell::new(began), Cell::new(began));
        Self { plan: plan.clone(), began, next: Cell::new(0), resumes, late: Cell::default(), ended: Cell::default() }
    }

    /// The next turn of this worker, when it has come; none when the load is over.
    pub async fn next(&self, worker: usize) -> Option<Turn> {
        match self.plan.rate {
            None => self.next_free(worker).await,
            Some(rate) => self.next_due(rate).await,
        }
    }

    /// Nothing more starts for so long, and what is due in that time is due after it: the target asked for it.
    pub fn pause(&self, pause: Duration) {
        let (now, resumes) = (Instant::now(), self.resumes.get());
        let until = now + pause;
        if until > resumes {
            self.began.set(self.began.get() + (until - resumes.max(now)));
            self.resumes.set(until);
        }
    }

    /// The second of the measurement that this moment is in.
    pub fn second(&self, moment: Instant) -> usize {
        let since = moment.saturating_duration_since(self.measured_from());
        usize::try_from(since.as_secs()).unwrap_or(usize::MAX)
    }

    /// Whether no further flow starts.
    pub fn is_over(&self) -> bool {
        self.is_over_at(Instant::now())
    }

    fn is_over_at(&self, now: Instant) -> bool {
        self.ended.get().is_some() || now >= self.end() || self.is_counted_out(self.next.get())
    }

    /// Says that all work is done.
    pub fn finish(&self) {
        self.ended.set(Some(Instant::now()));
    }

    /// Whether all work is done.
    pub fn is_finished(&self) -> bool {
        self.ended.get().is_some()
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.began.get().elapsed()
    }

    /// Seconds that were measured; fewer than planned when the flows were counted out.
    pub fn measured(&self) -> f64 {
        let ended = self.ended.get().unwrap_or_else(Instant::now).min(self.end());
        ended.saturating_duration_since(self.measured_from()).as_secs_f64()
    }

    /// What was due and could not start before the end because every worker waited for an answer has waited as well.
    pub fn count_unsent(&self, tally: &mut Tally) {
        tally.late_us = u64::try_from(self.late.get().as_micros()).unwrap_or(u64::MAX);
        let Some(rate) = self.plan.rate else { return };
        loop {
            let number = self.next.get();
            let due = self.due(number, rate);
            if due >= self.end() || self.is_counted_out(number) {
                return;
            }
            self.next.set(number + 1);
            if due >= self.measured_from() {
                tally.unsent(self.end() - due);
            }
        }
    }

    async fn next_free(&self, worker: usize) -> Option<Turn> {
        let step = self.plan.ramp / u32::try_from(self.plan.workers.max(1)).unwrap_or(u32::MAX);
        let first = self.began.get() + step * u32::try_from(worker).unwrap_or(u32::MAX);
        let mut now = Instant::now();
        let ready = first.max(self.resumes.get());
        if ready > now {
            sleep_until(ready.min(self.end())).await;
            now = Instant::now();
        }
        let number = self.next.get();
        if self.is_over_at(now) {
            return None;
        }
        self.next.set(number + 1);
        Some(self.turn(number, now, now))
    }

    /// A worker that was free waits for the turn, and how late the timer wakes it is not the target's fault; one that was
    /// busy when its turn came is late because of the target.
    async fn next_due(&self, rate: f64) -> Option<Turn> {
        let number = self.next.get();
        if self.is_over() || self.due(number, rate) >= self.end() {
            return None;
        }
        self.next.set(number + 1);
        let mut start = self.due(number, rate);
        while Instant::now() < start {
            sleep_until(start).await;
            let now = Instant::now();
            let due = self.due(number, rate);
            if due <= now {
                self.late.set(self.late.get().max(now - due));
                start = now;
                break;
            }
            start = due;
        }
        Some(self.turn(number, start, self.due(number, rate)))
    }

    fn turn(&self, number: u64, start: Instant, due: Instant) -> Turn {
        let Shard { number: shard, of } = self.plan.shard;
        Turn { number: number * of + shard - 1, start, measured: due >= self.measured_from() }
    }

    /// When the flow of this number of this process is due. While the load grows, the rate does so in a straight line.
    fn due(&self, number: u64, rate: f64) -> Instant {
        let Shard { number: shard, of } = self.plan.shard;
        // A load never has so many flows that a float could not count them.
        #[expect(clippy::cast_precision_loss)]
        let place = (number * of + shard - 1) as f64;
        let ramp = self.plan.ramp.as_secs_f64();
        let grown = rate * ramp / 2.0;
        let seconds = if place < grown { (2.0 * ramp * place / rate).sqrt() } else { ramp + (place - grown) / rate };
        self.began.get() + Duration::from_secs_f64(seconds.min(MOST_SECONDS))
    }

    fn measured_from(&self) -> Instant {
        self.began.get() + self.plan.ramp + self.plan.warm_up
    }

    fn end(&self) -> Instant {
        self.measured_from() + self.plan.time
    }

    fn is_counted_out(&self, number: u64) -> bool {
        self.plan.count.is_some_and(|count| number >= count)
    }
}

/// A load that would take longer than this has no end.
const MOST_SECONDS: f64 = 1e8;
