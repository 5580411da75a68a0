//! The suite as a library: somebody's own `cargo test` runs it against their server and asserts on what it says.
//! It is the run of the command line without the command line; what is judged is not known here.

use std::fmt;
use std::path::Path;

use crate::catalogue::Catalogue;
use crate::modes::access::Access;
use crate::modes::check::{Options, run};
use crate::modes::{connect, reference};
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};
use crate::report::{Clean, Terminal, terminal, uncoloured};
use crate::scenario::Suite;
use crate::target::{Client, Login, LoginForm, Target, User};

/// A run in the making.
///
/// ```
/// # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
/// use grantcheck::Grantcheck;
///
/// // The provider in the process; `Grantcheck::target("http://127.0.0.1:9000")` is a server of your own.
/// let conformance = Grantcheck::provider().profile("rfc6749").select("rfc6749/5.2").run().await;
/// conformance.assert_conforms();
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Grantcheck {
    target: Result<Target, String>,
    embedded: bool,
    options: Options,
    strict: bool,
}

/// What a run said.
#[derive(Clone, Debug)]
pub struct Conformance {
    outcome: RunOutcome,
    strict: bool,
}

impl Grantcheck {
    /// A server by its issuer; its metadata document tells the endpoints. Clients and users are added by
    /// [`client`](Self::client) and [`user`](Self::user).
    pub fn target(issuer: &str) -> Self {
        let text = format!("issuer = {}", serde_json::Value::from(issuer));
        Self::of(Target::from_toml("target", &text).map_err(|error| error.to_string()), false)
    }

    /// A server as a target file describes it.
    pub fn target_file(path: impl AsRef<Path>) -> Self {
        Self::of(Target::load(path.as_ref()).map_err(|error| error.to_string()), false)
    }

    /// A server as the text of a target file describes it; errors call the text by this name.
    pub fn target_toml(name: &str, text: &str) -> Self {
        Self::of(Target::from_toml(name, text).map_err(|error| error.to_string()), false)
    }

    /// The reference provider in the process.
    pub fn provider() -> Self {
        Self::of(Ok(reference()), true)
    }

    fn of(target: Result<Target, String>, embedded: bool) -> Self {
        Self { target, embedded, options: Options::default(), strict: false }
    }

    /// Adds a client in a role: `confidential`, `other`, `public`, ... (`docs/target-format.md` lists them).
    pub fn client(self, role: &str, client: Client) -> Self {
        self.with(|target| drop(target.clients.insert(role.into(), client)))
    }

    /// Adds a user: the first one logs in, the second one is for checks with two. Login and consent pages are learnt
    /// unless [`login`](Self::login) says otherwise.
    pub fn user(self, username: &str, password: &str) -> Self {
        self.with(|target| {
            let role = if target.users.is_empty() { "default" } else { "second" };
            let user = User { username: username.into(), password: password.into(), credential: None };
            target.users.insert(role.into(), user);
            target.login.get_or_insert(Login::Form(LoginForm::default()));
        })
    }

    /// How one logs in.
    pub fn login(self, login: Login) -> Self {
        self.with(|target| target.login = Some(login))
    }

    /// Everything else that a target file can say.
    pub fn configure(self, change: impl FnOnce(&mut Target)) -> Self {
        self.with(change)
    }

    fn with(mut self, change: impl FnOnce(&mut Target)) -> Self {
        if let Ok(target) = &mut self.target {
            change(target);
        }
        self
    }

    /// What is judged: a profile, or several with commas.
    pub fn profile(mut self, profile: &str) -> Self {
        self.options.profile = Some(profile.into());
        self
    }

    /// Runs only these: an id, a folder, a specification, a pattern with `*`. May be called several times.
    pub fn select(mut self, select: &str) -> Self {
        self.options.select.push(select.into());
        self
    }

    /// Where all made values come from; the same seed makes the same requests.
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// A broken SHOULD counts, too.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Runs the checks.
    ///
    /// # Panics
    ///
    /// When the target is described wrongly, with the words of the command line, or when nothing is selected.
    pub async fn run(self) -> Conformance {
        let mut target = self.target.unwrap_or_else(|error| panic!("{error}"));
        let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        let catalogue = Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"));
        let (access, notes) = match self.embedded {
            true => (Access::embedded(reference_server::Conduct::default()), Vec::new()),
            false => connect(&mut target).await.unwrap_or_else(|error| panic!("{error}")),
        };
        let mut outcome = run(&suite, &catalogue, &target, &access, &self.options, &|_| {}).await;
        outcome.notes.splice(0..0, notes);
        outcome.again = "grantcheck run".into();
        assert!(!outcome.checks.is_empty(), "nothing is called {}", self.options.select.join(", "));
        Conformance { outcome, strict: self.strict }
    }
}

impl Conformance {
    /// Fails a test unless the server conforms: every MUST that was tested is kept, nothing was blocked, and something
    /// was tested at all.
    ///
    /// # Panics
    ///
    /// With the report, when it does not.
    pub fn assert_conforms(&self) {
        assert!(self.conforms(), "{self}");
    }

    /// Whether it conforms.
    pub fn conforms(&self) -> bool {
        let blocked = |check: &CheckOutcome| check.known.is_none() && check.verdict == Verdict::Blocked;
        let wrong = |check: &CheckOutcome| check.fails(self.strict) || blocked(check);
        let tested = self.outcome.count(Verdict::Pass) > 0;
        tested && !self.outcome.died && self.outcome.stale_known.is_empty() && !self.outcome.checks.iter().any(wrong)
    }

    /// Every verdict.
    pub fn outcome(&self) -> &RunOutcome {
        &self.outcome
    }
}

/// The report of the command line, without colours.
impl fmt::Display for Conformance {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = Terminal { verbose: false };
        text.write_str(&uncoloured(&terminal(&Clean::of(&self.outcome), &options)))
    }
}
