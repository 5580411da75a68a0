//! How a request travels. The only module that opens a socket or reads a clock.

mod client;
mod handshake;
mod hello;
mod in_process;
mod incoming;
mod kept;
mod lenient;
mod limits;
mod network;
mod pace;
mod proxy;
mod raw;
mod tls;
mod written;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use thiserror::Error;

use crate::exchange::{Answer, Exchange, Handshake, Request, Response};
use crate::target::{Pace, Target, Tls};

use handshake::Offer;
use in_process::InProcess;
use kept::Kept;
use network::Network;

pub use kept::{Caller, Heard, Timed, bytes as kept_bytes};
pub use pace::Bucket;

/// A wire that cannot be opened.
#[derive(Debug, Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct WireError(String);

/// A way for requests to travel.
pub struct Wire(Way);

enum Way {
    Network(Box<Network>),
    Kept(Box<Kept>),
    InProcess(InProcess),
}

impl Wire {
    /// A wire to the origins of a target and no others.
    pub fn to(target: &Target) -> Result<Self, WireError> {
        Self::network(&target.pace, target.origins(), &target.tls)
    }

    /// A wire to these origins and no others.
    pub fn network(pace: &Pace, origins: Vec<String>, tls: &Tls) -> Result<Self, WireError> {
        let network = Network::new(pace, origins, tls).map_err(WireError)?;
        Ok(Self(Way::Network(Box::new(network))))
    }

    /// A wire of one caller of a load to the target's origins and no others; callers share the bucket.
    pub fn kept(target: &Target, bucket: Arc<Bucket>) -> Result<Self, WireError> {
        let kept = Kept::new(target, bucket).map_err(WireError)?;
        Ok(Self(Way::Kept(Box::new(kept))))
    }

    /// How long each request of a load took, since this was asked last.
    pub fn timed(&self) -> Vec<Timed> {
        match &self.0 {
            Way::Kept(kept) => kept.timed(),
            Way::Network(_) | Way::InProcess(_) => Vec::new(),
        }
    }

    /// A wire to a provider in the process, whose clock starts at this moment (Unix milliseconds).
    pub fn in_process(provider: Arc<reference_server::Provider>, start_ms: u64) -> Self {
        Self(Way::InProcess(InProcess::new(provider, start_ms)))
    }

    /// Sends one request. What comes, or that nothing comes, is data.
    pub async fn send(&self, request: &Request) -> Exchange {
        match &self.0 {
            // Boxed, because the futures of a client and of TLS are large and stand in those of every caller.
            Way::Network(network) => Box::pin(network.send(request)).await,
            Way::Kept(kept) => Box::pin(kept.send(request)).await,
            Way::InProcess(provider) => provider.send(request),
        }
    }

    /// Sends all requests at the same instant.
    pub async fn together(&self, requests: Vec<Request>) -> Vec<Exchange> {
        match &self.0 {
            Way::Network(network) => Box::pin(network.together(&requests)).await,
            Way::Kept(kept) => Box::pin(kept.together(&requests)).await,
            Way::InProcess(provider) => provider.together(&requests),
        }
    }

    /// Agrees on TLS with the host of this URL, offering this version and these cipher suites alone, and sends nothing.
    /// `Err` says why there was no handshake to speak of.
    pub async fn handshake(&self, url: &str, version: Option<&str>, suites: Option<&str>) -> Result<Handshake, String> {
        let offer = Offer::of(version, suites)?;
        match &self.0 {
            Way::Network(network) => Box::pin(network.handshake(url, offer)).await,
            Way::Kept(_) => Err("a load makes no handshakes of its own".into()),
            Way::InProcess(provider) => Box::pin(provider.handshake(offer)).await,
        }
    }

    /// Unix milliseconds, by the clock that the target lives by.
    pub fn now_ms(&self) -> u64 {
        match &self.0 {
            Way::Network(_) | Way::Kept(_) => unix_ms(),
            Way::InProcess(provider) => provider.now_ms(),
        }
    }

    /// Lets seconds pass: the virtual clock moves, the real one is waited for.
    pub async fn wait(&self, seconds: u64) {
        match &self.0 {
            Way::Network(_) | Way::Kept(_) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            Way::InProcess(provider) => provider.advance(seconds.saturating_mul(1000)),
        }
    }

    /// Switches a user of the provider in the process off or on; other servers have their own switches.
    pub fn switch_user(&self, username: &str, on: bool) {
        if let Way::InProcess(provider) = &self.0 {
            provider.switch_user(username, on);
        }
    }

    /// The proxy on the way to a URL, as reports may show it.
    pub fn proxy(&self, url: &str) -> Option<String> {
        match &self.0 {
            Way::Network(network) => network.proxy(url),
            Way::Kept(kept) => kept.proxy(url),
            Way::InProcess(_) => None,
        }
    }

    /// Whether it puts up with a certificate that proves nothing.
    pub fn is_insecure(&self) -> bool {
        match &self.0 {
            Way::Network(network) => network.is_insecure(),
            Way::Kept(kept) => kept.is_insecure(),
            Way::InProcess(_) => false,
        }
    }

    /// Whether it is the provider in the process.
    pub fn is_in_process(&self) -> bool {
        matches!(self.0, Way::InProcess(_))
    }
}

/// Secrets travel to the target's own origins and nowhere else.
fn allowed(origins: &[String], url: &str) -> Result<(), String> {
    match url::Url::parse(url).map(|url| url.origin().ascii_serialization()) {
        Ok(origin) if origins.contains(&origin) => Ok(()),
        Ok(origin) => Err(format!("{origin} is not an origin of the target")),
        Err(error) => Err(format!("{url} is no URL: {error}")),
    }
}

/// What came of a request that set out at `started`.
fn finish(request: &Request, answer: Result<Response, String>, started: Instant) -> Exchange {
    let answer = answer.map_or_else(Answer::Nothing, Answer::Response);
    let took_ms = millis(started.elapsed());
    Exchange { at_ms: unix_ms().saturating_sub(took_ms), took_ms, ..Exchange::of(request.clone(), answer) }
}

/// A request that did not set out.
fn nothing(request: &Request, reason: String) -> Exchange {
    Exchange::of(request.clone(), Answer::Nothing(reason))
}

fn unix_ms() -> u64 {
    millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn words(error: std::io::Error) -> String {
    error.to_string()
}

/// Who asks, for the target's own logs.
const AGENT: &str = concat!("grantcheck/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
#[path = "../../tests/stubs/mod.rs"]
pub(crate) mod stubs;
#[cfg(test)]
mod tests;
