//! One step: what is done, as whom, what is made before and expected after. Plain data.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::expect::Expect;
use super::make::Maker;
use super::params::Params;

/// One step. Exactly one of `use`, `authorize`, `send`, `tls`, `wait`, `hook` or none of them (then only `make` and `expect`).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The name other parts refer to (`vary.at`, `vary.judge`); for `use`, also the prefix of all it captures.
    pub id: Option<String>,
    /// What happens, for the reader of a report.
    pub name: Option<String>,
    /// The client role this step acts as.
    #[serde(rename = "as")]
    pub role: Option<String>,
    /// The user who logs in; `default` unless given.
    pub user: Option<String>,
    /// The browser (cookie jar) that is used; `main` unless given. Each starts empty.
    pub browser: Option<String>,
    /// A step of the check itself that is set-up or control: a violation blocks.
    #[serde(default)]
    pub control: bool,
    /// Set-up whose failure means that the target does not offer what the check is about, and what that is: the check
    /// is skipped with these words, not blocked.
    pub or_skip: Option<String>,
    /// The answer to this registration (RFC 7591) makes a client of this role, for the steps that follow.
    pub registers: Option<String>,
    /// Runs a flow as set-up.
    #[serde(rename = "use")]
    pub flow: Option<String>,
    /// Parameters of the flow.
    #[serde(default)]
    pub with: IndexMap<String, String>,
    /// Opens the authorization endpoint as a browser does.
    pub authorize: Option<Authorize>,
    /// Sends one request.
    pub send: Option<Send>,
    /// Agrees on TLS with the host of an endpoint and sends nothing.
    pub tls: Option<Tls>,
    /// Lets time pass.
    pub wait: Option<Wait>,
    /// Changes something at the server itself, by a command of the target file.
    pub hook: Option<Hook>,
    /// Values made before the step acts, in order, `{{NAME}}` or `{{NAME.part}}`.
    #[serde(default)]
    pub make: IndexMap<String, Maker>,
    /// How often the step is done.
    pub repeat: Option<u32>,
    /// All repetitions at the same instant: a race.
    #[serde(default)]
    pub together: bool,
    /// Another request in the middle of a race; when it is not accepted (2xx) the race is blocked.
    pub beside: Option<Send>,
    /// Repeats until this holds, at most `repeat` times.
    pub until: Option<Expect>,
    /// What must hold; in a set-up step a violation blocks.
    pub expect: Option<Expect>,
    /// What is warned about.
    pub should: Option<Expect>,
    /// Values taken from the answer: name = selector. A missing value stops the run.
    #[serde(default)]
    pub capture: IndexMap<String, String>,
}

impl Step {
    /// How many verbs it has; one at most is right.
    pub fn verbs(&self) -> usize {
        let verbs = [
            self.flow.is_some(),
            self.authorize.is_some(),
            self.send.is_some(),
            self.tls.is_some(),
            self.wait.is_some(),
            self.hook.is_some(),
        ];
        verbs.into_iter().filter(|verb| *verb).count()
    }

    /// Whether the check itself calls this step set-up.
    pub fn is_set_up(&self) -> bool {
        self.control || self.or_skip.is_some()
    }
}

/// An authorization request as a browser makes it: the login driver logs in and answers the consent,
/// and stops at the redirect to the client, which is never requested, or at a page with nothing to answer.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authorize {
    /// Another page of the target in place of the authorization endpoint: an address (`{{verification_uri}}`).
    pub to: Option<String>,
    /// What is typed where a page asks for the code of a device (RFC 8628).
    pub user_code: Option<String>,
    /// The request parameters; the target's own extra ones are added unless they are here.
    #[serde(default)]
    pub query: Params,
    /// A whole raw query in place of `query`, sent byte for byte.
    pub raw_query: Option<String>,
    /// `GET` (default) or `POST` (parameters in the body).
    pub method: Option<String>,
    /// How far the browser goes.
    #[serde(default)]
    pub until: Until,
    /// What the user answers on the consent page.
    #[serde(default)]
    pub consent: Consent,
    /// The scopes the user leaves ticked, for a page that lets them choose.
    pub approve_scopes: Option<Vec<String>>,
    /// Another password than the user's.
    pub password: Option<String>,
    /// The consent page is answered as another site would do it: without the hidden fields, from a foreign origin, and
    /// without the cookies that `SameSite` keeps back.
    #[serde(default)]
    pub forged: bool,
    /// Keeps the cookies that an answer takes back, as somebody would who copied them on the way.
    #[serde(default)]
    pub hoards: bool,
    /// Put in place of every hidden field of a login page that holds an address or a path.
    pub detour: Option<String>,
    /// Begins with the cookies of this other browser, as if it had planted them in this one.
    pub cookies_of: Option<String>,
    /// Goes on from the page at which this other browser stopped, with the cookies of this one.
    pub page_of: Option<String>,
}

/// How far an `authorize` step goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Until {
    /// To the redirect, through login and consent.
    #[default]
    Redirect,
    /// To the first page that is shown (redirects on the target's own origin are followed).
    Page,
    /// To the consent page, through login.
    Consent,
}

/// What the user answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    /// Yes.
    #[default]
    Approve,
    /// No.
    Deny,
}

/// One request.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// An endpoint of the target (`token`, `introspection`, `revocation`, `metadata`, `resource`, ...), or a URL.
    pub to: String,
    /// `POST` when there is a body, else `GET`.
    pub method: Option<String>,
    /// How the client of this step authenticates; `none` unless given.
    #[serde(default)]
    pub auth: Auth,
    /// Other credentials than the client's own, sent by the same method.
    pub credentials: Option<Credentials>,
    /// A bearer token for the `Authorization` header.
    pub bearer: Option<String>,
    /// Query parameters.
    #[serde(default)]
    pub query: Params,
    /// A raw query in place of `query`.
    pub raw_query: Option<String>,
    /// Header fields.
    #[serde(default)]
    pub header: Params,
    /// A form body.
    #[serde(default)]
    pub form: Params,
    /// A JSON body, as text.
    pub json: Option<String>,
    /// A body byte for byte (`\\xNN` stands for one byte); its content type is a header of the step.
    pub raw: Option<String>,
    /// Leaves out the client's own cookies and follows nothing (the default); `true` sends the browser's cookies.
    #[serde(default)]
    pub cookies: bool,
}

/// How a request is authenticated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// The way the target file says for this client; a public client names itself in the body.
    Client,
    /// HTTP Basic.
    Basic,
    /// `client_id` and `client_secret` in the body.
    Post,
    /// Only `client_id` in the body.
    Id,
    /// A TOTP and HMAC-SHA1 signed request.
    Signed,
}

/// Credentials in place of the client's own. What is left out stays the client's.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The client identifier.
    pub id: Option<String>,
    /// The client secret.
    pub secret: Option<String>,
}

/// A handshake without a request. What is offered is all that is offered.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// An endpoint of the target, or a URL.
    pub to: String,
    /// The version, `3.0` (SSL) or `1.0` to `1.3`; 1.2 and 1.3 unless given.
    pub version: Option<String>,
    /// A family of cipher suites, with TLS 1.2 or older: `strong`, `static` (without forward secrecy), `null`, `anonymous`, `export`,
    /// `rc4`, `des`; what the version is known for unless given.
    pub suites: Option<String>,
}

/// Lets time pass: the clock of the provider in the process is moved, another target is waited for (`--slow`).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// Seconds, a number or a template.
    pub seconds: String,
    /// Further seconds.
    #[serde(default)]
    pub plus: u32,
}

/// A change at the server for the user of the step, and how it is undone when the run is over, whatever came of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// The name in `[hooks]` of the target file.
    pub run: String,
    /// The name of the one that undoes it.
    pub undo: Option<String>,
}
