//! What a check file and a flow file look like. Plain data: nothing here loads, lints or runs.
//!
//! All tables are closed. Enums are tagged by table name and the shorthands of predicates and parameters
//! have visitors of their own, so that `toml` can put its caret on the right line.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::expect::Expect;
use super::step::Step;
use crate::edit::Edit;

/// One check: a TOML file below `scenarios/`. Its path is its id.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckFile {
    /// The fact that holds on a conforming server, in one sentence.
    pub title: String,
    /// What wrote the file, `grantcheck fuzz`: it does without `covers`, and may change several steps, until it is adopted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
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
    /// Whether it uses something up that other checks need, so that it runs after them where they share a server.
    #[serde(default)]
    pub last: bool,
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

impl CheckFile {
    /// Whether it may warn under this liberty.
    pub fn warns_of(&self, liberty: &str) -> bool {
        self.warns.iter().any(|warns| warns.liberty == liberty)
    }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
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
    /// The URLs of the authorization and the token endpoint have a query of their own.
    #[serde(rename = "endpoint_query")]
    EndpointQuery,
    /// The issuer has TLS.
    #[serde(rename = "tls")]
    Tls,
    /// Access tokens are signed JWTs.
    #[serde(rename = "jwt_access_token")]
    JwtAccessToken,
    /// There is a client whose identifier is the name of the default user.
    #[serde(rename = "client_named_like_user")]
    ClientNamedLikeUser,
    /// Nobody registers, though the target file names the endpoint.
    #[serde(rename = "registration_off")]
    RegistrationOff,
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

/// `second.redeem.form.code` is the step `second.redeem`, the part `form`, the name `code`.
pub fn split_at(at: &str) -> Option<(String, String, String)> {
    let words: Vec<&str> = at.split('.').collect();
    let place = words.iter().position(|word| PARTS.contains(word))?;
    (place > 0).then(|| (words[..place].join("."), words[place].into(), words[place + 1..].join(".")))
}

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
    /// Further changes of the same step: for what a fuzzer found and only shows when they come together.
    #[serde(default)]
    pub also: Vec<Also>,
    /// What must hold for the varied answer.
    pub expect: Option<Expect>,
    /// What is warned about.
    pub should: Option<Expect>,
    /// What must hold instead when the run ends at a step before the judged one: an earlier refusal is also one.
    pub earlier: Option<Expect>,
}

/// One more change of the step that `vary.at` names.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Also {
    /// Where: `STEP.PART.NAME`.
    pub at: String,
    /// The change.
    pub change: Change,
}

/// What happens to the value at `at`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// The parameter comes twice with its good value.
    Double(bool),
    /// The values of this parameter and of another one of the same part change places.
    Swap(String),
    /// The parameter leaves its part and comes in this one: `query`, `form` or `header`.
    Move(String),
    /// The name of the parameter is edited.
    Rename(Edit),
    /// The value is edited after it was encoded: `{ append = "%ff" }`.
    Wire(Edit),
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
    /// The parameter comes twice with its good value.
    #[serde(default)]
    pub double: bool,
    /// The values of this parameter and of another one of the same part change places.
    pub swap: Option<String>,
    /// The parameter comes in this part instead.
    #[serde(rename = "move")]
    pub moved: Option<String>,
    /// The name of the parameter is edited.
    pub rename: Option<Edit>,
    /// The encoded value is edited.
    pub wire: Option<Edit>,
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

impl Change {
    /// The change as a scenario file writes it.
    pub fn written(&self) -> String {
        toml::Value::try_from(self).map(|value| value.to_string()).unwrap_or_default()
    }
}

impl Case {
    /// The change that this row makes, if it makes one.
    pub fn change(&self) -> Option<Change> {
        self.changes().into_iter().next()
    }

    /// Every change that is written in this row; more than one is a slip.
    pub fn changes(&self) -> Vec<Change> {
        let all = [
            self.set.clone().map(Change::Set),
            self.remove.then_some(Change::Remove(true)),
            self.add.clone().map(Change::Add),
            self.before.clone().map(Change::Before),
            self.edit.clone().map(Change::Edit),
            self.double.then_some(Change::Double(true)),
            self.swap.clone().map(Change::Swap),
            self.moved.clone().map(Change::Move),
            self.rename.clone().map(Change::Rename),
            self.wire.clone().map(Change::Wire),
        ];
        all.into_iter().flatten().collect()
    }
}
