//! Whether a request was refused, whichever status and error code say so: those are rules of their own, with checks
//! of their own. A server that answers 200 beside `"error"` breaks one rule, not each rule that has a refusal.

use serde_json::Value;

use super::select::select;
use crate::exchange::{Observation, Response};
use crate::scenario::Selector;

/// What is only handed to somebody who was let in.
const ISSUED: &[&str] = &["access_token", "refresh_token", "id_token"];

/// Nothing was issued, and the target said no: a 4xx status, or an error in the body or the redirect.
pub fn refused(observation: &Observation) -> bool {
    issued(observation).is_empty() && states_error(observation)
}

/// Whether the target says that this client may not do this at all: then the rule that was to be seen is not.
pub fn may_not(observations: &[Observation]) -> bool {
    let code = Value::from("unauthorized_client");
    observations.last().is_some_and(|observation| {
        let told = [Selector::RedirectParam("error".into()), Selector::Json("error".into())];
        told.iter().any(|selector| select(selector, observation).contains(&code))
    })
}

/// What came in place of a refusal, for the reader.
pub fn what_came(observation: &Observation) -> String {
    let issued = issued(observation);
    let status =
        observation.response().map_or("no answer".to_owned(), |response| format!("status {}", response.status));
    match issued.is_empty() {
        true if observation.redirect.is_some() => "a redirect without error".into(),
        true => match observation.response().and_then(error_in) {
            Some(code) if code.len() <= LONGEST => format!("{status} with the error {code}"),
            _ => format!("{status} without error"),
        },
        false => format!("{status} with {}", issued.join(", ")),
    }
}

fn states_error(observation: &Observation) -> bool {
    if observation.redirect.is_some() {
        return !select(&Selector::RedirectParam("error".into()), observation).is_empty();
    }
    observation.response().is_some_and(|response| match response.status {
        400..=499 => true,
        200..=299 => error_in(response).is_some(),
        500..=599 => error_in(response).is_some_and(|code| REFUSALS.contains(&code.as_str())),
        _ => false,
    })
}

/// Codes that say that the request was at fault, RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750 section 3.1, RFC 7009 section
/// 2.2.1. Beside a 5xx status they are a refusal with a wrong status; any other code there may be of a crash.
const REFUSALS: &[&str] = &[
    "access_denied",
    "insufficient_scope",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_token",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "unsupported_token_type",
];

/// The error that a body states, a code or something else.
fn error_in(response: &Response) -> Option<String> {
    let form = response.header("content-type").is_some_and(|media| media.starts_with(FORM));
    let Ok(document) = serde_json::from_slice::<Value>(&response.body) else {
        let mut pairs = form_urlencoded::parse(if form { &response.body } else { b"" });
        return pairs.find(|(name, _)| name == "error").map(|(_, code)| code.into_owned());
    };
    let error = document.get("error").filter(|error| says_something(error))?;
    Some(error.as_str().map_or_else(|| error.to_string(), str::to_owned))
}

/// A longer code is none that a reader wants to see.
const LONGEST: usize = 40;

const FORM: &str = "application/x-www-form-urlencoded";

fn says_something(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_str() != Some("")
}

/// Names of what was issued, in the redirect or anywhere in a JSON body.
fn issued(observation: &Observation) -> Vec<&'static str> {
    let delivered = |name: &str| !select(&Selector::RedirectParam(name.to_owned()), observation).is_empty();
    if observation.redirect.is_some() {
        return ISSUED.iter().chain(&["code"]).copied().filter(|name| delivered(name)).collect();
    }
    let document = observation.response().and_then(|response| serde_json::from_slice(&response.body).ok());
    let holds = |name: &&str| document.as_ref().is_some_and(|document| has_member(document, name));
    ISSUED.iter().copied().filter(holds).collect()
}

fn has_member(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => {
            members.get(name).is_some_and(says_something) || members.values().any(|member| has_member(member, name))
        }
        Value::Array(items) => items.iter().any(|item| has_member(item, name)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Answer, Exchange, Redirect, Request};

    fn answer(status: u16, body: &str) -> Observation {
        let response = Response { status, body: body.into(), ..Response::default() };
        let exchange = Exchange::of(Request::default(), Answer::Response(response));
        Observation { exchanges: vec![exchange], ..Observation::default() }
    }

    fn redirect(url: &str) -> Observation {
        let redirect = Redirect { url: url.into(), ..Redirect::default() };
        Observation { redirect: Some(redirect), ..answer(302, "") }
    }

    #[test]
    fn a_4xx_status_or_a_stated_error_is_a_refusal() {
        for body in ["", "<h1>No</h1>", r#"{"error":"invalid_grant"}"#, r#"{"access_token":null}"#] {
            assert!(refused(&answer(422, body)), "{body}");
        }
        assert!(refused(&answer(200, r#"{"error":"bad_verification_code"}"#)));
        assert!(refused(&answer(501, r#"{"error":"unsupported_grant_type"}"#)));
        assert!(refused(&redirect("https://client.example/cb?error=access_denied")));
    }

    #[test]
    fn whatever_is_issued_beside_an_error_is_no_refusal() {
        assert!(!refused(&answer(400, r#"{"error":"invalid_grant","access_token":"t"}"#)));
        assert!(!refused(&answer(400, r#"{"data":[{"refresh_token":"t"}]}"#)));
        assert!(!refused(&redirect("https://client.example/cb?error=access_denied&code=1")));
    }

    #[test]
    fn silence_and_breakdown_are_no_refusals() {
        for (status, body) in [(200, "{}"), (200, r#"{"error":null}"#), (204, ""), (302, ""), (500, r#"{"error":"x"}"#)]
        {
            assert!(!refused(&answer(status, body)), "{status} {body}");
        }
        assert!(!refused(&redirect("https://client.example/cb")));
        assert_eq!(what_came(&answer(200, r#"{"access_token":"t"}"#)), "status 200 with access_token");
        assert_eq!(what_came(&answer(500, r#"{"error":"server_error"}"#)), "status 500 with the error server_error");
    }
}
