//! Slows down guessing: after some wrong attempts in a row within a minute, right ones are refused as well
//! for a minute. Counts registered names only; as clients come and go, rows that are over leave when there are many.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

const WINDOW: u64 = 60_000;
const MANY: usize = 1_000;

/// Counts wrong attempts by name.
#[derive(Debug)]
pub struct Throttle {
    limit: u32,
    /// How many names there are: none as a rule, and then nobody waits for the lock.
    many: AtomicUsize,
    streaks: Mutex<HashMap<String, Streak>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Streak {
    wrong: u32,
    since: u64,
    until: u64,
}

impl Throttle {
    /// A throttle that closes after this many wrong attempts.
    pub fn new(limit: u32) -> Self {
        Self { limit, many: AtomicUsize::new(0), streaks: Mutex::default() }
    }

    /// How many seconds this name has to wait, if it has to.
    pub fn wait(&self, name: &str, now: u64) -> Option<u64> {
        if self.many.load(Relaxed) == 0 {
            return None;
        }
        let streaks = self.streaks.lock().unwrap_or_else(PoisonError::into_inner);
        streaks.get(name).filter(|streak| now < streak.until).map(|streak| (streak.until - now).div_ceil(1000))
    }

    /// Notes the outcome of an attempt.
    pub fn note(&self, name: &str, right: bool, now: u64) {
        if right && self.many.load(Relaxed) == 0 {
            return;
        }
        let mut streaks = self.streaks.lock().unwrap_or_else(PoisonError::into_inner);
        if right {
            streaks.remove(name);
        } else {
            self.note_wrong(&mut streaks, name, now);
        }
        self.many.store(streaks.len(), Relaxed);
    }

    fn note_wrong(&self, streaks: &mut HashMap<String, Streak>, name: &str, now: u64) {
        if streaks.len() >= MANY {
            streaks.retain(|_, streak| now < streak.until.max(streak.since + WINDOW));
        }
        let streak = streaks.entry(name.to_owned()).or_default();
        if now.saturating_sub(streak.since) >= WINDOW {
            *streak = Streak { since: now, ..Streak::default() };
        }
        streak.wrong += 1;
        if streak.wrong >= self.limit {
            *streak = Streak { until: now + WINDOW, ..Streak::default() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_000_000;

    #[test]
    fn it_closes_for_a_minute_after_wrong_attempts_in_a_row() {
        let throttle = Throttle::new(2);
        throttle.note("a", false, 0);
        assert_eq!(throttle.wait("a", 0), None);
        throttle.note("a", false, 1000);
        assert_eq!(
            (throttle.wait("a", 1000), throttle.wait("b", 1000), throttle.wait("a", 61_000)),
            (Some(60), None, None)
        );
    }

    #[test]
    fn attempts_count_together_within_a_minute_only() {
        let throttle = Throttle::new(2);
        throttle.note("a", false, 100_000);
        throttle.note("a", false, 160_000);
        assert_eq!(throttle.wait("a", 160_000), None);
        throttle.note("a", false, 219_999);
        assert_eq!(throttle.wait("a", 219_999), Some(60));
    }

    #[test]
    fn when_there_are_many_rows_those_that_are_over_leave_and_no_others() {
        let throttle = Throttle::new(2);
        let note = |name: &str, now| throttle.note(name, false, START + now);
        [0, 0, 30_000].into_iter().zip(["closed", "closed", "begun"]).for_each(|(now, name)| note(name, now));
        (2..MANY).for_each(|number| note(&number.to_string(), 0));
        note("late", 59_999);
        assert_eq!(throttle.streaks.lock().unwrap().len(), MANY + 1, "none of them is over");
        note("later", 60_000);
        assert_eq!(throttle.streaks.lock().unwrap().len(), 3);
        note("begun", 60_000);
        assert_eq!(throttle.wait("begun", START + 60_000), Some(60));
    }

    #[test]
    fn a_right_attempt_ends_the_row() {
        let throttle = Throttle::new(2);
        throttle.note("a", false, 0);
        throttle.note("a", true, 0);
        throttle.note("a", false, 0);
        assert_eq!(throttle.wait("a", 0), None);
    }
}
