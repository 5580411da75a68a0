//! From a selector and an observation to the values it names, each occurrence one value.

use base64::Engine as _;
use serde_json::{Map, Value};

use super::challenge::challenges;
use super::{page, pairs, refusal};
use crate::exchange::{Answer, Exchange, Handshake, Observation, Redirect, Response};
use crate::scenario::Selector;

/// Every value that the selector names; none when there is none.
pub fn select(selector: &Selector, observation: &Observation) -> Vec<Value> {
    let exchange = observation.exchanges.last();
    let response = observation.response();
    let from = |of: &dyn Fn(&Response) -> Vec<Value>| response.map_or_else(Vec::new, of);
    match selector {
        Selector::Endpoint => exchange.map(|exchange| exchange.request.endpoint.clone().into()).into_iter().collect(),
        Selector::Method => exchange.map(|exchange| exchange.request.method.clone().into()).into_iter().collect(),
        Selector::Refused => vec![refusal::refused(observation).into()],
        Selector::Answered => vec![response.is_some().into()],
        Selector::Asked => vec![observation.asked.into()],
        Selector::Took => vec![observation.exchanges.iter().map(|exchange| exchange.took_ms).sum::<u64>().into()],
        Selector::Status => from(&|response| vec![response.status.into()]),
        Selector::Body => from(&|response| vec![response.text().into()]),
        Selector::Header(name) => from(&|response| header(response, name)),
        Selector::Challenge(scheme, name) => from(&|response| challenge(response, scheme, name)),
        Selector::ChallengesParse => from(&|response| well_formed(response)),
        Selector::Json(name) => from(&|response| json(&response.body, name)),
        Selector::JwtHeader(member, name) => jwt(observation, member, name, 0),
        Selector::JwtClaim(member, name) => jwt(observation, member, name, 1),
        Selector::Redirect(part) => {
            observation.redirect.as_ref().map_or_else(Vec::new, |redirect| part_of(redirect, part))
        }
        Selector::RedirectQuery(name) => parameters(observation, name, &[query]),
        Selector::RedirectFragment(name) => parameters(observation, name, &[fragment]),
        Selector::RedirectParam(name) => parameters(observation, name, &[query, fragment, form]),
        Selector::Cookie(name) => cookies(observation, name),
        Selector::Page(name) if name == "foreign" => exchange.map_or_else(Vec::new, foreign),
        Selector::Page(name) => from(&|response| page::property(response, name)),
        Selector::Tls(name) => observation.handshake.as_ref().map_or_else(Vec::new, |seen| handshake(seen, name)),
        Selector::Captured(name) => {
            observation.values.get(name).map(|value| value.clone().into()).into_iter().collect()
        }
    }
}

fn handshake(seen: &Handshake, name: &str) -> Vec<Value> {
    let value = match name {
        "agreed" => seen.agreed.clone().map(Value::from),
        "suite" => seen.suite.clone().map(Value::from),
        _ => seen.trusted.map(Value::from),
    };
    value.into_iter().collect()
}

/// Several fields of one name are one value, as HTTP joins them.
fn header(response: &Response, name: &str) -> Vec<Value> {
    let fields: Vec<&str> = fields(response, name).collect();
    if fields.is_empty() { Vec::new() } else { vec![fields.join(", ").into()] }
}

fn fields<'a>(response: &'a Response, name: &'a str) -> impl Iterator<Item = &'a str> {
    let named = response.headers.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_str())
}

/// What the page loads from other origins than its own.
fn foreign(exchange: &Exchange) -> Vec<Value> {
    let Answer::Response(response) = &exchange.answer else { return Vec::new() };
    page::foreign(response, &exchange.request.url).into_iter().map(Value::from).collect()
}

/// The parameter in every challenge of this scheme; `*` are the names of all.
fn challenge(response: &Response, scheme: &str, name: &str) -> Vec<Value> {
    let found = challenges(fields(response, "www-authenticate")).list;
    let parameters = found.into_iter().filter(|(known, _)| known == scheme).flat_map(|(_, parameters)| parameters);
    match name {
        "*" => parameters.map(|(known, _)| known.into()).collect(),
        _ => parameters.filter(|(known, _)| known == name).map(|(_, value)| value.into()).collect(),
    }
}

/// Whether the challenges keep to the grammar; nothing when there are none.
fn well_formed(response: &Response) -> Vec<Value> {
    let mut found = fields(response, "www-authenticate").peekable();
    if found.peek().is_none() { Vec::new() } else { vec![(!challenges(found).malformed).into()] }
}

fn json(body: &[u8], name: &str) -> Vec<Value> {
    if name.starts_with('/') {
        return serde_json::from_slice(body).map_or_else(|_| Vec::new(), |document| pointed(&document, name));
    }
    let members = pairs::members(body).unwrap_or_default();
    members.into_iter().filter(|(member, _)| member == name).map(|(_, value)| value).collect()
}

/// What a JSON pointer names, in which `*` stands for every element of an array.
fn pointed(document: &Value, pointer: &str) -> Vec<Value> {
    match pointer.split_once("/*") {
        None => document.pointer(pointer).cloned().into_iter().collect(),
        Some((list, rest)) => {
            let elements = document.pointer(list).and_then(Value::as_array).into_iter().flatten();
            elements.flat_map(|element| pointed(element, rest)).collect()
        }
    }
}

/// Of the JWT in a member of the body, or where an answer has none, in a parameter of the redirect.
fn jwt(observation: &Observation, member: &str, name: &str, segment: usize) -> Vec<Value> {
    let mut tokens = observation.response().map_or_else(Vec::new, |response| json(&response.body, member));
    tokens.extend(parameters(observation, member, &[query, fragment, form]));
    let parts = tokens.iter().filter_map(|token| decode(token.as_str()?, segment));
    parts.filter_map(|part| if name == "*" { Some(Value::Object(part)) } else { part.get(name).cloned() }).collect()
}

/// A segment of a JWT as a JSON object, unverified.
pub fn decode(token: &str, segment: usize) -> Option<Map<String, Value>> {
    let part = token.split('.').nth(segment)?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn part_of(redirect: &Redirect, part: &str) -> Vec<Value> {
    let bare = |url: &str| url.split(['?', '#']).next().unwrap_or_default().to_owned();
    let raw = |separator: char| {
        let before_fragment = redirect.url.split('#').next().unwrap_or_default();
        match separator {
            '#' => redirect.url.split_once('#').map(|(_, fragment)| fragment.to_owned()),
            _ => before_fragment.split_once('?').map(|(_, query)| query.to_owned()),
        }
    };
    let text = match part {
        "url" => Some(redirect.url.clone()),
        "via" => Some(redirect.via.clone()),
        "to" if redirect.read.is_empty() => Some(bare(&redirect.url)),
        "to" => Some(bare(&redirect.read)),
        "host" => url::Url::parse(&redirect.read).ok().and_then(|url| url.host_str().map(str::to_owned)),
        "raw_query" => raw('?'),
        _ => raw('#'),
    };
    text.map(Value::from).into_iter().collect()
}

type Pairs = Vec<(String, String)>;

fn parameters(observation: &Observation, name: &str, places: &[fn(&Redirect) -> Pairs]) -> Vec<Value> {
    let Some(redirect) = &observation.redirect else { return Vec::new() };
    let all = places.iter().flat_map(|place| place(redirect));
    all.filter(|(known, _)| known == name).map(|(_, value)| value.into()).collect()
}

fn query(redirect: &Redirect) -> Pairs {
    let before_fragment = redirect.url.split('#').next().unwrap_or_default();
    before_fragment.split_once('?').map_or_else(Vec::new, |(_, query)| decoded(query))
}

fn fragment(redirect: &Redirect) -> Pairs {
    redirect.url.split_once('#').map_or_else(Vec::new, |(_, fragment)| decoded(fragment))
}

fn form(redirect: &Redirect) -> Pairs {
    redirect.form.clone()
}

fn decoded(text: &str) -> Pairs {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// Every `Set-Cookie` of every hop, not only of the last one.
fn cookies(observation: &Observation, name: &str) -> Vec<Value> {
    let answers = observation.exchanges.iter().filter_map(|exchange| match &exchange.answer {
        Answer::Response(response) => Some(response),
        Answer::Nothing(_) => None,
    });
    let fields =
        answers.flat_map(|response| &response.headers).filter(|(field, _)| field.eq_ignore_ascii_case("set-cookie"));
    let named = |value: &str| name == "*" || value.split('=').next().is_some_and(|cookie| cookie.trim() == name);
    fields.filter(|(_, value)| named(value)).map(|(_, value)| value.clone().into()).collect()
}
