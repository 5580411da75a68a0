//! Which template names are defined where.

use std::collections::BTreeSet;

use super::super::check::{CheckFile, FlowFile};
use super::super::load::{Flow, Suite};
use super::super::make::Maker;
use super::super::step::Step;

/// Names defined so far, and the ids of steps.
#[derive(Default)]
pub struct Names {
    defined: BTreeSet<String>,
    steps: Vec<String>,
}

impl Names {
    /// What is defined before the first step of a check: `case.NAME`, when every row gives it.
    pub fn of_check(file: &CheckFile) -> Self {
        let mut names = Self::default();
        if let Some(first) = file.case.first() {
            let everywhere =
                first.with.keys().filter(|name| file.case.iter().all(|case| case.with.contains_key(*name)));
            names.defined.extend(everywhere.map(|name| format!("case.{name}")));
        }
        names
    }

    /// What is defined before the first step of a flow.
    pub fn of_flow(file: &FlowFile) -> Self {
        let defined = file.with.keys().map(|name| format!("with.{name}")).collect();
        Self { defined, steps: Vec::new() }
    }

    /// Adds what a step makes, and its id.
    pub fn make(&mut self, step: &Step) {
        self.made(step, "");
        if step.flow.is_none() {
            self.steps.extend(step.id.clone());
        }
    }

    /// Adds what a step captures.
    pub fn capture(&mut self, step: &Step) {
        self.defined.extend(step.capture.keys().cloned());
    }

    /// Adds everything that a flow makes and captures, under the prefix of its `use` step.
    pub fn enter(&mut self, step: &Step, flow: &Flow, suite: &Suite) {
        let prefix = step.id.as_ref().map(|id| format!("{id}.")).unwrap_or_default();
        self.nested(&flow.file.step, &prefix, suite, DEPTH);
    }

    /// Every id of a step, prefixes included.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(String::as_str)
    }

    /// Names to suggest.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.defined.iter().map(String::as_str).chain(USUAL.iter().copied())
    }

    /// Whether a name is defined.
    pub fn knows(&self, name: &str) -> bool {
        self.defined.contains(name) || of_target(name)
    }

    fn made(&mut self, step: &Step, prefix: &str) {
        for (name, maker) in &step.make {
            self.defined.insert(format!("{prefix}{name}"));
            if matches!(maker, Maker::Pkce(_)) {
                self.defined.extend(["verifier", "challenge", "method"].map(|part| format!("{prefix}{name}.{part}")));
            }
        }
    }

    fn nested(&mut self, steps: &[Step], prefix: &str, suite: &Suite, depth: usize) {
        for step in steps {
            self.made(step, prefix);
            self.defined.extend(step.capture.keys().map(|name| format!("{prefix}{name}")));
            self.steps.extend(step.id.iter().filter(|_| step.flow.is_none()).map(|id| format!("{prefix}{id}")));
            if let (Some(flow), 1..) = (step.flow.as_ref().and_then(|name| suite.flow(name)), depth) {
                let inner = step.id.as_ref().map_or_else(|| prefix.to_owned(), |id| format!("{prefix}{id}."));
                self.nested(&flow.file.step, &inner, suite, depth - 1);
            }
        }
    }
}

/// Flows that use flows: no deeper than this, so that two that use each other end.
const DEPTH: usize = 8;

/// Names of the target file that are often meant.
const USUAL: &[&str] = &[
    "client.id",
    "client.secret",
    "client.redirect_uri",
    "client.redirect_host",
    "user.username",
    "user.password",
    "scopes.login",
    "scopes.machine",
    "issuer",
    "issuer_path",
    "origin",
    "endpoints.token",
    "resources.own",
    "response_type.composite",
    "lifetimes.code",
    "lifetimes.access_token",
    "now",
    "sample",
];

/// Whether the target file or the run may define a name.
fn of_target(name: &str) -> bool {
    let (root, rest) = name.split_once('.').unwrap_or((name, ""));
    let of_role = |part: fn(&str) -> bool| rest.split_once('.').is_some_and(|(_, rest)| part(rest));
    match root {
        "issuer" | "issuer_path" | "origin" | "now" | "sample" => rest.is_empty(),
        "scopes" | "lifetimes" | "endpoints" | "cleartext" | "resources" | "response_type" => !rest.is_empty(),
        "client" => of_client(rest),
        "clients" => of_role(of_client),
        "user" => of_user(rest),
        "users" => of_role(of_user),
        _ => false,
    }
}

fn of_client(part: &str) -> bool {
    let indexed = part.strip_prefix("redirect_uris.").is_some_and(|index| index.parse::<usize>().is_ok());
    indexed
        || [
            "id",
            "secret",
            "key",
            "audience",
            "display_name",
            "auth_method",
            "redirect_uri",
            "redirect_host",
            "redirect_path",
        ]
        .contains(&part)
}

fn of_user(part: &str) -> bool {
    ["username", "password"].contains(&part)
}
