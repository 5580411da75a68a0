//! Unchanged runs: whether a route is still accepted, and the browser that its login leaves behind.

use super::Fuzz;
use super::aside::{LONGEST, asked_for};
use super::case::Case;
use super::route::Route;
use crate::engine::{self, Browsers, Session, Transcript};
use crate::modes::verdict;
use crate::plan::Plan;

/// What came of an unchanged run.
pub enum Control {
    /// It was accepted.
    Accepted,
    /// The target asks for patience: so many seconds.
    PutOff(u64),
    /// It was refused, and why.
    Refused(String),
}

/// An answer within this time, in milliseconds, is quick.
const QUICK_MS: u64 = 300;

impl Fuzz<'_> {
    /// Whether a route is accepted at the start; a target that asks for patience gets it once.
    pub async fn control(&mut self, index: usize, route: &Route) -> Control {
        let first = self.control_once(index, route).await;
        if let Control::PutOff(seconds) = first {
            self.tally.delayed += 1;
            self.waits(seconds).await;
            return self.control_once(index, route).await;
        }
        first
    }

    /// A target that refuses is asked once more, after a pause; one that asks for patience has not stopped.
    pub async fn control_again(&mut self, index: usize, route: &Route) -> Result<(), String> {
        match self.control_once(index, route).await {
            Control::Accepted => return Ok(()),
            Control::PutOff(seconds) => {
                self.put_aside(index, seconds);
                return Ok(());
            }
            Control::Refused(_) => self.waits(if self.wire.is_in_process() { LONGEST } else { 1 }).await,
        }
        match self.control_once(index, route).await {
            Control::Refused(reason) => Err(reason),
            Control::Accepted | Control::PutOff(_) => Ok(()),
        }
    }

    /// An unchanged run in a new browser. The next cases of the route go on in that browser, so that they need no login.
    async fn control_once(&mut self, index: usize, route: &Route) -> Control {
        let mut browsers = Browsers::new();
        let transcript = self.perform(&route.plan, None, &mut browsers).await;
        match verdict::control(&route.plan, &transcript) {
            Ok(()) => {
                self.browsers.insert(index, browsers);
                Control::Accepted
            }
            Err(judged) => asked_for(&transcript).map_or(Control::Refused(judged.reason), Control::PutOff),
        }
    }

    /// Whether the unchanged run is quick: on a server that is busy with something else nothing is.
    pub async fn is_quick(&mut self, route: &Route) -> bool {
        let transcript = self.perform(&route.plan, None, &mut Browsers::new()).await;
        transcript.exchanges().all(|exchange| exchange.took_ms < QUICK_MS)
    }

    /// The browser of the last accepted run, but a new one where the login itself is edited.
    pub fn browsers_for(&self, route: &Route, case: &Case) -> Browsers {
        let logs_in = |id: &String| route.step(id).is_some_and(|step| step.step.authorize.is_some());
        if case.steps().iter().any(logs_in) {
            return Browsers::new();
        }
        self.browsers.get(&case.route).cloned().unwrap_or_default()
    }

    /// Each run has values of its own, from the seed and the number of the run.
    pub async fn perform(&mut self, plan: &Plan, case: Option<&Case>, browsers: &mut Browsers) -> Transcript {
        let seed = self.options.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(self.tally.requests);
        let planned = case.map(Case::planned);
        let session = Session { wire: &self.wire, target: self.lab.target, seed, slow: false };
        let transcript = Box::pin(engine::run_in(plan, planned.as_ref(), session, browsers)).await;
        self.tally.requests += transcript.exchanges().count() as u64;
        transcript
    }

    /// Closes a route for as long as the target asks for.
    pub fn put_aside(&mut self, index: usize, seconds: u64) {
        self.tally.delayed += 1;
        self.aside.put(index, seconds, self.wire.now_ms());
    }

    /// So long, but no longer than there is time left.
    pub async fn waits(&mut self, seconds: u64) {
        let left = self.options.time.map(|time| time.saturating_sub(self.started.elapsed()).as_secs());
        self.wire.wait(left.map_or(seconds, |left| seconds.min(left))).await;
    }
}
