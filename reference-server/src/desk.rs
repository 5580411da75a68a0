//! What a test does to a running provider from outside: move its clock, make it fail by script, read what was asked.
//! The provider itself knows nothing of this.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Request, Response};

/// So many requests are remembered; the oldest go first.
const REMEMBERED: usize = 10_000;

/// The desk of one running provider.
#[derive(Debug, Default)]
pub struct Desk {
    ahead_ms: AtomicU64,
    faults: Mutex<Vec<Fault>>,
    log: Mutex<VecDeque<Logged>>,
}

/// A request that came, and the status of its answer. Secrets are in it as they were sent: it is a test's own log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// What was asked.
    pub request: Request,
    /// The status; `None` when the connection was dropped.
    pub status: Option<u16>,
}

/// Something that goes wrong at one path, once unless said otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    path: String,
    harm: Harm,
    left: u32,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Harm {
    /// The answer has this status and no body.
    Status(u16),
    /// The answer is an OAuth error of this code, with status 400.
    Refuse(String),
    /// The right answer comes after a while.
    Delay(Duration),
    /// The connection is closed without an answer.
    Drop,
}

impl Fault {
    /// At this path, `/token` for instance, this goes wrong.
    pub fn new(path: &str, harm: Harm) -> Self {
        Self { path: path.into(), harm, left: 1 }
    }

    /// An answer with this status and no body.
    pub fn status(path: &str, status: u16) -> Self {
        Self::new(path, Harm::Status(status))
    }

    /// An OAuth error of this code.
    pub fn refuse(path: &str, error: &str) -> Self {
        Self::new(path, Harm::Refuse(error.into()))
    }

    /// The right answer after a while.
    pub fn delay(path: &str, pause: Duration) -> Self {
        Self::new(path, Harm::Delay(pause))
    }

    /// No answer: the connection is closed.
    pub fn drop(path: &str) -> Self {
        Self::new(path, Harm::Drop)
    }

    /// So many times in place of once.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { left: times, ..self }
    }
}

impl Harm {
    /// The answer in place of the right one, where there is one.
    pub(crate) fn answer(&self) -> Option<Response> {
        match self {
            Self::Status(status) => Some(Response { status: *status, ..Response::default() }),
            Self::Refuse(error) => {
                let body = serde_json::json!({ "error": error });
                Some(Response::json(400, &body).with("Cache-Control", "no-store"))
            }
            Self::Delay(_) | Self::Drop => None,
        }
    }
}

impl Desk {
    /// Moves the clock of the provider forward; it never goes back.
    pub fn advance(&self, by: Duration) {
        self.ahead_ms.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How far the clock is ahead of the real one, in milliseconds.
    pub(crate) fn ahead_ms(&self) -> u64 {
        self.ahead_ms.load(Ordering::Relaxed)
    }

    /// Lets something go wrong. Faults of one path happen in the order in which they were given.
    pub fn fail(&self, fault: Fault) {
        held(&self.faults).push(fault);
    }

    /// Forgets the faults that are left.
    pub fn heal(&self) {
        held(&self.faults).clear();
    }

    /// What goes wrong with this request; one fault is used up.
    pub(crate) fn harm(&self, request: &Request) -> Option<Harm> {
        let mut faults = held(&self.faults);
        let fault = faults.iter_mut().find(|fault| fault.left > 0 && fault.path == request.path())?;
        fault.left -= 1;
        Some(fault.harm.clone())
    }

    /// The requests so far, the oldest first.
    pub fn requests(&self) -> Vec<Logged> {
        held(&self.log).iter().cloned().collect()
    }

    pub(crate) fn note(&self, request: Request, status: Option<u16>) {
        let mut log = held(&self.log);
        if log.len() == REMEMBERED {
            log.pop_front();
        }
        log.push_back(Logged { request, status });
    }
}

/// A test that panicked elsewhere does not spoil the desk.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_forgets_the_oldest_first() {
        let desk = Desk::default();
        (0..REMEMBERED + 2).for_each(|number| desk.note(Request::get(&format!("/{number}")), Some(200)));
        let log = desk.requests();
        assert_eq!((log.len(), log[0].request.target.as_str()), (REMEMBERED, "/2"));
    }
}
