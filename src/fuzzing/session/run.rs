//! One session: a provider, a clock, the witness, and a record for the report of a finding.
//!
//! `GRANTCHECK_DEFECT=name` breaks a promise of the provider, to see that the fuzzer finds it.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use reference_server::{Conduct, Config, Defect, Provider, Random, Request, Response};

use super::found::Found;
use super::witness::Witness;
use super::written::shown;
use crate::crypto::{s256, sign_request};

/// 2026-01-01, in Unix milliseconds.
pub const NOW: u64 = 1_767_225_600_000;

/// A provider with nothing issued.
pub fn provider() -> Provider {
    static CONDUCT: LazyLock<Conduct> = LazyLock::new(|| match std::env::var("GRANTCHECK_DEFECT") {
        Ok(name) => Conduct::defect(Defect::find(&name).unwrap_or_else(|| panic!("there is no defect `{name}`"))),
        Err(_) => Conduct::default(),
    });
    Provider::new(Config::built_in(), CONDUCT.clone(), Random::seeded(1))
}

static REQUESTS: AtomicU64 = AtomicU64::new(0);

/// How many requests all bodies sent so far.
pub fn requests() -> u64 {
    REQUESTS.load(Ordering::Relaxed)
}

/// Sends one request, and counts it.
pub fn ask(provider: &Provider, request: &Request, now: u64) -> Response {
    REQUESTS.fetch_add(1, Ordering::Relaxed);
    provider.handle(request, now)
}

/// What happens between a provider and everybody around it.
pub struct Session {
    provider: Provider,
    witness: Witness,
    now: u64,
    record: Vec<(u64, Request, u16)>,
}

impl Session {
    /// Nothing happened yet.
    pub fn new() -> Self {
        Self { provider: provider(), witness: Witness::new(Config::built_in()), now: NOW, record: Vec::new() }
    }

    /// Sends a request. Panics with everything that was sent when the witness objects to the answer.
    pub fn send(&mut self, request: Request) -> Response {
        self.now += 1000;
        let response = ask(&self.provider, &request, self.now);
        let objection = self.witness.see(&request, &response, self.now).err();
        self.record.push((self.now, request, response.status));
        if let Some(objection) = objection {
            panic!("{objection}\n{}{response:?}", self.record.iter().map(shown).collect::<String>());
        }
        response
    }

    /// Lets seconds pass.
    pub fn wait(&mut self, seconds: u64) {
        self.now += seconds * 1000;
    }

    /// What was issued so far.
    pub fn found(&self) -> &Found {
        &self.witness.found
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        self.provider.config()
    }

    /// Every token is tried once more: what ended has to be refused, what did not has to be good.
    pub fn end(mut self) {
        for token in self.witness.access_tokens() {
            self.send(Request::get("/resource").with("Authorization", &format!("Bearer {token}")));
        }
    }

    /// The same request from the browser that began its session last.
    pub fn with_cookie(&self, request: Request) -> Request {
        match self.found().latest("session") {
            Some(id) => request.with("Cookie", &format!("session={id}")),
            None => request,
        }
    }

    /// The path with what a signed request of now carries in its query; `{{signed}}` is its signature.
    pub fn timely(&mut self, path: &str) -> String {
        let timestamp = (self.now / 1000 + 1).to_string();
        let secret = self.provider.config().client("signed").and_then(|client| client.secret.as_deref());
        let signed = sign_request("signed", secret.unwrap_or_default().as_bytes(), &timestamp);
        self.witness.found.add("signed", &signed.authorization);
        format!("{path}?timestamp={timestamp}&token={}", signed.token)
    }

    /// The browser logs in.
    pub fn log_in(&mut self) {
        self.begin("response_type=code&client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=s");
    }

    /// An access token and a refresh token for the client `app`.
    pub fn password_grant(&mut self) {
        let form = format!("grant_type=password&username=alice&password=wonderland-4711&scope=read+write&{APP}");
        self.send(Request::post("/token", &form));
    }

    /// A code for the client `app`, with a challenge.
    pub fn code_grant(&mut self) {
        let challenge = s256(VERIFIER);
        self.begin(&format!(
            "response_type=code&client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=s&scope=read\
             &code_challenge={challenge}&code_challenge_method=S256"
        ));
        self.approve();
    }

    /// The user allows what the last page asks.
    pub fn approve(&mut self) {
        let Some(csrf) = self.found().latest("csrf").map(str::to_owned) else { return };
        let request = Request::post("/consent", &format!("csrf={csrf}&scope=read&scope=write&decision=approve"));
        let request = self.with_cookie(request);
        self.send(request);
    }

    fn begin(&mut self, query: &str) {
        self.send(Request::get(&format!("/authorize?{query}")));
        let csrf = self.found().latest("csrf").unwrap_or_default().to_owned();
        let login = Request::post("/login", &format!("csrf={csrf}&username=alice&password=wonderland-4711"));
        let login = self.with_cookie(login);
        self.send(login);
    }
}

/// A witness without a provider: it collects what a recorded session brought to light.
pub struct Observer(Witness);

impl Observer {
    /// Nothing was seen yet.
    pub fn new() -> Self {
        Self(Witness::new(Config::built_in()))
    }

    /// Looks at an answer. What the witness thinks of it does not matter here: checks also send what is not allowed.
    pub fn see(&mut self, request: &Request, response: &Response) {
        let _ = self.0.see(request, response, NOW);
    }

    /// What was issued so far.
    pub fn found(&self) -> &Found {
        &self.0.found
    }
}

/// The credentials of the client `app` in a body.
const APP: &str = "client_id=app&client_secret=app-secret-6f1d2c9a8b7e4f50";

/// The verifier of every challenge that fits.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
