//! What came of a load so far. Only good answers have a latency, and what never came has waited: an error that comes fast
//! makes no server fast.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::audit::Seen;

/// Latencies in microseconds: from one to an hour, three digits.
pub type Latency = Histogram<u64>;

/// What came of a load.
pub struct Tally {
    /// Latency of whole flows, from the intended start.
    pub flows: BTreeMap<String, Latency>,
    /// Latency of the single requests of flows that have several, by flow and endpoint.
    pub requests: BTreeMap<String, Latency>,
    /// How often what happened.
    pub counts: Counts,
    /// What must not happen, by its words, and how often.
    pub wrong: BTreeMap<String, Wrong>,
    /// What did not work, by its words, and how often.
    pub errors: BTreeMap<String, u64>,
    /// Each second of the measurement.
    pub seconds: Vec<Second>,
    /// Microseconds that this process itself was late at most.
    pub late_us: u64,
    /// Secrets that were issued.
    pub seen: Seen,
    /// What could not be judged, and why.
    pub notes: Vec<String>,
}

/// How often what happened, while it was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Flows that gave what they should.
    pub good: u64,
    /// Flows that did not.
    pub errors: u64,
    /// Flows that were due and never started.
    pub unsent: u64,
    /// Answers that asked for patience.
    pub put_off: u64,
    /// Requests of good flows.
    pub requests: u64,
    /// Tokens that were looked at while the load ran, and after it.
    pub inspected: u64,
    /// Tokens of those that were not good any more.
    pub inactive: u64,
    /// Codes that were redeemed several times at once.
    pub raced: u64,
    /// Secrets that were compared with each other.
    pub compared: u64,
}

/// Something that must not happen, under load or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// How often it did.
    pub times: u64,
    /// The first time, in words.
    pub example: String,
}

/// One second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Second {
    /// Flows that gave what they should.
    pub good: u64,
    /// Flows that did not.
    pub errors: u64,
    /// The longest latency, in microseconds.
    pub longest_us: u64,
}

impl Counts {
    /// Adds those of another process.
    pub fn add(&mut self, other: &Self) {
        self.good += other.good;
        self.errors += other.errors;
        self.unsent += other.unsent;
        self.put_off += other.put_off;
        self.requests += other.requests;
        self.inspected += other.inspected;
        self.inactive += other.inactive;
        self.raced += other.raced;
        self.compared += other.compared;
    }
}

impl Second {
    /// Adds the same second of another process.
    pub fn add(&mut self, other: &Self) {
        self.good += other.good;
        self.errors += other.errors;
        self.longest_us = self.longest_us.max(other.longest_us);
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            flows: BTreeMap::new(),
            requests: BTreeMap::new(),
            counts: Counts::default(),
            wrong: BTreeMap::new(),
            errors: BTreeMap::new(),
            seconds: Vec::new(),
            late_us: 0,
            seen: Seen::new(),
            notes: Vec::new(),
        }
    }
}

impl Tally {
    /// A flow that gave what it should, in so many requests.
    pub fn good(&mut self, flow: &str, took: Duration, second: usize, requests: u64) {
        let micros = note(&mut self.flows, flow, took);
        self.counts.good += 1;
        self.counts.requests += requests;
        let second = self.second(second);
        second.good += 1;
        second.longest_us = second.longest_us.max(micros);
    }

    /// A flow that did not. One that got no answer has waited, and that counts.
    pub fn error(&mut self, flow: &str, reason: &str, waited: Option<Duration>, second: usize) {
        *self.errors.entry(format!("{flow}: {reason}")).or_default() += 1;
        self.counts.errors += 1;
        self.second(second).errors += 1;
        if let Some(waited) = waited {
            let micros = note(&mut self.flows, flow, waited);
            let second = self.second(second);
            second.longest_us = second.longest_us.max(micros);
        }
    }

    /// A flow that was due so long before the end and never started.
    pub fn unsent(&mut self, waited: Duration) {
        note(&mut self.flows, UNSENT, waited);
        self.counts.unsent += 1;
    }

    /// One request of a flow of several.
    pub fn request(&mut self, flow: &str, endpoint: &str, micros: u64) {
        let endpoint = if endpoint.is_empty() { "pages" } else { endpoint };
        note(&mut self.requests, &format!("{flow}: {endpoint}"), Duration::from_micros(micros));
    }

    /// Something that must not happen.
    pub fn wrong(&mut self, what: &str, example: String) {
        let wrong = self.wrong.entry(what.to_owned()).or_default();
        wrong.times += 1;
        if wrong.times == 1 {
            wrong.example = example;
        }
    }

    /// Looks for secrets that were issued twice.
    pub fn find_doubles(&mut self) {
        self.counts.compared = self.seen.len();
        let doubles = self.seen.doubles();
        if doubles > 0 {
            self.wrong(
                "a token or a code was issued twice",
                format!("{doubles} of {} came again", self.counts.compared),
            );
        }
    }

    /// Latency of all flows together.
    pub fn latency(&self) -> Latency {
        let mut all = empty();
        for latency in self.flows.values() {
            // All have the same bounds.
            let _ = all.add(latency);
        }
        all
    }

    fn second(&mut self, index: usize) -> &mut Second {
        if self.seconds.len() <= index {
            self.seconds.resize(index + 1, Second::default());
        }
        &mut self.seconds[index]
    }
}

/// The row of flows that never started.
pub const UNSENT: &str = "never started";

/// The longest latency that is told apart: an hour.
const LONGEST_US: u64 = 3_600_000_000;

/// A histogram without a value.
pub fn empty() -> Latency {
    Latency::new_with_bounds(1, LONGEST_US, 3).unwrap_or_else(|error| panic!("these bounds are right: {error}"))
}

fn note(rows: &mut BTreeMap<String, Latency>, name: &str, took: Duration) -> u64 {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).clamp(1, LONGEST_US);
    if !rows.contains_key(name) {
        rows.insert(name.to_owned(), empty());
    }
    if let Some(row) = rows.get_mut(name) {
        row.saturating_record(micros);
    }
    micros
}
