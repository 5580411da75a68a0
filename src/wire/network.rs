//! The network with its limits: which origins, how fast, and by which of the two ways a request goes.

use crate::exchange::{Exchange, Handshake, Request};
use crate::target::{Pace, Tls};

use super::client::Client;
use super::handshake::{self, Offer};
use super::pace::{self, Bucket};
use super::proxy::Proxies;
use super::raw::Raw;
use super::tls::Trust;
use super::{allowed, nothing, written};

/// A way to some origins and no others.
pub struct Network {
    client: Client,
    raw: Raw,
    trust: Trust,
    bucket: Bucket,
    origins: Vec<String>,
}

/// How often a target that asks for patience is asked again.
const RETRIES: u32 = 2;

impl Network {
    pub fn new(pace: &Pace, origins: Vec<String>, tls: &Tls) -> Result<Self, String> {
        let trust = Trust::of(tls)?;
        let proxies = Proxies::of_environment(&origins)?;
        Ok(Self {
            client: Client::new(pace.timeout_ms, &trust, &proxies)?,
            raw: Raw::new(pace.timeout_ms, &trust, proxies)?,
            trust,
            bucket: Bucket::new(pace.rate),
            origins,
        })
    }

    pub fn proxy(&self, url: &str) -> Option<String> {
        self.raw.proxy(url)
    }

    pub fn is_insecure(&self) -> bool {
        self.trust.is_insecure()
    }

    pub async fn send(&self, request: &Request) -> Exchange {
        if let Err(reason) = allowed(&self.origins, &request.url) {
            return nothing(request, reason);
        }
        let mut exchange = self.once(request).await;
        for sent in 1..=RETRIES {
            let Some(pause) = pace::asked_to_wait(&exchange) else {
                break;
            };
            tokio::time::sleep(pause).await;
            exchange = Exchange { retries: sent, ..self.once(request).await };
        }
        exchange
    }

    /// The whole race is paid for before it starts, so that nothing holds back a racer.
    pub async fn together(&self, requests: &[Request]) -> Vec<Exchange> {
        let allowed = requests.iter().try_for_each(|request| allowed(&self.origins, &request.url));
        if let Err(reason) = allowed {
            let refused = |request| nothing(request, reason.clone());
            return requests.iter().map(refused).collect();
        }
        for _ in requests {
            self.bucket.take().await;
        }
        self.raw.together(requests).await
    }

    pub async fn handshake(&self, url: &str, offer: Offer) -> Result<Handshake, String> {
        allowed(&self.origins, url)?;
        self.bucket.take().await;
        let shake = async {
            let (stream, host) = self.raw.connect(url).await?;
            handshake::shake(stream, &host, offer, &self.trust).await
        };
        self.raw.bounded(shake).await
    }

    /// Ordinary requests go through the HTTP client; whatever depends on exact bytes goes raw, and what a proxy could read and change.
    async fn once(&self, request: &Request) -> Exchange {
        self.bucket.take().await;
        let readable = request.url.starts_with("http:") && self.raw.proxy(&request.url).is_some();
        match readable || written::wanted(request) {
            true => self.raw.send(request).await,
            false => self.client.send(request).await,
        }
    }
}
