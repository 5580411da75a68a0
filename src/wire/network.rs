//! The network with its limits: which origins, how fast, and by which of the two ways a request goes.

use crate::exchange::{Exchange, Request};
use crate::target::Pace;

use super::client::Client;
use super::pace::{self, Bucket};
use super::raw::Raw;
use super::{allowed, nothing, tls, written};

/// A way to some origins and no others.
pub struct Network {
    client: Client,
    raw: Raw,
    bucket: Bucket,
    origins: Vec<String>,
}

/// How often a target that asks for patience is asked again.
const RETRIES: usize = 2;

impl Network {
    pub fn new(pace: &Pace, origins: Vec<String>) -> Result<Self, String> {
        Ok(Self {
            client: Client::new(pace.timeout_ms)?,
            raw: Raw::new(pace.timeout_ms, tls::configuration()?),
            bucket: Bucket::new(pace.rate),
            origins,
        })
    }

    pub async fn send(&self, request: &Request) -> Exchange {
        if let Err(reason) = allowed(&self.origins, request) {
            return nothing(request, reason);
        }
        let mut exchange = self.once(request).await;
        for _ in 0..RETRIES {
            let Some(pause) = pace::asked_to_wait(&exchange) else {
                break;
            };
            tokio::time::sleep(pause).await;
            exchange = self.once(request).await;
        }
        exchange
    }

    /// The whole race is paid for before it starts, so that nothing holds back a racer.
    pub async fn together(&self, requests: &[Request]) -> Vec<Exchange> {
        let allowed = requests.iter().try_for_each(|request| allowed(&self.origins, request));
        if let Err(reason) = allowed {
            let refused = |request| nothing(request, reason.clone());
            return requests.iter().map(refused).collect();
        }
        for _ in requests {
            self.bucket.take().await;
        }
        self.raw.together(requests).await
    }

    /// Ordinary requests go through the HTTP client; whatever depends on exact bytes goes raw.
    async fn once(&self, request: &Request) -> Exchange {
        self.bucket.take().await;
        match written::wanted(request) {
            true => self.raw.send(request).await,
            false => self.client.send(request).await,
        }
    }
}
