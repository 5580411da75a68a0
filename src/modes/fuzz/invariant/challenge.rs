//! Whether a 401 says how to authenticate, in words that parse: RFC 9110 section 11.6.1, RFC 6750 section 3.

use super::super::edits::endpoint;
use super::error::TEXT;
use super::{Judged, Suspect, suspect};
use crate::exchange::Response;
use crate::judge::select;
use crate::scenario::Selector;

/// What is wrong with the challenges of an answer.
pub fn of_challenge(response: &Response, judged: &Judged<'_>) -> Vec<Suspect> {
    let challenge = |about: &str, says: &str, expect: &str| suspect("challenge", about, says, expect, judged);
    let mut found = Vec::new();
    let to = endpoint(judged.step);
    let asked = ["token", "introspection", "revocation", "resource"].contains(&to.as_str());
    let field = response.header("www-authenticate");
    if response.status == 401 && asked && field.is_none() {
        let says = "is refused with a challenge where the status is 401";
        found.push(challenge("", says, "header.www-authenticate = { present = true }"));
    }
    let parses = select(&Selector::ChallengesParse, judged.observation);
    if parses.iter().any(|parses| *parses == false) {
        let says = "is refused with a challenge that keeps to the grammar";
        found.push(challenge("grammar", says, "challenges_parse = true"));
    }
    if field.is_some_and(|field| field.trim().eq_ignore_ascii_case("bearer")) {
        let says = "is refused with a Bearer challenge that has a parameter";
        found.push(challenge("parameter", says, r"header.www-authenticate = { never = '(?i)^\s*bearer\s*$' }"));
    }
    let description = Selector::Challenge("bearer".into(), "error_description".into());
    let texts = select(&description, judged.observation);
    // RFC 6750 section 3 names the characters only: unlike that of RFC 6749, this description may be empty.
    if texts.iter().filter_map(|text| text.as_str()).any(|text| !text.is_empty() && !TEXT.holds(text)) {
        let expect =
            format!("challenge.bearer.error_description = {{ matches = '({})?', optional = true }}", TEXT.pattern);
        found.push(challenge("description", "is refused with `error_description` in its grammar", &expect));
    }
    found
}
