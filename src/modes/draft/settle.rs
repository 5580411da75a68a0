//! What the trials of a draft teach: a client authenticates in the body, may not use a grant, could not be registered.

use super::super::trial::{Trial, Tried};
use super::Draft;

/// Mends a draft; `false` when there is nothing left that could be mended.
pub fn settle(draft: &mut Draft, trials: &[Trial], notes: &[String]) -> bool {
    let before = draft.text();
    unregister(draft, notes);
    for trial in trials {
        if let Tried::Fails(reason, shown) = &trial.tried {
            learn(draft, trial, &format!("{reason} {shown}"));
        }
    }
    draft.text() != before
}

/// A client that the server does not register is left out.
fn unregister(draft: &mut Draft, notes: &[String]) {
    let refused =
        |role: &str| notes.iter().find(|note| note.starts_with(&format!("[clients.{role}] was not registered")));
    let roles: Vec<String> = draft.clients.keys().filter(|role| refused(role).is_some()).cloned().collect();
    for role in roles {
        if let Some(note) = refused(&role) {
            draft.hints.push(note.clone());
        }
        draft.clients.shift_remove(&role);
    }
}

fn learn(draft: &mut Draft, trial: &Trial, said: &str) {
    let role = if trial.role == "machine" { "confidential" } else { trial.role };
    let doubted = draft.supports.iter().any(|word| word == trial.word) && trial.word != "authorization_code";
    let Some(client) = draft.clients.get_mut(role) else { return };
    let unknown = said.contains("invalid_client") || said.contains(": 401");
    if unknown && client.secret.is_some() && client.auth.is_none() {
        client.auth = Some("post");
        return;
    }
    match trial.word {
        _ if doubted => {
            draft.supports.retain(|word| word != trial.word);
            draft.hints.push(format!("`{}` did not work, so `supports` leaves it out", trial.word));
        }
        "implicit" | "password" if client.id.is_empty() && trial.word == role => {
            draft.clients.shift_remove(role);
            hint(draft, &format!("the registered [clients.{role}] did not get a token"));
        }
        "implicit" | "password" => narrow(draft, trial.word),
        "client_credentials" => match client.grants.is_empty() {
            true => client.grants = ["authorization_code", "refresh_token"].map(str::to_owned).into(),
            false => client.grants.retain(|grant| grant != trial.word),
        },
        "refresh_token" if !draft.scopes.contains_key("refresh") => {
            hint(draft, "no refresh token came: `scopes.refresh` is the scope that asks for one");
        }
        "introspection" | "revocation" if !draft.lacks.iter().any(|word| word == trial.word) => {
            draft.lacks.push(trial.word.to_owned());
            hint(draft, &format!("the client may not use {0}: `lacks` keeps its checks away until it may", trial.word));
        }
        "resource_endpoint" => {
            draft.endpoints.shift_remove("resource");
            hint(
                draft,
                "`endpoints.resource` is a protected resource that answers GET with 200; `scopes.resource` opens it",
            );
        }
        _ => {}
    }
}

/// The clients that stand in for a role of their own may not use this grant.
fn narrow(draft: &mut Draft, word: &str) {
    let standing_in = draft.clients.iter_mut().filter(|(role, _)| matches!(role.as_str(), "public" | "confidential"));
    for (_, client) in standing_in {
        if client.grants.is_empty() {
            client.grants = ["authorization_code", "refresh_token", "client_credentials"].map(str::to_owned).into();
        }
        client.grants.retain(|grant| grant != word && (grant != "client_credentials" || client.secret.is_some()));
    }
}

fn hint(draft: &mut Draft, text: &str) {
    if !draft.hints.iter().any(|hint| hint == text) {
        draft.hints.push(text.to_owned());
    }
}
