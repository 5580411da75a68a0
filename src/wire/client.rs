//! Ordinary requests, by reqwest. Nothing is followed, stored, decompressed or sent through a proxy here.

use std::time::{Duration, Instant};

use crate::exchange::{Exchange, Request, Response};

use super::{AGENT, finish, limits};

/// One client for all requests.
pub struct Client {
    client: reqwest::Client,
}

impl Client {
    /// A client that trusts this authority (PEM) besides the system's roots.
    pub fn new(timeout_ms: u64, authority: Option<&str>) -> Result<Self, String> {
        let extra = authority.map(|pem| reqwest::Certificate::from_pem_bundle(pem.as_bytes())).transpose();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_millis(timeout_ms))
            .pool_idle_timeout(IDLE)
            .http1_max_headers(limits::FIELDS)
            .user_agent(AGENT)
            .tls_certs_merge(extra.map_err(|error| words(&error))?.unwrap_or_default())
            .build()
            .map_err(|error| words(&error))?;
        Ok(Self { client })
    }

    pub async fn send(&self, request: &Request) -> Exchange {
        let started = Instant::now();
        let answer = self.attempt(request).await;
        finish(request, answer, started)
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
        read(builder.send().await.map_err(|error| words(&error))?).await
    }
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
