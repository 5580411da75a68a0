//! The bounds of a gate: how slow and how faulty a load may be.

use std::time::Duration;

use clap::Args;

use crate::modes::bench::Record;
use crate::report::duration;

/// The options.
#[derive(Args)]
pub struct Bounds {
    /// Fail when 1 in 100 flows takes longer: 50ms, 1.5s, 800us
    #[arg(long, value_name = "TIME", value_parser = time)]
    max_p99: Option<Duration>,
    /// Fail when more flows go wrong than this: a number, or a share (0.1%)
    #[arg(long, value_name = "N", default_value = "0", value_parser = errors)]
    max_errors: Errors,
}

/// So many errors.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Errors {
    Count(u64),
    /// Of all flows, 0 to 1.
    Share(f64),
}

impl Bounds {
    /// The bounds that do not hold, in words.
    pub fn misses(&self, record: &Record) -> Vec<String> {
        let p99 = record.latency().value_at_quantile(0.99);
        let slow = self.max_p99.filter(|most| u128::from(p99) > most.as_micros());
        let slow = slow.map(|most| format!("--max-p99 {most:?}: 1 in 100 flows took longer than {}", duration(p99)));
        let bad = record.counts.errors + record.counts.unsent;
        let many = match self.max_errors {
            Errors::Count(most) => bad > most,
            Errors::Share(most) => record.error_share() > most,
        };
        let share = 100.0 * record.error_share();
        let many = many.then(|| format!("--max-errors: {bad} flows went wrong or never started ({share:.2} %)"));
        slow.into_iter().chain(many).collect()
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let units = [("us", 1e-6), ("ms", 1e-3), ("s", 1.0)];
    let read = |(unit, factor): &(&str, f64)| Some(text.strip_suffix(unit)?.trim().parse::<f64>().ok()? * factor);
    let seconds = units.iter().find_map(read).filter(|seconds| (0.0..=1e6).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "write a time with its unit: 50ms, 1.5s, 800us".into())
}

fn errors(text: &str) -> Result<Errors, String> {
    let share = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let share = share.filter(|share| (0.0..=100.0).contains(share)).map(|share| Errors::Share(share / 100.0));
    let count = || text.parse().ok().map(Errors::Count);
    share.or_else(count).ok_or_else(|| "write a number of flows, or a share: 0.1%".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_errors_are_a_number_or_a_share() {
        assert_eq!(time("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(time("1.5s"), Ok(Duration::from_millis(1500)));
        assert!(time("50").is_err() && time("-1s").is_err());
        assert_eq!(errors("3"), Ok(Errors::Count(3)));
        assert_eq!(errors("50%"), Ok(Errors::Share(0.5)));
        assert!(errors("101%").is_err() && errors("few").is_err());
    }
}
