//! What an answer looks like, so that a new look is noticed: status, error code, header set, shape of the body, redirect.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};

use serde_json::Value;

use crate::exchange::{Answer, Exchange, Observation, Response};

/// The looks that were seen.
#[derive(Default)]
pub struct Novelty {
    seen: HashSet<u64>,
}

impl Novelty {
    /// Whether this step never answered so before.
    pub fn learns(&mut self, step: &str, observation: &Observation) -> bool {
        let mut hasher = DefaultHasher::new();
        (step, look(observation)).hash(&mut hasher);
        self.seen.insert(hasher.finish())
    }

    /// How many looks there are.
    pub fn count(&self) -> usize {
        self.seen.len()
    }
}

/// Status and error code of an answer: the same again is the same cause.
pub fn signature(exchange: Option<&Exchange>) -> String {
    let Some(Answer::Response(response)) = exchange.map(|exchange| &exchange.answer) else { return "nothing".into() };
    let document: Option<serde_json::Value> = serde_json::from_slice(&response.body).ok();
    let error = document.as_ref().and_then(|document| document.get("error")?.as_str()).unwrap_or_default();
    format!("{} {error}", response.status)
}

/// The look of an answer, in words without values that differ from run to run.
pub fn look(observation: &Observation) -> String {
    // Where it goes is left out: a server that sends the browser anywhere would look new with every edit.
    let redirect = observation.redirect.as_ref();
    let redirect = redirect.map(|redirect| format!(" {} {}", redirect.via, names(&redirect.url)));
    let answer = match observation.exchanges.last().map(|exchange| &exchange.answer) {
        Some(Answer::Response(response)) => of_response(response),
        Some(Answer::Nothing(reason)) => reason.clone(),
        None => String::new(),
    };
    let hops = observation.exchanges.len();
    format!("{answer}{} {hops} {}", redirect.unwrap_or_default(), observation.stuck.is_some())
}

fn of_response(response: &Response) -> String {
    let mut fields: Vec<&str> = response.headers.iter().map(|(name, _)| name.as_str()).collect();
    fields.sort_unstable();
    let body = match serde_json::from_slice::<Value>(&response.body) {
        Ok(Value::Object(members)) => {
            let members = members.iter().map(|(name, value)| format!("{name}:{}", kind(name, value)));
            members.collect::<Vec<_>>().join(",")
        }
        Ok(other) => kind("", &other),
        Err(_) if response.is_html() => title(&response.text()),
        // Texts that differ in their values only are alike; their length in powers of two is enough.
        Err(_) => format!("{}", response.body.len().checked_ilog2().unwrap_or(0)),
    };
    format!("{} {} {body}", response.status, fields.join(","))
}

/// Codes say what they are; other members only their type.
fn kind(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) if name == "error" => text.clone(),
        Value::String(_) => "string".into(),
        Value::Number(_) => "number".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null => "null".into(),
        Value::Array(_) => "array".into(),
        Value::Object(_) => "object".into(),
    }
}

fn title(page: &str) -> String {
    let title = page.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    title.map_or_else(String::new, |(title, _)| title.to_owned())
}

/// The names of the parameters that a redirect carries, and its error code.
fn names(url: &str) -> String {
    let parts = url.split(['?', '#']).skip(1);
    let pairs = parts.flat_map(|part| form_urlencoded::parse(part.as_bytes()).into_owned().collect::<Vec<_>>());
    let words = pairs.map(|(name, value)| if name == "error" { value } else { name });
    words.collect::<Vec<_>>().join(",")
}
