//! Seeds for the corpus: what travels when the suite runs against the provider in the process, cut to what each target
//! takes. `cargo run --example fuzz_seeds` writes them.

use std::collections::BTreeSet;

use reference_server::{Config, Request, Response};

use super::session::{Found, Observer, step, written};
use crate::catalogue::Catalogue;
use crate::exchange::{Answer, Exchange};
use crate::modes::access::Access;
use crate::modes::check::{Options, run};
use crate::modes::reference;
use crate::modes::threads::on_this_thread;
use crate::scenario::{Selector, Suite};

/// A seed and the name of its target.
pub type Seeds = BTreeSet<(&'static str, Vec<u8>)>;

/// All seeds, each once.
pub fn seeds() -> Seeds {
    let suite = Suite::embedded().expect("the suite is tested");
    let mut seeds = Seeds::new();
    for check in suite.checks() {
        seeds.insert(("scenario_file", check.source.clone().into()));
        of_texts(&check.source, &mut seeds);
    }
    for exchanges in traffic(&suite) {
        of_session(&exchanges, &mut seeds);
    }
    seeds
}

/// What each verdict of the suite kept.
fn traffic(suite: &Suite) -> Vec<Vec<Exchange>> {
    let catalogue = Catalogue::embedded().expect("the catalogue is tested");
    let options = Options { keep: true, ..Options::default() };
    let (target, access) = (reference(), Access::embedded(Default::default()));
    let outcome = on_this_thread(run(suite, &catalogue, &target, &access, &options, &|_| {}));
    outcome.checks.into_iter().map(|check| check.exchanges).collect()
}

/// Templates and selectors of a scenario file.
fn of_texts(source: &str, seeds: &mut Seeds) {
    let quoted = source.split('"').skip(1).step_by(2).filter(|text| text.contains("{{"));
    seeds.extend(quoted.map(|text| ("template", text.into())));
    let keys = source.split([',', '{', '\n']).filter_map(|part| Some(part.split_once('=')?.0.trim().trim_matches('"')));
    seeds.extend(keys.filter(|key| Selector::parse(key).is_ok()).map(|key| ("selector", key.into())));
}

fn of_session(exchanges: &[Exchange], seeds: &mut Seeds) {
    let (config, mut observer) = (Config::built_in(), Observer::new());
    let (mut text, mut steps) = (Vec::new(), Vec::new());
    for exchange in exchanges {
        let Answer::Response(answer) = &exchange.answer else { continue };
        let request = plain(exchange);
        text.push(written(&request, observer.found()));
        steps.extend(step(&request, &config.clients, observer.found()).unwrap_or_default());
        of_request(&request, observer.found(), seeds);
        of_answer(answer, seeds);
        let headers = answer.headers.iter().cloned().map(|(name, value)| (name.into(), value.into())).collect();
        observer.see(&request, &Response { status: answer.status, headers, body: answer.body.clone(), stall_ms: 0 });
    }
    seeds.insert(("provider_request", text.join("\n---\n").into()));
    seeds.insert(("session", steps));
}

fn of_request(request: &Request, found: &Found, seeds: &mut Seeds) {
    let body = found.abstracted(&String::from_utf8_lossy(&request.body));
    let field = |name: &str| request.header(name).map(|value| found.abstracted(&String::from_utf8_lossy(value)));
    let header = field("authorization").unwrap_or_default();
    let mut add = |target, text: &str| seeds.extend([(target, text.into())]);
    add("query", &request.target);
    add("form_body", &body);
    add("authorization_header", &header);
    add("cookie", &field("cookie").unwrap_or_default());
    let direct = format!("{header}\n{body}");
    match request.path() {
        "/authorize" if request.method == "POST" => add("authorize_request", &format!("!{body}")),
        "/authorize" => add("authorize_request", request.query()),
        "/token" => add("token_request", &direct),
        "/introspect" => add("introspect_request", &direct),
        "/revoke" => add("revoke_request", &direct),
        _ => {}
    }
    request.query_params().all("redirect_uri").for_each(|uri| add("redirect_uri", uri));
}

fn of_answer(answer: &crate::exchange::Response, seeds: &mut Seeds) {
    let mut add = |target, bytes: Vec<u8>| seeds.extend([(target, bytes)]);
    let challenges = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
    challenges.for_each(|(_, value)| add("challenge", value.clone().into()));
    if answer.is_html() {
        return add("html_form", answer.body.clone());
    }
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(&answer.body) else { return };
    if body.get("issuer").is_some() {
        add("metadata", answer.body.clone());
    }
    let token = body.get("access_token").and_then(|token| token.as_str()).filter(|token| token.contains('.'));
    token.into_iter().for_each(|token| add("jwt", token.into()));
}

fn plain(exchange: &Exchange) -> Request {
    let request = &exchange.request;
    let rest = request.url.split_once("://").map_or(request.url.as_str(), |(_, rest)| rest);
    let headers = request.headers.iter().map(|(name, value)| (name.clone().into(), value.clone().into_bytes()));
    Request {
        method: request.method.clone(),
        target: rest.find(['/', '?']).map_or("/", |at| &rest[at..]).to_owned(),
        headers: headers.collect(),
        body: request.body.clone(),
        cleartext: false,
    }
}
