//! What travelled: requests, answers, redirects and what the browser made of them. Plain data shared by
//! wire, engine, judge and reports. Secrets in here are redacted by the reports, not here.

mod written;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use written::Written;

/// One request as it is to be sent. Header and body bytes are final; the wire adds only `Host`, `User-Agent`, `Accept`,
/// `Content-Length` and connection management, and none that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The endpoint's name in the target file, if it is one (`token`), else empty.
    pub endpoint: String,
    /// The method.
    pub method: String,
    /// The absolute URL, byte for byte as it is sent.
    pub url: String,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The wire cuts longer bodies here.
pub const BODY_LIMIT: usize = 1 << 20;

/// So much is kept of a body once it was judged, unless it is JSON.
pub const KEPT_LIMIT: usize = 64 << 10;

/// One answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header fields in order, names in lower case, values read as Latin-1 when they are not UTF-8.
    pub headers: Vec<(String, String)>,
    /// The body, cut at the wire's limit.
    pub body: Vec<u8>,
}

/// What came of a request. "No answer" is an observation, never an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP answer.
    Response(Response),
    /// None, and why: refused connection, timeout, TLS, closed early, unreadable, too large.
    Nothing(String),
}

/// A request, what came of it, when, and how long it took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Written", into = "Written")]
#[schemars(with = "Written")]
pub struct Exchange {
    /// What was sent.
    pub request: Request,
    /// What came.
    pub answer: Answer,
    /// When it set out, Unix milliseconds by the clock that the target lives by.
    pub at_ms: u64,
    /// Milliseconds from the first byte sent to the answer.
    pub took_ms: u64,
    /// How often it was sent before, when the target asked for patience (429, 503).
    pub retries: u32,
}

/// The hop that leaves the target: where the browser would go next. It is never requested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirect {
    /// The URL as the target wrote it.
    pub url: String,
    /// The URL as a browser reads it (WHATWG), resolved against the request; empty when it cannot be read.
    pub read: String,
    /// `header`, `refresh`, `meta`, `form_post` or `script`; `link` when the user had to follow one.
    pub via: String,
    /// Posted parameters of `form_post`.
    pub form: Vec<(String, String)>,
}

/// What came of a handshake: TLS without a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handshake {
    /// The version that the target agreed to, `3.0` (SSL), `1.0` to `1.3`; none when it refused.
    pub agreed: Option<String>,
    /// The cipher suite that it chose, by its number, `0xc02f`.
    pub suite: Option<String>,
    /// Whether its certificate proves that it is the host that was asked; none when that was not looked at.
    pub trusted: Option<bool>,
}

/// What one execution of a step saw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// All exchanges, in order; the last one is judged.
    pub exchanges: Vec<Exchange>,
    /// The redirect that left the target, if any.
    pub redirect: Option<Redirect>,
    /// Whether a page other than a login was answered: the user had a say in what the client may do.
    pub asked: bool,
    /// What came of the handshake of a `tls` step.
    pub handshake: Option<Handshake>,
    /// What the login driver could not do, or why there was no handshake, in words, if it got stuck.
    pub stuck: Option<String>,
    /// The values of all names when the step had acted.
    pub values: BTreeMap<String, String>,
}

impl Exchange {
    /// What is kept of it for watchers and reports. A run has thousands of them, and a hostile target makes each as large
    /// as the wire lets it; JSON is kept whole, because half of it is none.
    pub fn kept(&self) -> Self {
        let mut kept = self.clone();
        if let Answer::Response(response) = &mut kept.answer
            && !response.header("content-type").is_some_and(|media| media.contains("json"))
        {
            response.body.truncate(KEPT_LIMIT);
            response.body.shrink_to_fit();
        }
        kept
    }

    /// An exchange outside of time.
    pub fn of(request: Request, answer: Answer) -> Self {
        Self { request, answer, at_ms: 0, took_ms: 0, retries: 0 }
    }
}

impl Observation {
    /// The last answer, if any came.
    pub fn response(&self) -> Option<&Response> {
        match self.exchanges.last()?.answer {
            Answer::Response(ref response) => Some(response),
            Answer::Nothing(_) => None,
        }
    }
}

impl Response {
    /// The first header field of this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether the target asks for patience: too many requests, or out of service.
    pub fn puts_off(&self) -> bool {
        matches!(self.status, 429 | 503)
    }

    /// The seconds of `Retry-After`; none when it names a date or is not there.
    pub fn retry_after(&self) -> Option<u64> {
        self.header("retry-after")?.trim().parse().ok()
    }

    /// Whether the body reached the wire's limit and may have been cut there.
    pub fn is_cut(&self) -> bool {
        self.body.len() >= BODY_LIMIT
    }

    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether the content type is HTML.
    pub fn is_html(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
    }
}
