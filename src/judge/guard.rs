//! Answers that say nothing about a rule: none at all, too many requests, out of service.

use crate::exchange::{Answer, Observation};
use crate::scenario::Expect;

/// Why the answers are no answer to the question, unless the expectation asks for just that.
pub fn guard(expect: &Expect, observations: &[Observation]) -> Option<String> {
    let wanted = expect.status.as_ref().map(|status| format!("{status:?}")).unwrap_or_default();
    observations.iter().find_map(|observation| match &observation.exchanges.last()?.answer {
        Answer::Nothing(reason) => Some(format!("no answer: {reason}")),
        Answer::Response(response) if response.puts_off() && !wanted.contains(&response.status.to_string()) => {
            Some(format!("the target answers {}", response.status))
        }
        Answer::Response(_) => None,
    })
}
