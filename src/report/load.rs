//! What a load gave, for people: first whether the target held, then how fast it was.

use super::layout::{Column, bold, table, wrap};
use crate::modes::bench::{Record, Row};

/// The report on a load. `misses` are the bounds that the caller set and that do not hold.
pub fn load(record: &Record, misses: &[String]) -> String {
    let mut text = format!("{} under load: {}\n", bold(&record.target), described(record));
    for (what, wrong) in &record.wrong {
        text += &wrap(&format!("BROKEN  {what}, {} times; first: {}", wrong.times, wrong.example), 2);
    }
    for (what, times) in &record.errors {
        text += &wrap(&format!("error   {what}, {times} times"), 2);
    }
    for miss in misses {
        text += &wrap(&format!("missed  {miss}"), 2);
    }
    text += "\n";
    text += &latencies(record);
    text += &format!("\n{}\n", summary(record));
    for note in &record.notes {
        text += &wrap(&format!("note: {note}"), 0);
    }
    text + &judged(record)
}

/// A latency as people read it.
pub fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} us"),
        1_000..1_000_000 => format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10),
        _ => format!("{}.{:02} s", micros / 1_000_000, micros % 1_000_000 / 10_000),
    }
}

fn described(record: &Record) -> String {
    let pace = match record.rate {
        Some(rate) => format!("{rate} flows a second, at most {} at the same time", record.workers),
        None => format!("{} at the same time, as fast as it answers", record.workers),
    };
    format!("{}; {pace}; {:.1} s measured", record.mix, record.measured_s)
}

fn latencies(record: &Record) -> String {
    let columns = ["count", "p50", "p90", "p99", "p99.9", "max"].map(Column::number);
    let columns = std::iter::once(Column::text("latency")).chain(columns).collect();
    let mut rows: Vec<Vec<String>> = record.flows.iter().map(|(name, Row(row))| cells(name, row)).collect();
    if record.rate.is_none() {
        rows.push(cells("all, corrected", &record.latency()));
    }
    rows.extend(record.requests.iter().map(|(name, Row(row))| cells(name, row)));
    table(columns, &rows)
}

fn cells(name: &str, row: &hdrhistogram::Histogram<u64>) -> Vec<String> {
    let at = |quantile| duration(row.value_at_quantile(quantile));
    vec![name.to_owned(), row.len().to_string(), at(0.5), at(0.9), at(0.99), at(0.999), duration(row.max())]
}

fn summary(record: &Record) -> String {
    let counts = &record.counts;
    let mut words = format!("{:.0} good flows a second ({} of them", record.throughput(), counts.good);
    if counts.requests != counts.good {
        words += &format!(", {} requests", counts.requests);
    }
    words += &format!("), {} errors", counts.errors);
    if counts.unsent > 0 {
        words += &format!(", {} never started", counts.unsent);
    }
    if counts.put_off > 0 {
        words += &format!(", {} answers asked for patience", counts.put_off);
    }
    words
}

fn judged(record: &Record) -> String {
    let counts = &record.counts;
    let mut text = format!(
        "judged: every answer; {} tokens and codes compared with each other, {} looked up, {} codes raced\n",
        counts.compared, counts.inspected, counts.raced
    );
    if record.late_us > LATE_US {
        text += &format!(
            "note: this process was late itself by up to {}; that is in no latency\n",
            duration(record.late_us)
        );
    }
    let missing = record.missing();
    if record.shards.len() > 1 && !missing.is_empty() {
        text += &format!("note: shards {missing:?} are missing\n");
    }
    text
}

/// Timers are not finer than a millisecond.
const LATE_US: u64 = 5_000;
