//! How an exchange stands in a saved run: bodies as text, and an answer or the words why none came.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Exchange, Request, Response};

/// An exchange as JSON.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Exchange")]
pub struct Written {
    /// What was sent.
    request: Asked,
    /// What came, if anything.
    response: Option<Answered>,
    /// Why no answer came.
    nothing: Option<String>,
    /// When it set out, Unix milliseconds.
    #[serde(default)]
    at_ms: u64,
    /// Milliseconds until the answer.
    took_ms: u64,
    /// How often it was sent before, when the target asked for patience (429, 503).
    #[serde(default)]
    retries: u32,
}

/// A request as JSON.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Request")]
struct Asked {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// An answer as JSON.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Response")]
struct Answered {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl From<Exchange> for Written {
    fn from(exchange: Exchange) -> Self {
        let Exchange { request, answer, at_ms, took_ms, retries } = exchange;
        let (response, nothing) = match answer {
            Answer::Response(response) => (Some(response.into()), None),
            Answer::Nothing(reason) => (None, Some(reason)),
        };
        Self { request: request.into(), response, nothing, at_ms, took_ms, retries }
    }
}

impl From<Written> for Exchange {
    fn from(written: Written) -> Self {
        let Written { request, response, nothing, at_ms, took_ms, retries } = written;
        let answer = match response {
            Some(response) => Answer::Response(response.into()),
            None => Answer::Nothing(nothing.unwrap_or_default()),
        };
        Self { request: request.into(), answer, at_ms, took_ms, retries }
    }
}

impl From<Request> for Asked {
    fn from(request: Request) -> Self {
        let body = text(request.body);
        Self { method: request.method, url: request.url, headers: request.headers, body }
    }
}

impl From<Asked> for Request {
    fn from(asked: Asked) -> Self {
        let Asked { method, url, headers, body } = asked;
        Self { endpoint: String::new(), method, url, headers, body: body.into_bytes() }
    }
}

impl From<Response> for Answered {
    fn from(response: Response) -> Self {
        Self { status: response.status, headers: response.headers, body: text(response.body) }
    }
}

impl From<Answered> for Response {
    fn from(answered: Answered) -> Self {
        Self { status: answered.status, headers: answered.headers, body: answered.body.into_bytes() }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
