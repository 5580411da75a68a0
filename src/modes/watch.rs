//! Watching checks: whenever such an answer is seen, in any check, this holds.

use std::sync::Arc;

use super::verdict::Judged;
use crate::engine::{Transcript, leaves_for_a_client};
use crate::exchange::{Exchange, Observation};
use crate::judge;
use crate::outcome::{Finding, Verdict};
use crate::scenario::Check;
use crate::target::Target;

/// One exchange as watchers see it.
pub struct Seen {
    endpoint: String,
    observation: Observation,
}

/// Every exchange of a run, each for itself; the redirect belongs to the last one of its step, where it leads to a client
/// and not to a page of the target.
pub fn seen(transcript: &Transcript, target: &Target) -> Vec<Seen> {
    let observations = transcript.steps.iter().flat_map(|step| &step.observations);
    observations.flat_map(|observation| each(observation, target)).collect()
}

fn each(observation: &Observation, target: &Target) -> Vec<Seen> {
    let last = observation.exchanges.len().saturating_sub(1);
    let to_client = |exchange: &Exchange| {
        observation.redirect.clone().filter(|redirect| leaves_for_a_client(target, &exchange.request.url, redirect))
    };
    let one = |(index, exchange): (usize, &Exchange)| Seen {
        endpoint: exchange.request.endpoint.clone(),
        observation: Observation {
            exchanges: vec![exchange.kept()],
            redirect: to_client(exchange).filter(|_| index == last),
            asked: observation.asked,
            handshake: None,
            stuck: None,
            values: observation.values.clone(),
        },
    };
    observation.exchanges.iter().enumerate().map(one).collect()
}

/// Why a watch has no verdict although its set-up got through.
pub const UNSEEN: &str = "no such answer was seen";

/// The verdict before anything was seen.
pub fn unseen() -> Judged {
    Judged::new(Verdict::Skipped, "")
}

/// The verdict over all that was seen; `None` keeps the one that is there (its set-up was blocked and nothing was seen).
pub fn judge<'a>(check: &Arc<Check>, seen: impl Iterator<Item = &'a Seen>) -> (Option<Judged>, Vec<Exchange>) {
    let Some(when) = &check.file.when else { return (None, Vec::new()) };
    let endpoint = |seen: &&Seen| match &when.endpoint {
        Some(predicate) => judge::holds(predicate, &seen.endpoint),
        None => true,
    };
    let concerned: Vec<&Seen> = seen
        .filter(endpoint)
        .filter(|seen| judge::violations(when, std::slice::from_ref(&seen.observation)).is_empty())
        .collect();
    if concerned.is_empty() {
        return (None, Vec::new());
    }
    let mut warning = None;
    for seen in &concerned {
        for (expect, advisory) in [(&check.file.expect, false), (&check.file.should, true)] {
            let Some(expect) = expect else { continue };
            let violations = judge::violations(expect, std::slice::from_ref(&seen.observation));
            if violations.is_empty() || (advisory && warning.is_some()) {
                continue;
            }
            let found = (Some(judged(seen, violations, advisory)), seen.observation.exchanges.clone());
            if !advisory {
                return found;
            }
            warning = Some(found);
        }
    }
    warning
        .unwrap_or_else(|| (Some(Judged::new(Verdict::Pass, format!("{} answers seen", concerned.len()))), Vec::new()))
}

fn place(endpoint: &str) -> String {
    if endpoint.is_empty() { "an answer on the way".into() } else { format!("an answer of the {endpoint} endpoint") }
}

fn judged(seen: &Seen, violations: Vec<judge::Violation>, advisory: bool) -> Judged {
    let findings: Vec<Finding> = violations
        .into_iter()
        .map(|violation| Finding {
            step: seen.endpoint.clone(),
            step_name: place(&seen.endpoint),
            selector: violation.selector,
            wanted: violation.wanted,
            got: violation.got,
            advisory,
        })
        .collect();
    let reason = findings
        .first()
        .map_or_else(String::new, |first| format!("{}: wanted {}, got {}", first.selector, first.wanted, first.got));
    Judged { verdict: if advisory { Verdict::Warn } else { Verdict::Fail }, reason, findings }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Answer, Redirect, Request, Response};
    use crate::target::Client;

    #[test]
    fn a_page_of_the_target_is_no_answer_to_a_client() {
        let mut target = Target::default();
        target.clients.insert("public".into(), Client::public("spa", "http://as.example/cb"));
        let table = [
            ("http://as.example/error?error=x", false),
            ("http://as.example/cb?error=x", true),
            ("https://app.example/cb?error=x", true),
        ];
        for (url, kept) in table {
            let request = Request { url: "http://as.example/authorize".into(), ..Request::default() };
            let exchange = Exchange::of(request, Answer::Response(Response::default()));
            let redirect = Some(Redirect { url: url.into(), read: url.into(), ..Redirect::default() });
            let observation = Observation { exchanges: vec![exchange], redirect, ..Observation::default() };
            assert_eq!(each(&observation, &target)[0].observation.redirect.is_some(), kept, "{url}");
        }
    }
}
