//! Requests to the provider in the process: no socket, and a clock that moves only when told.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};

use reference_server::Provider;
use reference_server::tls::Tls;

use crate::exchange::{Answer, Exchange, Handshake, Request, Response};

use super::handshake::{self, Offer};
use super::tls::Trust;
use super::written;

/// A provider and its clock.
pub struct InProcess {
    provider: Arc<Provider>,
    now_ms: AtomicU64,
}

impl InProcess {
    pub fn new(provider: Arc<Provider>, start_ms: u64) -> Self {
        let now_ms = AtomicU64::new(start_ms);
        Self { provider, now_ms }
    }

    pub fn now_ms(&self) -> u64 {
        self.now_ms.load(Ordering::Relaxed)
    }

    pub fn advance(&self, millis: u64) {
        self.now_ms.fetch_add(millis, Ordering::Relaxed);
    }

    pub fn switch_user(&self, username: &str, on: bool) {
        self.provider.switch_user(username, on);
    }

    pub fn send(&self, request: &Request) -> Exchange {
        let handled = catch_unwind(AssertUnwindSafe(|| self.handle(request)));
        let (answer, took_ms) = match handled {
            Ok((response, took_ms)) => (Answer::Response(response), took_ms),
            Err(payload) => (Answer::Nothing(panicked(payload.as_ref())), 0),
        };
        Exchange { at_ms: self.now_ms(), took_ms, ..Exchange::of(request.clone(), answer) }
    }

    /// Both ends of a stream in the process.
    pub async fn handshake(&self, offer: Offer) -> Result<Handshake, String> {
        let host = written::host(&self.provider.config().issuer);
        let tls = Tls::new(&host, self.provider.conduct().clone()).map_err(|error| error.to_string())?;
        let trust = Trust::only(tls.authority())?;
        let (near, far) = tokio::io::duplex(STREAM);
        let (seen, _) = tokio::join!(handshake::shake(near, &host, offer, &trust), tls.accept(far));
        seen
    }

    /// One thread a request, released by a barrier.
    pub fn together(&self, requests: &[Request]) -> Vec<Exchange> {
        let barrier = Barrier::new(requests.len());
        let race = |request| {
            barrier.wait();
            self.send(request)
        };
        std::thread::scope(|scope| {
            let start = |request| scope.spawn(move || race(request));
            let racers: Vec<_> = requests.iter().map(start).collect();
            let answers = racers.into_iter().map(|racer| racer.join());
            answers
                .zip(requests)
                .map(|(answer, request)| answer.unwrap_or_else(|payload| lost(request, &*payload)))
                .collect()
        })
    }

    /// The answer, and the milliseconds that the provider says it took: it has no time of its own.
    fn handle(&self, request: &Request) -> (Response, u64) {
        let fields = request.headers.iter();
        let asked = reference_server::Request {
            method: request.method.clone(),
            target: written::split(&request.url).1,
            headers: fields.map(|(name, value)| (name.clone().into(), value.clone().into_bytes())).collect(),
            body: request.body.clone(),
            cleartext: request.url.starts_with("http:") && self.provider.config().issuer.starts_with("https:"),
        };
        let response = self.provider.handle(&asked, self.now_ms());
        let fields = response.headers.into_iter();
        let answer = Response {
            status: response.status,
            headers: fields.map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned())).collect(),
            body: response.body,
        };
        (answer, response.stall_ms)
    }
}

/// More bytes than a handshake has in one direction.
const STREAM: usize = 64 << 10;

fn lost(request: &Request, payload: &(dyn Any + Send)) -> Exchange {
    Exchange::of(request.clone(), Answer::Nothing(panicked(payload)))
}

fn panicked(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    match text {
        Some(text) => format!("the provider panicked: {text}"),
        None => "the provider panicked".into(),
    }
}
