//! The edits that fit a step, from the table `edits.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use super::route::Route;
use crate::edit::Edit;
use crate::plan::PlannedStep;
use crate::scenario::{Auth, Change, Template};
use crate::target::{ClientAuth, Target};

/// One edit of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// `STEP.PART.NAME`.
    pub at: String,
    /// What happens there.
    pub change: Change,
    /// Whether the specifications say that the request means the same as before.
    pub same: bool,
}

impl Edited {
    /// Whether it needs an earlier run of the route.
    pub fn is_stale(&self) -> bool {
        template(&self.change).is_some_and(|text| text.contains("{{stale."))
    }

    /// Whether it makes a value many times as long.
    pub fn repeats(&self) -> bool {
        matches!(&self.change, Change::Edit(Edit::Times(_)))
    }
}

/// Every edit that fits a step of a route.
pub fn edits(route: &Route, id: &str, target: &Target) -> Vec<Edited> {
    let Some(step) = route.step(id) else { return Vec::new() };
    let sent = places(step, target);
    let to = endpoint(step);
    let mut all = Vec::new();
    for row in &table().edit {
        let (at_, set) = (&row.at[0], template(&row.change).unwrap_or_default());
        if at_ == "as" && !is_other(set, step, target) {
            continue;
        }
        if row.to.as_ref().is_some_and(|only| !only.contains(&to)) || !offered(&row.change, target) {
            continue;
        }
        for at in row.at.iter().flat_map(|at| fits(at, &sent, row.add, step.step.authorize.is_some())) {
            all.push(Edited { at: format!("{id}.{at}"), change: row.change.clone(), same: row.same });
        }
    }
    all
}

/// The name of the endpoint that a step asks.
pub fn endpoint(step: &PlannedStep) -> String {
    match &step.step.send {
        Some(send) => send.to.clone(),
        None => "authorization".into(),
    }
}

#[derive(Deserialize)]
struct Table {
    edit: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    at: Vec<String>,
    to: Option<Vec<String>>,
    #[serde(default)]
    add: bool,
    #[serde(default)]
    same: bool,
    change: Change,
}

/// Read once: every step of every route asks for it.
fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| toml::from_str(include_str!("edits.toml")).unwrap_or_else(|error| panic!("{error}")))
}

/// What a step sends, as `PART.NAME`.
fn places(step: &PlannedStep, target: &Target) -> Vec<String> {
    let named = |part: &str, names: &mut dyn Iterator<Item = &String>| -> Vec<String> {
        names.map(|name| format!("{part}.{name}")).collect()
    };
    if let Some(authorize) = &step.step.authorize {
        return named("query", &mut authorize.query.0.keys());
    }
    let Some(send) = &step.step.send else { return Vec::new() };
    let mut sent = named("query", &mut send.query.0.keys());
    sent.extend(named("form", &mut send.form.0.keys()));
    sent.extend(named("header", &mut send.header.0.keys()));
    let method = target.client(&step.role).map_or(ClientAuth::None, |client| client.method());
    let method = match send.auth {
        Auth::None => None,
        Auth::Client => Some(method),
        Auth::Basic => Some(ClientAuth::Basic),
        Auth::Post => Some(ClientAuth::Post),
        Auth::Id => Some(ClientAuth::None),
        Auth::Signed => Some(ClientAuth::Signed),
    };
    let own: &[&str] = match method {
        None => &[],
        Some(ClientAuth::Basic) => &["credentials.id", "credentials.secret", "header.Authorization"],
        Some(ClientAuth::Post) => &["form.client_id", "form.client_secret"],
        Some(ClientAuth::None) => &["form.client_id"],
        Some(ClientAuth::PrivateKeyJwt) => &["form.client_assertion", "form.client_assertion_type"],
        Some(ClientAuth::Signed) => &["header.Authorization", "query.timestamp", "query.token"],
    };
    sent.extend(own.iter().map(|place| (*place).to_owned()));
    sent.extend(method.map(|_| "auth".to_owned()));
    // What is bound to a client is the only thing that another one must not have.
    let bound = ["code", "refresh_token"].iter().any(|name| send.form.0.contains_key(*name));
    sent.extend((method.is_some() && bound).then(|| "as".to_owned()));
    if send.bearer.is_some() {
        sent.extend(["bearer".into(), "header.Authorization".into()]);
    }
    sent
}

/// The places that a row of the table means at this step.
fn fits(at: &str, sent: &[String], add: bool, browses: bool) -> Vec<String> {
    if let Some(part) = at.strip_suffix('*') {
        return sent.iter().filter(|place| place.starts_with(part)).cloned().collect();
    }
    let comes = sent.iter().any(|place| place == at);
    let added = add && (!browses || at.starts_with("query.") || at.starts_with("header.") || at == "method");
    (comes || added).then(|| at.to_owned()).into_iter().collect()
}

/// Whether the role is another client of the target file.
fn is_other(role: &str, step: &PlannedStep, target: &Target) -> bool {
    let own = target.client(&step.role).map(|client| &client.id);
    target.clients.get(role).is_some_and(|client| own.is_some_and(|own| *own != client.id))
}

/// Whether the target file has the clients and users that a change names.
fn offered(change: &Change, target: &Target) -> bool {
    let Some(Ok(template)) = template(change).map(Template::parse) else { return true };
    let mut names = template.names();
    names.all(|(name, _)| match name.split('.').collect::<Vec<_>>()[..] {
        ["clients", role, "secret"] => target.clients.get(role).is_some_and(|client| client.secret.is_some()),
        ["clients", role, "redirect_uri"] => {
            target.clients.get(role).is_some_and(|client| !client.redirect_uris.is_empty())
        }
        ["clients", role, _] => target.clients.contains_key(role),
        ["users", role, _] => target.users.contains_key(role),
        _ => true,
    })
}

fn template(change: &Change) -> Option<&str> {
    match change {
        Change::Set(text) | Change::Add(text) | Change::Before(text) => Some(text),
        _ => None,
    }
}
