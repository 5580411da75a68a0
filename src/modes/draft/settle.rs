//! What the trials of a draft teach: a client authenticates in the body, may not use a grant, could not be registered.

use super::super::trial::{Trial, Tried};
use super::{Draft, DraftClient};

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

/// A client that the server does not register asks for less, and is left out at last.
fn unregister(draft: &mut Draft, notes: &[String]) {
    let refused =
        |role: &str| notes.iter().find(|note| note.starts_with(&format!("[clients.{role}] was not registered")));
    let roles: Vec<String> = draft.clients.keys().filter(|role| refused(role).is_some()).cloned().collect();
    for role in roles {
        if draft.clients.get_mut(&role).is_some_and(asks_for_less) {
            continue;
        }
        if let Some(note) = refused(&role) {
            draft.hints.push(note.clone());
        }
        draft.clients.shift_remove(&role);
    }
}

/// One redirect URI in place of two, none with a query; `false` when there is nothing to leave out.
fn asks_for_less(client: &mut DraftClient) -> bool {
    let before = client.redirect_uris.clone();
    client.redirect_uris.truncate(1);
    let plain = |uri: &mut String| uri.truncate(uri.find('?').unwrap_or(uri.len()));
    client.redirect_uris.iter_mut().for_each(plain);
    client.redirect_uris != before
}

fn learn(draft: &mut Draft, trial: &Trial, said: &str) {
    let stands_in = trial.role == "machine" && !draft.clients.contains_key("machine");
    let role = if stands_in { "confidential" } else { trial.role };
    let doubted = draft.supports.iter().any(|word| word == trial.word) && trial.word != "authorization_code";
    let unknown = said.contains("invalid_client") || said.contains(": 401");
    // Who asks nobody may have no page for the prompt that was only supposed.
    if said.contains(": 404") && trial.word == "authorization_code" && draft.authorize.shift_remove("prompt").is_some()
    {
        return;
    }
    if let Some(client) = draft.clients.get_mut(role)
        && unknown
        && client.secret.is_some()
        && client.auth.is_none()
    {
        client.auth = Some("post");
        return;
    }
    if doubted {
        // What knows no PKCE does not make it optional either.
        let pkce = trial.word == "pkce";
        draft.supports.retain(|word| word != trial.word && !(pkce && word == "pkce_optional"));
        let said = one_line(&trial.secrets.redactor().redact(said));
        draft.hints.push(format!("`{}` did not work, so `supports` leaves it out: {said}", trial.word));
        return;
    }
    let Some(client) = draft.clients.get(role) else {
        // Others stand in for the role of this grant.
        if trial.word == role {
            narrow(draft, trial.word);
        }
        return;
    };
    match trial.word {
        "implicit" | "password" if client.id.is_empty() => {
            draft.clients.shift_remove(role);
            hint(draft, &format!("the registered [clients.{role}] did not get a token"));
        }
        "client_credentials" if scope_needed(draft, said) => {}
        "client_credentials" => {
            draft.scopes.shift_remove("machine");
            lack(draft, trial.word);
        }
        "multi_scope" => {
            let two = draft.scopes.shift_remove("two").unwrap_or_default();
            hint(draft, &format!("`scopes.two`, two scopes that the clients may have; `{two}` got no token"));
        }
        "refresh_token" if !draft.scopes.contains_key("refresh") => {
            hint(draft, "no refresh token came: `scopes.refresh` is the scope that asks for one");
        }
        "introspection" | "revocation" => lack(draft, trial.word),
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

/// Whether a scope may be all that is missing; it is asked for once, at the next try.
fn scope_needed(draft: &mut Draft, said: &str) -> bool {
    if !said.contains("scope") {
        return false;
    }
    let Some(scope) = draft.own_scope.take() else { return false };
    draft.scopes.insert("machine".into(), scope);
    true
}

/// The server has it, for other clients.
fn lack(draft: &mut Draft, word: &str) {
    if !draft.lacks.iter().any(|lacking| lacking == word) {
        draft.lacks.push(word.to_owned());
        hint(draft, &format!("the client may not use {word}: `lacks` keeps its checks away until it may"));
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

/// What fits into a comment.
fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|letter| !letter.is_control()).take(240).collect()
}

fn hint(draft: &mut Draft, text: &str) {
    if !draft.hints.iter().any(|hint| hint == text) {
        draft.hints.push(text.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secrets;

    fn failed(word: &'static str, role: &'static str, reason: &str) -> Trial {
        let tried = Tried::Fails(reason.into(), String::new());
        Trial { name: "", word, role, tried, secrets: Secrets::default() }
    }

    fn draft() -> Draft {
        let mut draft = Draft { own_scope: Some("read".into()), ..Draft::default() };
        let redirect_uris = vec!["https://app.example/cb?keep=1".into()];
        draft.add_client("confidential", DraftClient { id: "app".into(), redirect_uris, ..DraftClient::default() });
        draft
    }

    #[test]
    fn a_client_without_a_grant_asks_for_a_scope_once_and_lacks_it_then() {
        let (mut draft, trial) = (draft(), failed("client_credentials", "machine", "400 no scope"));
        assert!(settle(&mut draft, std::slice::from_ref(&trial), &[]));
        assert_eq!(draft.scopes["machine"], "read");
        assert!(settle(&mut draft, std::slice::from_ref(&trial), &[]));
        assert_eq!((draft.scopes.len(), draft.lacks.as_slice()), (0, &["client_credentials".to_owned()][..]));
        assert!(!settle(&mut draft, &[trial], &[]));
    }

    #[test]
    fn who_stands_in_for_a_role_may_not_use_its_grant() {
        let mut draft = draft();
        assert!(settle(&mut draft, &[failed("implicit", "implicit", "unauthorized_client")], &[]));
        let grants = &draft.clients["confidential"].grants;
        assert!(!grants.is_empty() && !grants.iter().any(|grant| grant == "implicit"), "{grants:?}");
    }

    #[test]
    fn a_grant_that_was_only_supposed_is_left_out() {
        let supports = ["pkce", "pkce_optional", "implicit"].map(str::to_owned).into();
        let mut draft = Draft { supports, ..draft() };
        assert!(settle(&mut draft, &[failed("implicit", "implicit", "status 400")], &[]));
        assert_eq!(draft.supports, ["pkce", "pkce_optional"]);
        assert!(draft.hints.iter().any(|hint| hint.ends_with(": status 400")), "{:?}", draft.hints);
        assert!(settle(&mut draft, &[failed("pkce", "confidential", "status 200")], &[]));
        assert!(draft.supports.is_empty());
    }

    #[test]
    fn a_prompt_without_a_page_is_left_out() {
        let authorize = [("prompt".to_owned(), "consent".to_owned())].into_iter().collect();
        let mut draft = Draft { authorize, ..draft() };
        assert!(!settle(&mut draft, &[failed("authorization_code", "confidential", "status 400")], &[]));
        let trial = failed("authorization_code", "confidential", "GET https://as.example/consent: 404");
        assert!(settle(&mut draft, &[trial], &[]));
        assert!(draft.authorize.is_empty());
    }

    #[test]
    fn a_refused_registration_asks_for_less_before_it_is_given_up() {
        let (mut draft, notes) = (draft(), ["[clients.confidential] was not registered: status 422".to_owned()]);
        assert!(settle(&mut draft, &[], &notes));
        assert_eq!(draft.clients["confidential"].redirect_uris, ["https://app.example/cb"]);
        assert!(settle(&mut draft, &[], &notes));
        assert!(draft.clients.is_empty() && draft.hints == notes);
    }
}
