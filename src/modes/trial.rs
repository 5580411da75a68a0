//! Each way to a token, tried once before a run: do the clients hold, does the login get through, and if not, at which page
//! does it stop? The flows are those that the checks begin with. Nothing is judged here.

use super::access::Access;
use super::patience::Patience;
use super::verdict;
use crate::engine::{self, Session, in_words};
use crate::exchange::{Answer, Exchange};
use crate::plan::of_steps;
use crate::scenario::Suite;
use crate::secret::Secrets;
use crate::target::Target;

/// One way that was tried.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Which, in words.
    pub name: &'static str,
    /// The word of `supports` that it stands for.
    pub word: &'static str,
    /// The role of the client.
    pub role: &'static str,
    /// What came of it.
    pub tried: Tried,
    /// Values that must not be shown.
    pub secrets: Secrets,
}

/// What came of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It got through, over so many pages and requests.
    Works(usize),
    /// It did not, and why; then what the last answer shows.
    Fails(String, String),
    /// The target file does not offer it, or what it builds on did not get through, and why.
    NotOffered(String),
}

/// A way that can be tried.
struct Way {
    name: &'static str,
    word: &'static str,
    role: &'static str,
    /// Flows of the suite, one after the other.
    flows: &'static [&'static str],
    /// Steps after them that are no flow.
    steps: &'static str,
    /// What it needs beside what its flows need.
    needs: &'static [&'static str],
    /// Whether it begins as the code grant of the same client does, and is of no use where that got stuck.
    builds_on: bool,
}

const WAYS: &[Way] = &[
    way("client credentials", "client_credentials", "machine", &["client-credentials"]),
    way("log in, approve, redeem the code", "authorization_code", "confidential", &["code"]),
    way("the same as [clients.public]", "authorization_code", "public", &["code"]),
    way("the same as [clients.other]", "authorization_code", "other", &["code"]),
    Way { steps: TWO_SCOPES, needs: &["multi_scope"], ..after_code("the same for two scopes", "multi_scope", &[]) },
    after_code("refresh", "refresh_token", &["refresh"]),
    Way {
        steps: WRONG_VERIFIER,
        needs: &["pkce"],
        ..after_code("PKCE refuses a wrong verifier", "pkce", &["code-only"])
    },
    Way {
        steps: WITHOUT_PKCE,
        needs: &["authorization_code", "scripted_user", "pkce_optional"],
        ..after_code("a code without PKCE", "pkce_optional", &[])
    },
    after_code("the token opens the resource", "resource_endpoint", &["code", "resource"]),
    after_code("introspection", "introspection", &["code", "introspect"]),
    after_code("revocation", "revocation", &["code", "revoke"]),
    way("implicit grant", "implicit", "implicit", &["implicit"]),
    way("device grant", "device_code", "device_code", &["device-code"]),
    way("password grant", "password", "password", &["password"]),
    way("private_key_jwt", "private_key_jwt", "assertion", &["assertion"]),
    way("signed requests", "signed_requests", "signed", &["signed"]),
];

const fn way(name: &'static str, word: &'static str, role: &'static str, flows: &'static [&'static str]) -> Way {
    Way { name, word, role, flows, steps: "", needs: &[], builds_on: false }
}

const fn after_code(name: &'static str, word: &'static str, flows: &'static [&'static str]) -> Way {
    Way { builds_on: true, ..way(name, word, "confidential", flows) }
}

/// The flow with other arguments.
const TWO_SCOPES: &str = r#"
[[step]]
use        = "code"
with.scope = "{{scopes.two}}"
"#;

/// The flow of a client that knows no PKCE.
const WITHOUT_PKCE: &str = r#"
[[step]]
name       = "the user logs in and approves"
make.state = { random = { bytes = 16 } }
[step.authorize.query]
response_type = "code"
client_id     = "{{client.id}}"
redirect_uri  = "{{client.redirect_uri}}"
scope         = "{{scopes.login?}}"
state         = "{{state}}"
[step.capture]
code = "redirect.param.code"

[[step]]
name = "the client redeems the code"
[step.send]
to   = "token"
auth = "client"
[step.send.form]
grant_type   = "authorization_code"
code         = "{{code}}"
redirect_uri = "{{client.redirect_uri}}"
[step.expect]
status            = 200
json.access_token = { present = true }
"#;

/// The one step that is no flow.
const WRONG_VERIFIER: &str = r#"
[[step]]
name = "another verifier is presented"
[step.send]
to   = "token"
auth = "client"
[step.send.form]
grant_type    = "authorization_code"
code          = "{{code}}"
redirect_uri  = "{{client.redirect_uri}}"
code_verifier = "this-is-not-the-verifier-of-the-challenge-at-all"
[step.expect]
refused = true
"#;

/// Tries every way, one after the other.
pub async fn attempt(target: &Target, access: &Access, suite: &Suite, seed: u64) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut stuck = None;
    for way in WAYS {
        let (tried, secrets) = match stuck == Some(way.role) && way.builds_on {
            true => (Tried::NotOffered("not tried, as the same client did not get a token".into()), Secrets::default()),
            false => one(target, access, suite, seed, way).await,
        };
        if matches!(tried, Tried::Fails(..)) && way.word == "authorization_code" && stuck.is_none() {
            stuck = Some(way.role);
        }
        let Way { name, word, role, .. } = *way;
        trials.push(Trial { name, word, role, tried, secrets });
    }
    trials
}

async fn one(target: &Target, access: &Access, suite: &Suite, seed: u64, way: &Way) -> (Tried, Secrets) {
    let plan = match of_steps("trial", &way.written(), suite, target) {
        Ok(plan) => plan,
        Err(reason) => return (Tried::NotOffered(reason), Secrets::default()),
    };
    let wire = access.wire(seed);
    let session = Session { wire: &wire, target, seed, slow: false };
    let mut transcript = Box::pin(engine::run(&plan, None, session)).await;
    let mut control = verdict::control(&plan, &transcript);
    if let Err(judged) = &control
        && Patience::with(target, access).tries_again(judged).await
    {
        transcript = Box::pin(engine::run(&plan, None, session)).await;
        control = verdict::control(&plan, &transcript);
    }
    let tried = match control {
        Ok(()) => Tried::Works(transcript.exchanges().count()),
        Err(judged) => Tried::Fails(judged.reason, transcript.exchanges().last().map(shown).unwrap_or_default()),
    };
    (tried, transcript.secrets)
}

impl Way {
    /// As steps of a scenario file.
    fn written(&self) -> String {
        let Self { role, needs, steps, .. } = self;
        let flows: String = self.flows.iter().map(|flow| format!("[[step]]\nuse = \"{flow}\"\n")).collect();
        format!("client = \"{role}\"\nneeds = {needs:?}\n{flows}{steps}")
    }
}

/// The last request and what its answer shows a reader.
fn shown(exchange: &Exchange) -> String {
    let address = exchange.request.url.split(['?', '#']).next().unwrap_or_default();
    let asked = format!("{} {address}", exchange.request.method);
    match &exchange.answer {
        Answer::Nothing(reason) => format!("{asked}: {reason}"),
        Answer::Response(response) if response.status / 100 == 3 => {
            format!("{asked}: {} to {}", response.status, response.header("location").unwrap_or("nowhere"))
        }
        Answer::Response(response) if response.is_html() => {
            format!("{asked}: {}, a page: {}", response.status, in_words(&response.text()))
        }
        Answer::Response(response) => {
            let text: String = response.text().chars().take(300).collect();
            format!("{asked}: {} {}", response.status, text.trim())
        }
    }
}

#[cfg(test)]
mod tests {
    use reference_server::Conduct;

    use super::*;
    use crate::modes::reference;
    use crate::modes::threads::on_this_thread;

    #[test]
    fn every_way_of_the_provider_gets_through() {
        let suite = Suite::embedded().unwrap();
        let access = Access::embedded(Conduct::default());
        for trial in on_this_thread(attempt(&reference(), &access, &suite, 1)) {
            assert!(matches!(trial.tried, Tried::Works(_)), "{trial:?}");
        }
    }

    #[test]
    fn a_wrong_password_shows_the_page_at_which_the_login_stops() {
        let suite = Suite::embedded().unwrap();
        let access = Access::embedded(Conduct::default());
        let mut target = reference();
        target.users["default"].password = "wrong".into();
        let trials = on_this_thread(attempt(&target, &access, &suite, 1));
        let login = trials.iter().find(|trial| trial.word == "authorization_code").unwrap();
        let Tried::Fails(reason, page) = &login.tried else { panic!("{login:?}") };
        assert!(reason.contains("login page came back"), "{reason}");
        assert!(page.contains("password") && page.contains("button"), "{page}");
    }

    #[test]
    fn what_the_file_leaves_out_is_not_tried() {
        let suite = Suite::embedded().unwrap();
        let access = Access::embedded(Conduct::default());
        let mut target = reference();
        target.clients.shift_remove("public");
        target.clients.shift_remove("native");
        let trials = on_this_thread(attempt(&target, &access, &suite, 1));
        assert!(matches!(trials[2].tried, Tried::NotOffered(_)), "{:?}", trials[2]);
    }
}
