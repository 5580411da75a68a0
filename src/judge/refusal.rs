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
        true => format!("{status} without error"),
        false => format!("{status} with {}", issued.join(", ")),
    }
}

fn states_error(observation: &Observation) -> bool {
    if observation.redirect.is_some() {
        return !select(&Selector::RedirectParam("error".into()), observation).is_empty();
    }
    observation.response().is_some_and(|response| match response.status {
        400..=499 => true,
        200..=299 => error_in(response),
        _ => false,
    })
}

fn error_in(response: &Response) -> bool {
    let form = response.header("content-type").is_some_and(|media| media.starts_with(FORM));
    match serde_json::from_slice::<Value>(&response.body) {
        Ok(document) => document.get("error").is_some_and(says_something),
        Err(_) => form && form_urlencoded::parse(&response.body).any(|(name, _)| name == "error"),
    }
}

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
        let exchange = Exchange { request: Request::default(), answer: Answer::Response(response), took_ms: 0 };
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
    }
}
