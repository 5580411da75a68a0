//! Whether a refusal can be read: RFC 6749 section 5.2 and the grammar of its members.

use base64::Engine as _;

use super::super::edits::endpoint;
use super::super::tame::is_tame;
use super::{Judged, Suspect, suspect};
use crate::exchange::{Request, Response};

/// RFC 6749 section 5.2, where the request was one that HTTP and forms allow.
pub fn of_error(judged: &Judged<'_>, sent: &Request, response: &Response) -> Vec<Suspect> {
    let to = endpoint(judged.step);
    let asked = ["token", "introspection", "revocation"].contains(&to.as_str());
    let document: Option<serde_json::Value> = serde_json::from_slice(&response.body).ok();
    let error = document.as_ref().and_then(|document| document.get("error"));
    if !asked {
        return Vec::new();
    }
    let mut found = Vec::new();
    let shape = |about: &str, says: &str, expect: &str| suspect("error-shape", about, says, expect, judged);
    if to == "token" && error.is_some_and(serde_json::Value::is_string) && response.status < 300 {
        found.push(shape("status", "is refused with an error status", "json.error = { present = false }"));
    }
    // A caller of the introspection endpoint, and one with a scheme of its own, may be refused as RFC 6750 says.
    let judgeable = to != "introspection" && is_tame(sent) && speaks_basic(sent);
    if matches!(response.status, 400 | 401) && judgeable && !error.is_some_and(serde_json::Value::is_string) {
        found.push(shape("error", "is refused by a JSON object with `error`", "json.error = { type = \"string\" }"));
    }
    let refused = error.is_some_and(|error| *error == "invalid_client");
    if to != "introspection" && refused && response.status != 401 && is_tame(sent) && sends_basic(sent) {
        found.push(shape("basic", "is refused with 401 where its Basic credentials are wrong", "status = 401"));
    }
    for (member, grammar) in MEMBERS {
        let text = document.as_ref().and_then(|document| document.get(member)).and_then(serde_json::Value::as_str);
        if error.is_some() && text.is_some_and(|text| !grammar.holds(text)) {
            let expect = format!("json.{member} = {{ matches = '{}', optional = true }}", grammar.pattern);
            found.push(shape(member, &format!("is refused with `{member}` in its grammar"), &expect));
        }
    }
    found
}

fn speaks_basic(sent: &Request) -> bool {
    let mut fields = sent.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    fields.all(|(_, value)| value.starts_with("Basic "))
}

/// Whether there is one pair of Basic credentials that can be read.
fn sends_basic(sent: &Request) -> bool {
    let mut fields = sent.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let pair = |value: &str| base64::engine::general_purpose::STANDARD.decode(value.strip_prefix("Basic ")?).ok();
    fields.next().and_then(|(_, value)| pair(value)).is_some_and(|pair| pair.contains(&b':')) && fields.next().is_none()
}

/// The characters of RFC 6749 appendices A.7 to A.9, as a test and as a pattern.
#[derive(Clone, Copy)]
pub struct Grammar {
    allowed: fn(char) -> bool,
    pub pattern: &'static str,
}

/// What an error says, in a body or in a redirect.
pub const MEMBERS: [(&str, Grammar); 3] = [("error", TEXT), ("error_description", TEXT), ("error_uri", URI)];

pub const TEXT: Grammar = Grammar {
    allowed: |letter| matches!(letter, '\x20'..='\x7e') && letter != '"' && letter != '\\',
    pattern: r"[\x20-\x21\x23-\x5b\x5d-\x7e]+",
};
const URI: Grammar = Grammar {
    allowed: |letter| matches!(letter, '\x21'..='\x7e') && letter != '"' && letter != '\\',
    pattern: r"[\x21\x23-\x5b\x5d-\x7e]+",
};

impl Grammar {
    pub fn holds(self, text: &str) -> bool {
        !text.is_empty() && text.chars().all(self.allowed)
    }
}
