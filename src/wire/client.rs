//! Ordinary requests, by reqwest, over HTTP/2 where the target prefers it. Nothing is followed, stored or decompressed here.

use std::time::{Duration, Instant};

use crate::exchange::{Exchange, Request, Response};

use super::proxy::{Proxies, Proxy};
use super::tls::{self, Trust};
use super::{AGENT, finish, limits};

/// One client for all requests.
pub struct Client {
    client: reqwest::Client,
    proxies: Proxies,
}

impl Client {
    /// A client that trusts these authorities and goes through these proxies.
    pub fn new(timeout_ms: u64, trust: &Trust, proxies: &Proxies) -> Result<Self, String> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_millis(timeout_ms))
            .pool_idle_timeout(IDLE)
            .http1_max_headers(limits::FIELDS)
            .user_agent(AGENT)
            .tls_backend_preconfigured(trust.client(tls::EITHER)?);
        let builder = proxies.iter().fold(builder, |builder, (origin, proxy)| builder.proxy(through(origin, proxy)));
        Ok(Self { client: builder.build().map_err(|error| words(&error))?, proxies: proxies.clone() })
    }

    pub async fn send(&self, request: &Request) -> Exchange {
        let started = Instant::now();
        let answer = self.attempt(request).await;
        finish(request, answer, started)
    }

    /// Where a proxy is on the way, it may be at fault.
    fn words(&self, error: &reqwest::Error, url: &str) -> String {
        match self.proxies.before(url).filter(|_| error.is_connect()) {
            Some(proxy) => format!("{} (through the proxy {})", words(error), proxy.name()),
            None => words(error),
        }
    }

    async fn attempt(&self, request: &Request) -> Result<Response, String> {
        let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|error| error.to_string())?;
        let mut builder = self.client.request(method, &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value.as_bytes());
        }
        if !request.body.is_empty() || request.method == "POST" {
            builder = builder.body(request.body.clone());
        }
        let sent = builder.send().await;
        read(sent.map_err(|error| self.words(&error, &request.url))?).await
    }
}

/// A proxy for one origin; all the others are reached without it.
fn through(origin: &str, proxy: &Proxy) -> reqwest::Proxy {
    let (origin, url) = (origin.to_owned(), proxy.url.clone());
    let custom = reqwest::Proxy::custom(move |to| (to.origin().ascii_serialization() == origin).then(|| url.clone()));
    proxy.authorization.iter().fold(custom, |custom, value| custom.custom_http_auth(value.clone()))
}

/// Shorter than servers keep idle connections, so that none is reused that the target is just closing.
const IDLE: Duration = Duration::from_secs(2);

async fn read(mut answer: reqwest::Response) -> Result<Response, String> {
    let fields = answer.headers().iter();
    let headers: Vec<(String, String)> =
        fields.map(|(name, value)| (name.as_str().to_owned(), limits::text(value.as_bytes()))).collect();
    if headers.len() > limits::FIELDS {
        return Err(format!("the answer has {} header fields", headers.len()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| words(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() >= limits::BODY {
            body.truncate(limits::BODY);
            break;
        }
    }
    Ok(Response { status: answer.status().as_u16(), headers, body })
}

/// The innermost cause says most.
fn words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
