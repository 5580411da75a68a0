//! How one logs in, as the target file says it. Which button is pressed is decided elsewhere.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// How one logs in; one of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Login {
    /// The target approves by itself.
    None(LoginNone),
    /// User name and password travel in the authorization request's query.
    Query(LoginQuery),
    /// HTML forms, learnt from the pages.
    Form(LoginForm),
    /// A session cookie that was obtained elsewhere (the user's `credential`).
    Cookie(LoginCookie),
    /// A header field (the user's `credential` is its value).
    Header(LoginHeader),
    /// The requests that the scripts of the pages send.
    Requests(LoginRequests),
    /// A command that gets the URL and prints the redirect.
    Command(LoginCommand),
    /// A real browser, for pages that need scripts.
    Webdriver(LoginWebdriver),
}

/// Nothing to say.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginNone {}

/// Names of the query parameters.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LoginQuery {
    /// The parameter with the user name.
    pub username: String,
    /// The parameter with the password.
    pub password: String,
}

/// Where the learner needs help. Everything may be left out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LoginForm {
    /// The field with the user name.
    pub username: Option<String>,
    /// The field with the password.
    pub password: Option<String>,
    /// The button or field that approves, `name=value`.
    pub approve: Option<String>,
    /// The button or field that denies, `name=value`.
    pub deny: Option<String>,
    /// Values for other fields by name.
    pub fields: IndexMap<String, String>,
    /// What to do on pages that are not understood, recorded by a person; they go before what is learnt.
    pub steps: Vec<FormStep>,
}

/// What to do on one page.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormStep {
    /// A text of the page by which it is known: in its title or in what a reader sees.
    pub page: String,
    /// Values of fields by name; `{username}`, `{password}` and `{answer}` (`approve` or `deny`) are filled in.
    #[serde(default)]
    pub fill: IndexMap<String, String>,
    /// The button to press: `name=value`, or a text on it; the first one unless given.
    pub press: Option<String>,
    /// The button to press where the user is to deny; without it the page is answered alike.
    pub press_to_deny: Option<String>,
}

/// A cookie of the user's.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginCookie {
    /// The cookie's name.
    pub name: String,
}

/// A header of the user's.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginHeader {
    /// The field's name.
    pub name: String,
}

/// What is sent where pages are no forms.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LoginRequests {
    /// Logs in.
    pub log_in: Option<Call>,
    /// Looks at what a device asks for (RFC 8628).
    pub open_device: Option<Call>,
    /// Approves the device.
    pub approve_device: Option<Call>,
    /// Denies it.
    pub deny_device: Option<Call>,
}

/// One request with the cookies of the browser: `POST` with a body, else `GET`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// A URL, or a path on the origin of the authorization endpoint; `{username}`, `{password}`, `{user_code}` are filled in.
    pub url: String,
    /// A JSON body as text, in which the same is filled in.
    pub json: Option<String>,
}

/// A hook.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginCommand {
    /// Program and arguments; `{url}`, `{username}`, `{password}`, `{answer}` are filled in.
    pub run: Vec<String>,
    /// Seconds that it may take; 30 unless given.
    pub seconds: Option<u64>,
}

/// A browser that a WebDriver server steers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginWebdriver {
    /// The WebDriver server: `http://127.0.0.1:9515` is where chromedriver listens.
    pub url: String,
    /// Capabilities in place of a headless Chrome, as JSON text.
    pub capabilities: Option<String>,
    /// Help with the pages, as for `[login.form]`.
    #[serde(default)]
    pub form: LoginForm,
    /// Seconds that one login may take; 30 unless given.
    pub seconds: Option<u64>,
}

impl Default for LoginQuery {
    fn default() -> Self {
        Self { username: "username".into(), password: "password".into() }
    }
}
