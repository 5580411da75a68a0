//! What a load gave, as a file: its histograms are whole, so that the files of several processes add up exactly.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2Serializer};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Options;
use super::tally::{Counts, Latency, Second, Tally, UNSENT, Wrong, empty};
use crate::target::Target;

/// The name of the format.
const FORMAT: &str = "grantcheck.bench/1";

/// What a load gave. Times are in microseconds unless their names say otherwise.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    format: String,
    /// The version of grantcheck.
    pub grantcheck: String,
    /// The name of the target.
    pub target: String,
    /// Its issuer.
    pub issuer: Option<String>,
    /// The flows with their weights.
    pub mix: String,
    /// Workers, all processes together.
    pub workers: usize,
    /// Flows a second that were wanted, all processes together; none is as many as they got done.
    pub rate: Option<f64>,
    /// The seed.
    pub seed: u64,
    /// Seconds that the load grew.
    pub ramp_s: f64,
    /// Seconds before anything was measured.
    pub warm_up_s: f64,
    /// Seconds that were measured.
    pub measured_s: f64,
    /// Which of how many processes this is made of.
    pub shards: Vec<[u64; 2]>,
    /// How often what happened.
    pub counts: Counts,
    /// Latency of whole flows from their intended start.
    pub flows: BTreeMap<String, Row>,
    /// Latency of single requests.
    pub requests: BTreeMap<String, Row>,
    /// What must not happen.
    pub wrong: BTreeMap<String, Wrong>,
    /// What did not work.
    pub errors: BTreeMap<String, u64>,
    /// Each second of the measurement.
    pub seconds: Vec<Second>,
    /// How late the process itself was at most.
    pub late_us: u64,
    /// What is worth saying.
    pub notes: Vec<String>,
}

/// A histogram with its most wanted figures, which are there for the reader and come from it.
#[derive(Clone, Debug)]
pub struct Row(pub Latency);

#[derive(Serialize, Deserialize)]
struct Written {
    count: u64,
    p50_us: u64,
    p90_us: u64,
    p99_us: u64,
    p999_us: u64,
    max_us: u64,
    histogram: String,
}

/// Why a file is no record, or why two do not go together.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct RecordError(String);

impl Record {
    /// What came of a load.
    pub fn new(target: &Target, options: &Options, tally: Tally, measured_s: f64) -> Self {
        let rows = |rows: BTreeMap<String, Latency>| rows.into_iter().map(|(name, row)| (name, Row(row))).collect();
        let plan = &options.plan;
        Self {
            format: FORMAT.into(),
            grantcheck: env!("CARGO_PKG_VERSION").into(),
            target: target.name.clone(),
            issuer: target.issuer.clone(),
            mix: options.mix.to_string(),
            workers: plan.workers,
            rate: plan.rate,
            seed: options.seed,
            ramp_s: plan.ramp.as_secs_f64(),
            warm_up_s: plan.warm_up.as_secs_f64(),
            measured_s,
            shards: vec![[plan.shard.number, plan.shard.of]],
            counts: tally.counts,
            flows: rows(tally.flows),
            requests: rows(tally.requests),
            wrong: tally.wrong,
            errors: tally.errors,
            seconds: tally.seconds,
            late_us: tally.late_us,
            notes: tally.notes,
        }
    }

    /// Reads the text of a file.
    pub fn from_json(text: &str) -> Result<Self, RecordError> {
        let record: Self = serde_json::from_str(text).map_err(|error| RecordError(error.to_string()))?;
        if record.format != FORMAT {
            return Err(RecordError(format!("the format is `{}`, not `{FORMAT}`", record.format)));
        }
        Ok(record)
    }

    /// The text of a file.
    pub fn to_json(&self) -> String {
        format!("{}\n", serde_json::to_string_pretty(self).unwrap_or_else(|error| panic!("it is plain data: {error}")))
    }

    /// Takes in another part of the same load.
    pub fn merge(&mut self, other: Self) -> Result<(), RecordError> {
        self.ensure_same_load(&other)?;
        self.shards.extend(other.shards);
        self.shards.sort_unstable();
        self.workers += other.workers;
        self.measured_s = self.measured_s.max(other.measured_s);
        self.late_us = self.late_us.max(other.late_us);
        self.counts.add(&other.counts);
        add(&mut self.flows, other.flows);
        add(&mut self.requests, other.requests);
        for (what, wrong) in other.wrong {
            let known = self.wrong.entry(what).or_insert(Wrong { times: 0, example: wrong.example });
            known.times += wrong.times;
        }
        for (what, times) in other.errors {
            *self.errors.entry(what).or_default() += times;
        }
        if self.seconds.len() < other.seconds.len() {
            self.seconds.resize(other.seconds.len(), Second::default());
        }
        self.seconds.iter_mut().zip(&other.seconds).for_each(|(known, second)| known.add(second));
        self.notes.extend(other.notes.into_iter().filter(|note| !self.notes.contains(note)).collect::<Vec<_>>());
        Ok(())
    }

    /// The shards that are missing.
    pub fn missing(&self) -> Vec<u64> {
        let of = self.shards.first().map_or(1, |[_, of]| *of);
        (1..=of).filter(|number| !self.shards.contains(&[*number, of])).collect()
    }

    /// Latency of all flows. At a rate it is as measured; as fast as the target answers it is corrected: a worker that waits
    /// asks nothing meanwhile, so one that asked steadily would have met the same wait many times.
    pub fn latency(&self) -> Latency {
        let mut all = empty();
        for Row(row) in self.flows.values() {
            let _ = all.add(row);
        }
        if self.rate.is_some() { all } else { corrected(&all) }
    }

    /// Good flows a second.
    pub fn throughput(&self) -> f64 {
        per(self.counts.good, self.measured_s)
    }

    /// Which share of all flows did not give what they should, those that never started included.
    pub fn error_share(&self) -> f64 {
        let bad = self.counts.errors + self.counts.unsent;
        #[expect(clippy::cast_precision_loss)]
        per(bad, (bad + self.counts.good).max(1) as f64)
    }

    fn ensure_same_load(&self, other: &Self) -> Result<(), RecordError> {
        let same =
            |record: &Self| (record.target.clone(), record.mix.clone(), record.rate.map(f64::to_bits), record.seed);
        if same(self) != same(other) {
            return Err(RecordError("it is of another load: target, flows, rate and seed have to be the same".into()));
        }
        let of = |record: &Self| record.shards.first().map(|[_, of]| *of);
        if of(self) != of(other) {
            return Err(RecordError("it is a part of another number of shards".into()));
        }
        match other.shards.iter().find(|shard| self.shards.contains(shard)) {
            Some([number, of]) => Err(RecordError(format!("shard {number}/{of} is there already"))),
            None => Ok(()),
        }
    }
}

/// As a steady caller would have seen it, who asks once in the usual time of an answer.
pub fn corrected(latency: &Latency) -> Latency {
    // The mean is positive and below an hour.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let interval = latency.mean().round() as u64;
    if latency.is_empty() { latency.clone() } else { latency.clone_correct(interval.max(1)) }
}

fn per(count: u64, of: f64) -> f64 {
    #[expect(clippy::cast_precision_loss)]
    let count = count as f64;
    if of > 0.0 { count / of } else { 0.0 }
}

fn add(rows: &mut BTreeMap<String, Row>, others: BTreeMap<String, Row>) {
    for (name, Row(other)) in others {
        // All have the same bounds.
        let _ = rows.entry(name).or_insert_with(|| Row(empty())).0.add(other);
    }
}

impl Row {
    /// Whether these flows never came to an answer.
    pub fn is_unsent(name: &str) -> bool {
        name == UNSENT
    }
}

impl Serialize for Row {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&self.0, &mut bytes).map_err(serde::ser::Error::custom)?;
        let at = |quantile| self.0.value_at_quantile(quantile);
        let written = Written {
            count: self.0.len(),
            p50_us: at(0.5),
            p90_us: at(0.9),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: self.0.max(),
            histogram: STANDARD.encode(bytes),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let bytes = STANDARD.decode(written.histogram).map_err(serde::de::Error::custom)?;
        let read = Deserializer::new().deserialize(&mut bytes.as_slice());
        let read: Latency = read.map_err(|error| serde::de::Error::custom(format!("a histogram: {error:?}")))?;
        let mut row = empty();
        row.add(&read).map_err(serde::de::Error::custom)?;
        Ok(Self(row))
    }
}

#[cfg(test)]
mod tests {
    use super::super::schedule::{Plan, Shard};
    use super::super::{Mix, Options};
    use super::*;
    use std::time::Duration;

    fn part(number: u64, latencies: &[u64]) -> Record {
        let plan = Plan {
            workers: 2,
            rate: Some(10.0),
            ramp: Duration::ZERO,
            warm_up: Duration::ZERO,
            time: Duration::from_secs(1),
            count: None,
            shard: Shard { number, of: 2 },
        };
        let options = Options { mix: Mix::parse(&[]).unwrap(), plan, seed: 1 };
        let mut tally = Tally::default();
        for micros in latencies {
            tally.good("client-credentials", Duration::from_micros(*micros), 0, 1);
        }
        Record::new(&crate::modes::reference(), &options, tally, 1.0)
    }

    #[test]
    fn parts_add_up_to_the_whole_exactly_after_a_trip_through_their_files() {
        let read = |record: &Record| Record::from_json(&record.to_json()).unwrap();
        let (first, second) = (part(1, &[1, 70_000, 123_456]), part(2, &[5, 3_600_000_000]));
        let whole = part(1, &[1, 70_000, 123_456, 5, 3_600_000_000]);
        let mut merged = read(&first);
        merged.merge(read(&second)).unwrap();
        assert_eq!(merged.latency(), whole.latency());
        assert_eq!((merged.counts, merged.workers, merged.seconds.clone()), (whole.counts, 4, whole.seconds));
        assert!(read(&first).missing() == [2] && merged.shards == [[1, 2], [2, 2]]);
    }

    #[test]
    fn the_same_part_twice_and_parts_of_other_loads_are_refused() {
        let mut record = part(1, &[1]);
        assert!(record.merge(part(1, &[1])).unwrap_err().to_string().contains("1/2"));
        let other = Record { seed: 7, ..part(2, &[1]) };
        assert!(record.merge(other).unwrap_err().to_string().contains("another load"));
        assert!(Record::from_json("{}").is_err());
        let other = part(2, &[1]).to_json().replace(FORMAT, "grantcheck.run/1");
        assert!(Record::from_json(&other).unwrap_err().to_string().contains("grantcheck.run/1"));
    }
}
