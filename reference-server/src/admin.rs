//! `/__admin`: the desk over HTTP, for tests in another language. Off unless asked for, and for this machine only.
//!
//! `POST /__admin/clock {"advance_seconds": 60}`, `POST /__admin/faults {"path": "/token", "status": 503, "times": 2}` (or
//! `"refuse": "invalid_grant"`, `"delay_ms": 500`, `"drop": true`), `DELETE /__admin/faults`, `GET /__admin/requests`.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::desk::{Desk, Fault, Harm, Logged};
use crate::{Request, Response};

/// Where it is.
pub const PATH: &str = "/__admin/";

/// Answers a request to the desk.
pub fn handle(desk: &Desk, request: &Request) -> Response {
    let answer = match (request.method.as_str(), request.path().strip_prefix(PATH)) {
        ("POST", Some("clock")) => read(request).map(|clock: Clock| {
            desk.advance(Duration::from_secs(clock.advance_seconds));
            json!({})
        }),
        ("POST", Some("faults")) => read(request).and_then(Scripted::fault).map(|fault| {
            desk.fail(fault);
            json!({})
        }),
        ("DELETE", Some("faults")) => {
            desk.heal();
            Ok(json!({}))
        }
        ("GET", Some("requests")) => Ok(desk.requests().iter().map(shown).collect()),
        _ => return Response { status: 404, ..Response::default() },
    };
    let (status, body) = match answer {
        Ok(body) => (200, body),
        Err(wrong) => (400, json!({ "error": wrong })),
    };
    Response::json(status, &body)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    advance_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scripted {
    path: String,
    status: Option<u16>,
    refuse: Option<String>,
    delay_ms: Option<u64>,
    #[serde(default)]
    drop: bool,
    times: Option<u32>,
}

impl Scripted {
    fn fault(self) -> Result<Fault, String> {
        let harms = [
            self.status.map(Harm::Status),
            self.refuse.map(Harm::Refuse),
            self.delay_ms.map(|pause| Harm::Delay(Duration::from_millis(pause))),
            self.drop.then_some(Harm::Drop),
        ];
        let mut harms = harms.into_iter().flatten();
        match (harms.next(), harms.next()) {
            (Some(harm), None) => Ok(Fault::new(&self.path, harm).times(self.times.unwrap_or(1))),
            _ => Err("a fault has one of status, refuse, delay_ms and drop".into()),
        }
    }
}

fn read<T: for<'de> Deserialize<'de>>(request: &Request) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| error.to_string())
}

/// What a test asks about most; header fields by name, so that the last of each is shown.
fn shown(logged: &Logged) -> serde_json::Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers: serde_json::Map<String, serde_json::Value> =
        logged.request.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), text(value).into())).collect();
    json!({
        "method": logged.request.method,
        "target": logged.request.target,
        "headers": headers,
        "body": text(&logged.request.body),
        "status": logged.status,
    })
}
