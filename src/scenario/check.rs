//! What a check file, a flow file and their steps look like. Plain data: nothing here loads, lints or runs.
//!
//! All tables are closed. Enums are tagged by table name and the shorthands of predicates and parameters
//! have visitors of their own, so that `toml` can put its caret on the right line.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::expect::Expect;
use super::make::Maker;
use super::params::Params;
use crate::edit::Edit;

/// One check: a TOML file below `scenarios/`. Its path is its id.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckFile {
    /// The fact that holds on a conforming server, in one sentence.
    pub title: String,
    /// Catalogue rows that this check covers; level, section and defects come from there.
    #[serde(default)]
    pub covers: Vec<String>,
    /// What the target must offer, in the words of `requirements/needs*.toml`.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Why the rule matters.
    pub why: String,
    /// How a server is mended.
    pub fix: String,
    /// The client role whose values `{{client.*}}` has; `confidential` unless given.
    pub client: Option<String>,
    /// Overrides what the steps tell: whether a refusal or an acceptance is judged.
    pub kind: Option<Kind>,
    /// The setting of the provider in the process that the check is about; other targets are taken as they are.
    pub provider: Option<Setting>,
    /// How often the whole check runs before it counts as passed (races); 1 unless given.
    pub rounds: Option<u32>,
    /// Defects besides those of the covered rows under which this check must fail.
    #[serde(default)]
    pub defects: Vec<String>,
    /// Defects of covered rows that this check cannot notice, or foreign ones it also notices, with the reason.
    #[serde(default)]
    pub overlap: Vec<Overlap>,
    /// Liberties of the provider that an advice covered here speaks against: under them the check warns.
    #[serde(default)]
    pub warns: Vec<Warns>,
    /// What is done, in order.
    #[serde(default)]
    pub step: Vec<Step>,
    /// The one thing that is changed; the unchanged run is the control.
    pub vary: Option<Vary>,
    /// A table of rows, each a verdict of its own.
    #[serde(default)]
    pub case: Vec<Case>,
    /// A watching check: the answers it looks at.
    pub when: Option<Expect>,
    /// A watching check: what must hold for each of them.
    pub expect: Option<Expect>,
    /// A watching check: what is warned about.
    pub should: Option<Expect>,
}

/// A set-up shared by checks: a TOML file below `scenarios/flows/`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowFile {
    /// What the flow reaches.
    pub title: String,
    /// What the target must offer.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The client role the flow runs as unless the caller says otherwise.
    pub client: Option<String>,
    /// Parameters with their defaults, `{{with.NAME}}` in the steps.
    #[serde(default)]
    pub with: IndexMap<String, String>,
    /// What is done, in order.
    pub step: Vec<Step>,
}

/// What a check judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something wrong is refused, for the right reason.
    Refusal,
    /// Something right is accepted.
    Acceptance,
    /// Every answer of a kind has a property.
    Watch,
}

/// A setting of the provider in the process. It offers what RFC 6749 and 6750 know; some rules forbid that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Setting {
    /// OAuth 2.1: no implicit grant, no password grant, PKCE for everyone.
    #[serde(rename = "oauth2.1")]
    Oauth21,
    /// The protected resource takes tokens from the query.
    #[serde(rename = "query_token")]
    QueryToken,
    /// The issuer has a path.
    #[serde(rename = "issuer_with_path")]
    IssuerWithPath,
    /// Access tokens are signed JWTs.
    #[serde(rename = "jwt_access_token")]
    JwtAccessToken,
}

/// A defect on which check and catalogue deliberately differ.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// The defect's name.
    pub defect: String,
    /// Whether the check also fails under it (`true`) or, though a covered row names it, does not (`false`).
    pub fails: bool,
    /// Why that is right.
    pub reason: String,
}

/// A liberty that is allowed and advised against.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Warns {
    /// The liberty's name.
    pub liberty: String,
    /// Where the advice comes from, and why the liberty is none the less no failure.
    pub reason: String,
}

/// One step. Exactly one of `use`, `authorize`, `send`, `wait`, `hook` or none of them (then only `make` and `expect`).
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
    /// Whether the check itself calls this step set-up.
    pub fn is_set_up(&self) -> bool {
        self.control || self.or_skip.is_some()
    }
}

/// An authorization request as a browser makes it: the login driver logs in and answers the consent,
/// and stops at the redirect to the client, which is never requested.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authorize {
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
    /// Put in place of every hidden field of a login page that holds an address or a path.
    pub detour: Option<String>,
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

/// The parts of a step that can be varied, in `STEP.PART.NAME`.
pub const PARTS: &[&str] = &[
    "query",
    "form",
    "header",
    "as",
    "auth",
    "method",
    "bearer",
    "credentials",
    "user",
    "raw_query",
    "raw",
    "to",
    "consent",
];

/// One change of the flow, and what is expected then.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vary {
    /// Where: `STEP.PART.NAME`, for example `authorize.query.redirect_uri`, `redeem.form.code`, `redeem.as`.
    pub at: Option<String>,
    /// The step whose answer is judged; the varied one unless given.
    pub judge: Option<String>,
    /// The change, when there is no table of cases.
    #[serde(default)]
    pub change: Option<Change>,
    /// What must hold for the varied answer.
    pub expect: Option<Expect>,
    /// What is warned about.
    pub should: Option<Expect>,
    /// What must hold instead when the run ends at a step before the judged one: an earlier refusal is also one.
    pub earlier: Option<Expect>,
}

/// What happens to the value at `at`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Change {
    /// Another value (a template).
    Set(String),
    /// The parameter goes.
    Remove(bool),
    /// The parameter comes a second time with this value, after the good one.
    Add(String),
    /// The parameter comes a second time with this value, before the good one.
    Before(String),
    /// The good value is edited.
    Edit(Edit),
}

/// One row of a table: a verdict of its own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The name, a word with dashes.
    pub name: String,
    /// Where, when it differs from `vary.at`.
    pub at: Option<String>,
    /// Another value.
    pub set: Option<String>,
    /// The parameter goes.
    #[serde(default)]
    pub remove: bool,
    /// A second value after the good one.
    pub add: Option<String>,
    /// A second value before the good one.
    pub before: Option<String>,
    /// The good value is edited.
    pub edit: Option<Edit>,
    /// Values for the steps, `{{case.NAME}}`.
    #[serde(default)]
    pub with: IndexMap<String, String>,
    /// What this row needs besides the check.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Expectations in place of `vary.expect`.
    pub expect: Option<Expect>,
    /// Warnings in place of `vary.should`.
    pub should: Option<Expect>,
}

impl Case {
    /// The change that this row makes, if it makes one.
    pub fn change(&self) -> Option<Change> {
        let set = self.set.clone().map(Change::Set);
        let remove = self.remove.then_some(Change::Remove(true));
        let add = self.add.clone().map(Change::Add);
        let before = self.before.clone().map(Change::Before);
        set.or(remove).or(add).or(before).or_else(|| self.edit.clone().map(Change::Edit))
    }
}
