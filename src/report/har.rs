//! An HTTP archive (HAR 1.2) of every exchange that the run kept: all of them where it kept its traffic, else those of what was
//! found or blocked. Browsers and proxies open it.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use super::clean::Clean;
use crate::exchange::{Answer, Exchange, Request, Response};
use crate::outcome::RunOutcome;

/// The archive.
pub fn har(clean: &Clean) -> String {
    let creator = json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") });
    let entries: Vec<Value> = kept(clean.run()).iter().map(|(name, exchange)| entry(name, exchange)).collect();
    format!("{:#}\n", json!({ "log": { "version": "1.2", "creator": creator, "entries": entries } }))
}

/// Each exchange with the name of what it was for.
fn kept(run: &RunOutcome) -> Vec<(String, &Exchange)> {
    if !run.traffic.is_empty() {
        return run.traffic.iter().map(|one| (one.check.clone(), &one.exchange)).collect();
    }
    let of = |check: &crate::outcome::CheckOutcome| check.name();
    run.checks.iter().flat_map(|check| check.exchanges.iter().map(move |exchange| (of(check), exchange))).collect()
}

fn entry(name: &str, exchange: &Exchange) -> Value {
    let Exchange { request, answer, at_ms, took_ms, retries } = exchange;
    let (response, reason) = match answer {
        Answer::Response(response) => (answered(response), None),
        Answer::Nothing(reason) => (answered(&Response::default()), Some(reason)),
    };
    let again = (*retries > 0).then(|| format!("; sent {} times", retries + 1));
    let silent = reason.map(|reason| format!("; no answer: {reason}"));
    let comment = [Some(name.to_owned()), again, silent].into_iter().flatten().collect::<String>();
    json!({
        "startedDateTime": moment(*at_ms), "time": took_ms, "request": asked(request), "response": response,
        "cache": {}, "timings": { "send": 0, "wait": took_ms, "receive": 0 }, "comment": comment,
    })
}

fn moment(unix_ms: u64) -> String {
    let moment = i64::try_from(unix_ms).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default();
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn asked(request: &Request) -> Value {
    let query = request.url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    let mut asked = json!({
        "method": request.method, "url": request.url, "httpVersion": "HTTP/1.1", "cookies": [],
        "headers": pairs(request.headers.iter().cloned()),
        "queryString": pairs(form_urlencoded::parse(query.as_bytes()).into_owned()),
        "headersSize": -1, "bodySize": request.body.len(),
    });
    if !request.body.is_empty() {
        let kind = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let kind = kind.map_or("", |(_, value)| value.as_str());
        asked["postData"] = json!({ "mimeType": kind, "text": String::from_utf8_lossy(&request.body) });
    }
    asked
}

/// Status 0 is how archives say that no answer came.
fn answered(response: &Response) -> Value {
    let kind = response.header("content-type").unwrap_or("x-unknown");
    json!({
        "status": response.status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [],
        "headers": pairs(response.headers.iter().cloned()),
        "content": { "size": response.body.len(), "mimeType": kind, "text": response.text() },
        "redirectURL": response.header("location").unwrap_or_default(), "headersSize": -1, "bodySize": response.body.len(),
    })
}

fn pairs(pairs: impl Iterator<Item = (String, String)>) -> Vec<Value> {
    pairs.map(|(name, value)| json!({ "name": name, "value": value })).collect()
}
