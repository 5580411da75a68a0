//! Requests that can be made only once, for the provider in the process: each needs a code, a token or a signature of its own.

use std::sync::Arc;

use grantcheck::crypto::sign_request;
use grantcheck::engine::{self, Session};
use grantcheck::modes::reference;
use grantcheck::modes::threads::on_this_thread;
use grantcheck::plan::{Plan, Planned, plan};
use grantcheck::scenario::{Check, Suite};
use grantcheck::target::Target;
use grantcheck::wire::Wire;
use reference_server::{Conduct, Config, Provider, Random, Request, Response};

/// 2026-01-01 in Unix milliseconds.
pub const START: u64 = 1_767_225_600_000;
const APP: &str = "client_id=app&client_secret=app-secret-6f1d2c9a8b7e4f50";
const SIGNED: (&str, &[u8]) = ("signed", b"signed-secret-3132333435363738393031323334");
/// One signed request every two milliseconds: fewer than the provider remembers.
const SIGNED_STEP_MS: u64 = 2;

/// How a request that can be made once is made, and when it is sent.
type Make = fn(&mut Stock) -> (Request, u64);

/// What is measured with a request of its own each time.
pub const ONCE: &[(&str, Make)] = &[
    ("code redemption", Stock::code),
    ("refresh", Stock::refresh),
    ("implicit grant of the classic dialect", Stock::implicit),
    ("signed request", Stock::signed),
    ("introspection", Stock::introspection),
];

/// A provider, and what was obtained from it.
pub struct Stock {
    provider: Arc<Provider>,
    target: Target,
    wire: Wire,
    code: Plan,
    made: u64,
    token: String,
}

impl Stock {
    /// A provider with nothing issued.
    pub fn new() -> Self {
        let target = reference();
        let issuer = target.issuer.clone().unwrap_or_default();
        let provider = Provider::new(Config { issuer, ..Config::default() }, Conduct::default(), Random::os());
        let provider = Arc::new(provider);
        let issued = accepted(provider.handle(&client_credentials(), START));
        let token = member(&issued, "access_token");
        let wire = Wire::in_process(provider.clone(), START);
        Self { provider, code: planned("code-only", &target), target, wire, made: 0, token }
    }

    /// The provider.
    pub fn provider(&self) -> Arc<Provider> {
        self.provider.clone()
    }

    fn code(&mut self) -> (Request, u64) {
        self.made += 1;
        let session = Session { wire: &self.wire, target: &self.target, seed: self.made, slow: false };
        let transcript = on_this_thread(engine::run(&self.code, None, session));
        let values = &transcript.steps.last().expect("a step").observations.last().expect("an answer").values;
        let (code, verifier) = (&values["code"], transcript_value(values, "pkce.verifier"));
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code_verifier={verifier}"
        );
        (with_basic(&form), START)
    }

    fn refresh(&mut self) -> (Request, u64) {
        let (request, now) = self.code();
        let token = member(&accepted(self.provider.handle(&request, now)), "refresh_token");
        (with_basic(&format!("grant_type=refresh_token&refresh_token={token}")), now)
    }

    fn implicit(&mut self) -> (Request, u64) {
        let target = "/oauth/authorize/v1?client_id=app&response_type=token&username=alice&password=wonderland-4711";
        (Request::get(target), START)
    }

    fn signed(&mut self) -> (Request, u64) {
        self.made += SIGNED_STEP_MS;
        let now = START + self.made;
        let timestamp = format!("{}.{:03}", now / 1000, now % 1000);
        let signed = sign_request(SIGNED.0, SIGNED.1, &timestamp);
        let target = format!("/token?timestamp={timestamp}&token={}", signed.token);
        let request = Request::post(&target, "grant_type=client_credentials");
        (request.with("Authorization", &signed.authorization), now)
    }

    fn introspection(&mut self) -> (Request, u64) {
        (Request::post("/introspect", &format!("{APP}&token={}", self.token)), START)
    }
}

/// A request for a token of the client's own.
pub fn client_credentials() -> Request {
    Request::post("/token", &format!("grant_type=client_credentials&scope=read&{APP}"))
}

/// The answer, which has to be one of success.
pub fn accepted(response: Response) -> Response {
    assert!(matches!(response.status, 200 | 302 | 303), "{}", String::from_utf8_lossy(&response.body));
    response
}

fn with_basic(form: &str) -> Request {
    Request::post("/token", form).with("Authorization", "Basic YXBwOmFwcC1zZWNyZXQtNmYxZDJjOWE4YjdlNGY1MA==")
}

fn member(response: &Response, name: &str) -> String {
    let document: serde_json::Value = serde_json::from_slice(&response.body).expect("JSON");
    document[name].as_str().expect("a text").to_owned()
}

fn transcript_value<'v>(values: &'v std::collections::BTreeMap<String, String>, name: &str) -> &'v str {
    values.get(name).map_or("", String::as_str)
}

fn planned(flow: &str, target: &Target) -> Plan {
    let text = format!("title = \"\"\nwhy = \"\"\nfix = \"\"\n[[step]]\nuse = \"{flow}\"\n");
    let check = Check::parse("bench".into(), text).expect("the check is right");
    match plan(&Arc::new(check), &Suite::embedded().expect("the suite loads"), target) {
        Planned::Runs(plan) => plan,
        Planned::Skipped(reason) => panic!("{reason}"),
    }
}
