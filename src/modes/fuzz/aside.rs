//! Routes that are put aside: the target asked for patience there, and the others go on meanwhile.

use std::collections::HashMap;

use crate::engine::Transcript;
use crate::exchange::{Answer, Exchange};

/// The longest pause that a target is granted, in seconds.
pub const LONGEST: u64 = 60;

/// Until when each route is closed, in milliseconds of the wire's clock.
#[derive(Default)]
pub struct Aside(HashMap<usize, u64>);

impl Aside {
    /// Puts a route aside for so many seconds.
    pub fn put(&mut self, route: usize, seconds: u64, now: u64) {
        self.0.insert(route, now + seconds * 1000);
    }

    /// Whether a route may be asked now.
    pub fn is_open(&self, route: usize, now: u64) -> bool {
        self.0.get(&route).is_none_or(|until| *until <= now)
    }

    /// Seconds until the first route opens again, rounded up; none when all are open.
    pub fn first(&self, now: u64) -> Option<u64> {
        let waits = self.0.values().filter(|until| **until > now);
        waits.min().map(|until| (until - now).div_ceil(1000))
    }
}

/// Seconds that the last answer of a run asks to wait; one that says nothing gets a second.
pub fn asked_for(transcript: &Transcript) -> Option<u64> {
    transcript.exchanges().last().and_then(patience)
}

fn patience(exchange: &Exchange) -> Option<u64> {
    let Answer::Response(response) = &exchange.answer else { return None };
    response.puts_off().then(|| response.retry_after().unwrap_or(1).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_closed_until_its_time_and_the_others_are_open() {
        let mut aside = Aside::default();
        aside.put(1, 2, 10_000);
        aside.put(2, 5, 10_000);
        assert!(aside.is_open(0, 10_000) && !aside.is_open(1, 11_999) && aside.is_open(1, 12_000));
        assert_eq!((aside.first(10_500), aside.first(12_000), aside.first(15_000)), (Some(2), Some(3), None));
    }
}
