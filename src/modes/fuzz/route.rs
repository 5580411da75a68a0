//! What is fuzzed: routes through the flows of the suite, and the steps of each that are edited.

use crate::plan::{Plan, PlannedStep, of_steps};
use crate::scenario::Suite;
use crate::target::Target;

/// A good run, and which of its steps are edited.
pub struct Route {
    /// The name, as words of the selection have it.
    pub name: &'static str,
    /// The steps of a scenario file that does it.
    pub text: String,
    /// The unchanged run.
    pub plan: Plan,
    /// The same after an earlier run of its own, whose values are `{{stale.NAME}}`.
    pub after_stale: Plan,
    /// The ids of the steps that are edited.
    pub steps: Vec<&'static str>,
}

/// Name, client (`""`: the one of the flow), flows in order, steps that are edited.
type Row = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

/// Of two routes of one name the first that the target offers is taken.
const ROUTES: &[Row] = &[
    ("client-credentials", "", &["client-credentials"], &["token"]),
    ("special", "special", &["client-credentials"], &["token"]),
    ("login-page", "", &["login-page"], &["authorize"]),
    ("password", "", &["password"], &["token"]),
    ("code", "", &["code"], &["authorize", "redeem"]),
    ("other-code", "other", &["code"], &["authorize"]),
    ("two-redirects-code", "two_redirects", &["code"], &["authorize"]),
    ("public-code", "public", &["code"], &["authorize", "redeem"]),
    ("native-code", "native", &["code"], &["authorize"]),
    ("refresh", "", &["refresh"], &["refresh"]),
    ("public-refresh", "public", &["refresh"], &["refresh"]),
    ("implicit", "", &["implicit"], &["authorize"]),
    ("web-message", "", &["web-message"], &["authorize"]),
    ("assertion", "", &["assertion"], &["token"]),
    ("signed-by-method", "", &["signed"], &["token"]),
    ("signed", "", &["signed-request"], &["token"]),
    ("introspect", "", &["client-credentials", "introspect"], &["introspect"]),
    ("introspect", "", &["code", "introspect"], &["introspect"]),
    ("resource", "", &["code", "resource"], &["resource"]),
    ("resource", "", &["client-credentials", "resource"], &["resource"]),
    ("resource-form", "", &["resource-form"], &["resource"]),
    ("revoke", "", &["client-credentials", "revoke"], &["revoke"]),
    ("revoke", "", &["code", "revoke"], &["revoke"]),
    ("metadata", "", &["metadata"], &["metadata"]),
    ("registration", "", &["register"], &["register"]),
    ("totp", "", &["totp"], &["enrol", "verify"]),
    ("hotp", "", &["hotp"], &["verify"]),
    ("classic-client-credentials", "", &["classic-client-credentials"], &["token"]),
    ("classic-code", "", &["classic-code"], &["authorize", "redeem"]),
    ("classic-refresh", "", &["classic-refresh"], &["refresh"]),
    ("classic-implicit", "", &["classic-implicit"], &["authorize"]),
];

/// The names that a selection can have.
pub fn names() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|(name, ..)| *name)
}

/// The routes that the target offers and the words select: `code`, `code.redeem`; no word selects all.
pub fn routes(suite: &Suite, target: &Target, select: &[String]) -> Vec<Route> {
    let mut found: Vec<Route> = Vec::new();
    for row in ROUTES {
        let known = found.iter().any(|route| route.name == row.0);
        found.extend(route(row, suite, target, select).filter(|_| !known));
    }
    found
}

fn route((name, client, flows, steps): &Row, suite: &Suite, target: &Target, select: &[String]) -> Option<Route> {
    let selected = |step: &&&'static str| {
        select.is_empty() || select.iter().any(|word| word == name || *word == format!("{name}.{step}"))
    };
    let steps: Vec<&'static str> = steps.iter().filter(selected).copied().collect();
    if steps.is_empty() {
        return None;
    }
    let role = if client.is_empty() { String::new() } else { format!("as  = \"{client}\"\n") };
    let text: String = flows.iter().map(|flow| format!("\n[[step]]\nuse = \"{flow}\"\n{role}")).collect();
    let plan = of_steps("fuzz", &text, suite, target).ok()?;
    let after_stale = of_steps("fuzz", &stale(&text), suite, target).ok()?;
    Some(Route { name, text, plan, after_stale, steps })
}

/// The same steps, before them once more with the prefix `stale.`.
pub fn stale(text: &str) -> String {
    let first = text.split("\n[[step]]").nth(1).unwrap_or_default();
    format!("\n[[step]]\nid  = \"stale\"{first}{text}")
}

impl Route {
    /// The step of this id.
    pub fn step(&self, id: &str) -> Option<&PlannedStep> {
        self.plan.steps.iter().find(|step| step.id == id)
    }
}
