//! The edits that fit a step, from the table `edits.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use super::route::Route;
use crate::edit::Edit;
use crate::offer::offers;
use crate::plan::PlannedStep;
use crate::scenario::{Auth, Change, Template, split_at};
use crate::target::{ClientAuth, Target};

/// One edit of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// `STEP.PART.NAME`.
    pub at: String,
    /// What happens there.
    pub change: Change,
    /// What happens elsewhere with it, `STEP.PART.NAME`: one without the other would mean something else.
    pub also: Vec<(String, Change)>,
    /// What the specifications say about a request with this edit alone.
    pub ruling: Option<Ruling>,
}

/// How a request has to be answered, and the row of the catalogue that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It means what it meant before.
    Accepted(&'static str),
    /// Nothing may be given for it.
    Refused(&'static str),
}

impl Edited {
    /// Whether it needs an earlier run of the route.
    pub fn is_stale(&self) -> bool {
        template(&self.change).is_some_and(|text| text.contains("{{stale."))
    }

    /// Where it changes something, and what, in the order of the steps.
    pub fn changes(&self) -> impl Iterator<Item = (&str, &Change)> {
        let also = self.also.iter().map(|(at, change)| (at.as_str(), change));
        also.chain([(self.at.as_str(), &self.change)])
    }

    /// Whether it makes a value many times as long.
    pub fn repeats(&self) -> bool {
        matches!(&self.change, Change::Edit(Edit::Times(_)))
    }
}

impl Ruling {
    /// The row.
    pub fn row(self) -> &'static str {
        match self {
            Self::Accepted(row) | Self::Refused(row) => row,
        }
    }
}

/// Every edit that fits a step of a route.
pub fn edits(route: &Route, id: &str, target: &Target) -> Vec<Edited> {
    let Some(step) = route.step(id) else { return Vec::new() };
    let sent = places(step, target);
    let to = endpoint(step);
    let mut all: Vec<Edited> = Vec::new();
    for row in table().edit.iter().filter(|row| row.is_for(route, step, &to, &sent, target)) {
        let places = row.at.iter().flat_map(|at| fits(at, &sent, row.add, step.step.authorize.is_some()));
        let replaces = |at: &String| row.add && row.accepted.is_some() && sent.contains(at);
        let means = |at: &String| row.ruling().is_none() || changes(&row.change, at, step, target);
        for at in places.filter(|at| !replaces(at) && means(at)) {
            let at = format!("{id}.{at}");
            // A row with a ruling stands for one that does the same without.
            let alike = |known: &Edited| known.at == at && known.change == row.change && known.also == row.also();
            if row.ruling().is_none() && all.iter().any(alike) {
                continue;
            }
            all.retain(|known| !alike(known));
            all.push(Edited { at, change: row.change.clone(), also: row.also(), ruling: row.ruling() });
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
    beside: Option<String>,
    client: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    add: bool,
    accepted: Option<String>,
    refused: Option<String>,
    #[serde(default)]
    also: Vec<Also>,
    change: Change,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Also {
    at: String,
    change: Change,
}

impl Row {
    fn is_for(&self, route: &Route, step: &PlannedStep, to: &String, sent: &[String], target: &Target) -> bool {
        let role = (self.at[0] == "as").then(|| template(&self.change)).flatten();
        let user = (self.at[0] == "user").then(|| template(&self.change)).flatten();
        role.is_none_or(|role| is_other(role, step, target))
            && user.is_none_or(|user| target.users.contains_key(user))
            && self.to.as_ref().is_none_or(|only| only.contains(to))
            && self.client.as_ref().is_none_or(|role| *role == step.role)
            && self.beside.as_ref().is_none_or(|place| sent.contains(place))
            && self.needs.iter().all(|word| offers(target, word).is_ok())
            && self.also.iter().all(|also| split_at(&also.at).is_some_and(|(id, ..)| route.step(&id).is_some()))
            && offered(&self.change, step, target)
    }

    fn ruling(&'static self) -> Option<Ruling> {
        let accepted = self.accepted.as_deref().map(Ruling::Accepted);
        accepted.or_else(|| self.refused.as_deref().map(Ruling::Refused))
    }

    fn also(&self) -> Vec<(String, Change)> {
        self.also.iter().map(|also| (also.at.clone(), also.change.clone())).collect()
    }
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

/// Whether an edit of a client's identifier or secret changes what it is meant to: the case of letters only where there are
/// any, and never into another client; the spelling only of characters that need none.
fn changes(change: &Change, at: &str, step: &PlannedStep, target: &Target) -> bool {
    let Some(client) = target.client(&step.role) else { return true };
    let good = match at {
        "query.client_id" | "form.client_id" | "credentials.id" => Some(client.id.as_str()),
        "form.client_secret" | "credentials.secret" => client.secret.as_deref(),
        _ => return true,
    };
    let unreserved = |letter: u8| letter.is_ascii_alphanumeric() || b"-._~".contains(&letter);
    match change {
        Change::Edit(edit) => good.is_some_and(|good| {
            let edited = edit.apply(good);
            edited != good && target.clients.values().all(|client| client.id != edited)
        }),
        Change::Wire(_) => good.is_some_and(|good| good.bytes().all(unreserved)),
        _ => true,
    }
}

/// Whether the target file has the clients and users that a change names.
fn offered(change: &Change, step: &PlannedStep, target: &Target) -> bool {
    let Some(Ok(template)) = template(change).map(Template::parse) else { return true };
    let mut names = template.names();
    names.all(|(name, _)| match name.split('.').collect::<Vec<_>>()[..] {
        ["client", "secret"] => target.client(&step.role).is_some_and(|client| client.secret.is_some()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn every_ruling_is_a_row_that_may_fail_a_server() {
        let catalogue = Catalogue::embedded().unwrap();
        for row in table().edit.iter().filter_map(Row::ruling).map(Ruling::row) {
            let found = catalogue.row(row).unwrap_or_else(|| panic!("there is no row {row}"));
            assert!(found.must(), "{row}");
        }
    }
}
