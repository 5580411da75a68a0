//! Requests of a load: each caller has connections of its own that stay open, one request after the other on each, and the
//! time of each answer is noted. Nothing is tried again, except on a connection that was closed between two requests.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::{Instant, Sleep, sleep};

use crate::exchange::{Exchange, Request, Response};
use crate::target::Target;

use super::incoming::Incoming;
use super::pace::Bucket;
use super::proxy::Proxies;
use super::raw::{Connection, Raw, write};
use super::tls::Trust;
use super::{allowed, finish, limits, millis, nothing, written};

/// Connections of one caller.
pub struct Kept {
    raw: Raw,
    bucket: Arc<Bucket>,
    origins: Vec<String>,
    insecure: bool,
    lines: Mutex<HashMap<String, Line>>,
    timed: Mutex<Vec<Timed>>,
}

/// How long one request took.
#[derive(Clone, Debug)]
pub struct Timed {
    /// The endpoint's name in the target file; empty for pages.
    pub endpoint: String,
    /// Microseconds from the first byte sent to the answer.
    pub micros: u64,
}

/// What is read of an answer of a load; the body stays where it arrived.
pub struct Heard<'a> {
    /// The status code.
    pub status: u16,
    /// The seconds of `Retry-After`.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: &'a [u8],
}

impl Kept {
    pub fn new(target: &Target, bucket: Arc<Bucket>) -> Result<Self, String> {
        let (raw, origins, insecure) = (raw(target)?, target.origins(), target.tls.insecure);
        Ok(Self { raw, bucket, origins, insecure, lines: Mutex::default(), timed: Mutex::default() })
    }

    pub fn proxy(&self, url: &str) -> Option<String> {
        self.raw.proxy(url)
    }

    pub fn is_insecure(&self) -> bool {
        self.insecure
    }

    /// Sends one request over the connection that is kept to its host.
    pub async fn send(&self, request: &Request) -> Exchange {
        if let Err(reason) = allowed(&self.origins, &request.url) {
            return nothing(request, reason);
        }
        self.bucket.take().await;
        let started = Instant::now();
        let answer = self.raw.bounded(self.attempt(request)).await;
        let timed = Timed { endpoint: request.endpoint.clone(), micros: micros(started) };
        self.timed.lock().unwrap_or_else(PoisonError::into_inner).push(timed);
        finish(request, answer, started.into_std())
    }

    /// All at the same instant, each over a new connection.
    pub async fn together(&self, requests: &[Request]) -> Vec<Exchange> {
        if let Err(reason) = requests.iter().try_for_each(|request| allowed(&self.origins, &request.url)) {
            return requests.iter().map(|request| nothing(request, reason.clone())).collect();
        }
        for _ in requests {
            self.bucket.take().await;
        }
        self.raw.together(requests).await
    }

    /// What was timed since this was asked last.
    pub fn timed(&self) -> Vec<Timed> {
        std::mem::take(&mut *self.timed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn attempt(&self, request: &Request) -> Result<Response, String> {
        let bytes = bytes(request)?;
        let host = written::split(&request.url).0.to_owned();
        let kept = self.lines.lock().unwrap_or_else(PoisonError::into_inner).remove(&host);
        let mut line = kept.unwrap_or_default();
        line.send(&self.raw, &request.url, &bytes).await?;
        let response = line.incoming()?.response(&request.method).await?;
        let open = |response: &Response| {
            let closes = response.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
            let framed = ["content-length", "transfer-encoding"].iter().any(|name| response.header(name).is_some());
            !closes && (framed || matches!(response.status, 204 | 304))
        };
        if open(&response) && request.method != "HEAD" {
            self.lines.lock().unwrap_or_else(PoisonError::into_inner).insert(host, line);
        }
        Ok(response)
    }
}

/// Connections that go where and as the target file says.
fn raw(target: &Target) -> Result<Raw, String> {
    let proxies = Proxies::of_environment(&target.origins())?;
    Raw::new(target.pace.timeout_ms, &Trust::of(&target.tls)?, proxies)
}

/// A request as bytes, for a connection that stays open.
pub fn bytes(request: &Request) -> Result<Vec<u8>, String> {
    let mut request = request.clone();
    if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("connection")) {
        request.headers.push(("Connection".into(), "keep-alive".into()));
    }
    written::bytes(&request)
}

/// Requests that hardly differ, over one connection: the quick way, for a load of one kind.
pub struct Caller {
    raw: Raw,
    url: String,
    line: Line,
    /// Bytes of the answer before that are still in the buffer.
    used: usize,
    /// When the answer is late.
    late: Option<Pin<Box<Sleep>>>,
}

impl Caller {
    /// A caller of the host of this request, which has to be on one of the target's origins.
    pub fn new(target: &Target, request: &Request) -> Result<Self, String> {
        allowed(&target.origins(), &request.url)?;
        Ok(Self { raw: raw(target)?, url: request.url.clone(), line: Line::default(), used: 0, late: None })
    }

    /// Sends a request and waits for its answer. `Err` says why none came.
    pub async fn ask(&mut self, bytes: &[u8]) -> Result<Heard<'_>, String> {
        let timeout = self.raw.timeout();
        // To put one timer off again and again costs less than to set one for each answer.
        let mut late = self.late.take().unwrap_or_else(|| Box::pin(sleep(timeout)));
        late.as_mut().reset(Instant::now() + timeout);
        let heard = tokio::select! {
            biased;
            heard = self.exchange(bytes) => heard,
            () = &mut late => Err("no answer in time".into()),
        };
        self.late = Some(late);
        let head = match heard {
            Ok(head) => head,
            Err(reason) => {
                self.hang_up();
                return Err(reason);
            }
        };
        let whole = self.line.0.as_ref().map_or(&[][..], |incoming| &incoming.buffer);
        self.used = head.end;
        if head.closes {
            self.line.1 = true;
        }
        Ok(Heard { status: head.status, retry_after: head.retry_after, body: &whole[head.length..head.end] })
    }

    async fn exchange(&mut self, bytes: &[u8]) -> Result<Head, String> {
        if self.line.1 {
            self.hang_up();
        }
        if let Some(incoming) = &mut self.line.0 {
            incoming.buffer.drain(..self.used);
        }
        self.used = 0;
        self.line.send(&self.raw, &self.url, bytes).await?;
        self.line.incoming()?.brief().await
    }

    fn hang_up(&mut self) {
        self.line = Line::default();
        self.used = 0;
    }
}

/// A connection, once it is open, and whether it has to be closed.
#[derive(Default)]
struct Line(Option<Incoming<Connection>>, bool);

impl Line {
    /// Sends over the open connection, or over a new one when that was closed in the meantime; then waits for the first bytes.
    async fn send(&mut self, raw: &Raw, url: &str, bytes: &[u8]) -> Result<(), String> {
        if let Some(incoming) = &mut self.0
            && incoming.buffer.is_empty()
            && write(&mut incoming.stream, bytes).await.is_ok()
            && incoming.more().await.unwrap_or(false)
        {
            return Ok(());
        }
        let mut incoming = Incoming::from(raw.open(url).await?);
        write(&mut incoming.stream, bytes).await?;
        let more = incoming.more().await?;
        self.0 = Some(incoming);
        if more { Ok(()) } else { Err("the connection was closed without an answer".into()) }
    }

    fn incoming(&mut self) -> Result<&mut Incoming<Connection>, String> {
        self.0.as_mut().ok_or_else(|| "the connection is not open".into())
    }
}

/// Where things are in the buffer.
struct Head {
    status: u16,
    retry_after: Option<u64>,
    closes: bool,
    length: usize,
    end: usize,
}

impl Incoming<Connection> {
    /// The next answer, left in the buffer.
    async fn brief(&mut self) -> Result<Head, String> {
        let mut seen = loop {
            match fields(&self.buffer)? {
                Some(seen) if seen.head.status / 100 == 1 => drop(self.buffer.drain(..seen.head.length)),
                Some(seen) => break seen,
                None if self.buffer.len() > limits::HEAD => return Err("the head of the answer does not end".into()),
                None => {}
            }
            if !self.more().await? {
                return Err("the head of the answer is cut short".into());
            }
        };
        let Some(body) = seen.body else { return self.unframed(seen.head).await };
        seen.head.end = seen.head.length + body.min(limits::BODY);
        while self.buffer.len() < seen.head.end {
            if !self.more().await? {
                return Err("the body is cut short".into());
            }
        }
        Ok(seen.head)
    }

    /// A body without a length: it is put together behind its head.
    async fn unframed(&mut self, mut head: Head) -> Result<Head, String> {
        let response = self.response("POST").await?;
        let rest = std::mem::take(&mut self.buffer);
        self.buffer = vec![0; head.length];
        self.buffer.extend(&response.body);
        head.end = self.buffer.len();
        self.buffer.extend(rest);
        head.closes |= response.header("transfer-encoding").is_none();
        Ok(head)
    }
}

/// A head, and the length of its body where it says one.
struct Seen {
    head: Head,
    body: Option<usize>,
}

fn fields(buffer: &[u8]) -> Result<Option<Seen>, String> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Response::new(&mut fields);
    let length = match parsed.parse(buffer) {
        Ok(httparse::Status::Partial) => return Ok(None),
        Ok(httparse::Status::Complete(length)) => length,
        Err(error) => return Err(format!("the answer is no HTTP: {error}")),
    };
    let status = parsed.code.unwrap_or(0);
    let mut seen = Seen {
        head: Head { status, retry_after: None, closes: parsed.version == Some(0), length, end: 0 },
        body: None,
    };
    let mut chunked = false;
    for field in parsed.headers.iter() {
        let is = |name: &str| field.name.eq_ignore_ascii_case(name);
        match field.name.len() {
            10 if is("connection") => seen.head.closes |= field.value.eq_ignore_ascii_case(b"close"),
            11 if is("retry-after") => seen.head.retry_after = number(field.value),
            14 if is("content-length") => seen.body = number(field.value).and_then(|size| usize::try_from(size).ok()),
            17 if is("transfer-encoding") => chunked = true,
            _ => {}
        }
    }
    seen.body = if matches!(status, 204 | 304) { Some(0) } else { seen.body.filter(|_| !chunked) };
    Ok(Some(seen))
}

fn number(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

fn micros(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or_else(|_| millis(started.elapsed()))
}
