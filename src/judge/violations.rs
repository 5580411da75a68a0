//! Which expectations an answer breaks, in words.

use super::predicate::{self, Verdict};
use super::select::select;
use super::{refusal, sample};
use crate::exchange::Observation;
use crate::scenario::{Expect, Predicate, Selector, Tally};

/// One broken expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What was looked at.
    pub selector: String,
    /// What was wanted.
    pub wanted: String,
    /// What was there.
    pub got: String,
}

/// Every broken expectation over all observations; each must satisfy all of it, tallies count them.
pub fn violations(expect: &Expect, observations: &[Observation]) -> Vec<Violation> {
    let mut found = Vec::new();
    for (text, predicate) in expect.predicates() {
        let Ok(selector) = Selector::parse(&text) else { continue };
        found.extend(of_each(&selector, predicate, observations));
        found.extend(sample::violation(&selector, predicate, observations));
    }
    found.extend(observations.iter().find_map(|observation| none_of(&expect.any, observation)));
    found.extend(expect.tally.iter().filter_map(|tally| count(tally, observations)));
    found
}

/// Whether a predicate without templates holds for a text.
pub fn holds(predicate: &Predicate, text: &str) -> bool {
    let nothing = Observation::default();
    matches!(predicate::judge(&predicate.0, &[text.into()], &nothing), Verdict::Holds)
}

/// The first observation that breaks it; one line is enough for the reader.
fn of_each(selector: &Selector, predicate: &Predicate, observations: &[Observation]) -> Option<Violation> {
    observations.iter().find_map(|observation| {
        let mut values = select(selector, observation);
        if let (Selector::Header(name), Some(_)) = (selector, predicate.0.count) {
            values = fields(name, observation);
        }
        match predicate::judge(&predicate.0, &values, observation) {
            Verdict::Holds => None,
            Verdict::Broken { .. } if *selector == Selector::Refused => Some(Violation {
                selector: selector.to_string(),
                wanted: "a 4xx status or a stated error, and nothing issued".into(),
                got: refusal::what_came(observation),
            }),
            Verdict::Broken { wanted, got } => Some(Violation { selector: selector.to_string(), wanted, got }),
        }
    })
}

/// When none of the alternatives holds, the first one says what was wanted.
fn none_of(any: &[Expect], observation: &Observation) -> Option<Violation> {
    let tried: Vec<Vec<Violation>> =
        any.iter().map(|expect| violations(expect, std::slice::from_ref(observation))).collect();
    if tried.is_empty() || tried.iter().any(Vec::is_empty) {
        return None;
    }
    let wanted: Vec<String> = any.iter().map(|expect| describe(expect, observation)).collect();
    let got: Vec<String> = tried
        .iter()
        .filter_map(|violations| violations.first())
        .map(|first| format!("{} {}", first.selector, first.got))
        .collect();
    Some(Violation { selector: "any".into(), wanted: wanted.join(", or "), got: got.join("; ") })
}

/// Each header field for itself: only `count` asks for that.
fn fields(name: &str, observation: &Observation) -> Vec<serde_json::Value> {
    let headers = observation.response().map_or(&[][..], |response| &response.headers);
    headers
        .iter()
        .filter(|(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.clone().into())
        .collect()
}

fn count(tally: &Tally, observations: &[Observation]) -> Option<Violation> {
    let fits = |observation: &&Observation| violations(&tally.of, std::slice::from_ref(*observation)).is_empty();
    let found = observations.iter().filter(fits).count();
    let nothing = Observation::default();
    let any = observations.first().unwrap_or(&nothing);
    let wrong = |bound: String| Violation {
        selector: "tally".into(),
        wanted: format!("{bound} of {} answers with {}", observations.len(), describe(&tally.of, any)),
        got: found.to_string(),
    };
    let most = tally.at_most.filter(|most| found > *most as usize).map(|most| wrong(format!("at most {most}")));
    let least = tally.at_least.filter(|least| found < *least as usize).map(|least| wrong(format!("at least {least}")));
    most.or(least)
}

fn describe(expect: &Expect, observation: &Observation) -> String {
    let parts = expect
        .predicates()
        .into_iter()
        .map(|(selector, predicate)| format!("{selector} {}", predicate::wanted(&predicate.0, observation)));
    parts.collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::PredicateTable;

    #[test]
    fn what_a_tally_wanted_is_said_with_the_values_of_the_run() {
        let words_include = Some("{{case.scope}}".to_owned());
        let predicate = Predicate(Box::new(PredicateTable { words_include, ..PredicateTable::default() }));
        let of = Expect { captured: [("scope".to_owned(), predicate)].into(), ..Expect::default() };
        let tally = Tally { of, at_most: Some(0), at_least: None };
        let expect = Expect { tally: vec![tally], ..Expect::default() };
        let values = [("scope", "a b"), ("case.scope", "a")].map(|(name, value)| (name.into(), value.into())).into();
        let found = violations(&expect, &[Observation { values, ..Observation::default() }]);
        assert_eq!(found[0].wanted, "at most 0 of 1 answers with captured.scope the words a");
    }
}
