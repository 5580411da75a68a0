//! Authorization, login and consent: who is asked, and where the answer goes.

use reference_server::config::{Client, GrantType, ResponseType};

use super::super::delivery::{Delivery, form};
use super::super::kept::{Ask, Browser, Code};
use super::super::reading::{Pairs, Seen};
use super::{Testimony, Witness, holds};
use crate::fuzzing::redirect_uri::is_registered;

const HOUR: u64 = 3_600_000;
const MINUTE: u64 = 60_000;

impl Witness {
    pub(super) fn browser(&mut self, seen: &Seen<'_>) -> Testimony {
        let ask = match seen.path {
            "/login" | "/consent" => self.asks.get(seen.form.get("csrf").unwrap_or_default()).cloned(),
            _ => Some(self.named(seen, Ask::of(seen))),
        };
        self.begun(seen, ask.as_ref())?;
        self.asking(seen, ask.as_ref())?;
        match Delivery::of(seen) {
            Some(delivery) => self.delivered(seen, &delivery, ask.ok_or("an answer to no request")?),
            None => Ok(()),
        }
    }

    /// A session begins with a request, and for a user with the right password.
    fn begun(&mut self, seen: &Seen<'_>, ask: Option<&Ask>) -> Testimony {
        let Some(id) = seen.new_session() else { return Ok(()) };
        let user = match seen.path {
            "/login" => {
                let ask = ask.ok_or("a login without a request")?;
                holds(seen.sessions().any(|id| id == ask.session), "a login from another session's page")?;
                Some(self.right_password(&seen.form).ok_or("a login with a wrong password")?)
            }
            "/consent" => return Err("a session begins at the consent page"),
            _ => None,
        };
        self.found.add("session", id);
        let fresh = self.browsers.insert(id.to_owned(), Browser { user, ends: seen.now + HOUR }).is_none();
        holds(fresh, "a session identifier comes twice")
    }

    /// A page with a form asks somebody something.
    fn asking(&mut self, seen: &Seen<'_>, ask: Option<&Ask>) -> Testimony {
        let Some((action, ticket)) = form(seen) else { return Ok(()) };
        let session = seen.new_session().or_else(|| seen.sessions().next()).unwrap_or_default();
        let browser = self.browsers.get(session).filter(|browser| seen.now < browser.ends);
        let browser = browser.ok_or("a form for no session")?;
        let consent = action == "/consent";
        let user = browser.user.clone().filter(|_| consent);
        holds(!consent || user.is_some(), "consent is asked of nobody")?;
        let ask = ask.ok_or("a form about no request")?;
        holds(seen.path != "/consent", "a form after consent")?;
        let kept = Ask { user, session: session.to_owned(), ..ask.clone() };
        // A login that failed shows its page again, under the same ticket, whatever that waits for.
        self.asks.entry(ticket.to_owned()).or_insert(kept);
        self.found.add("csrf", ticket);
        Ok(())
    }

    fn delivered(&mut self, seen: &Seen<'_>, delivery: &Delivery, ask: Ask) -> Testimony {
        let config = self.config.clone();
        let client = config.client(&ask.client).ok_or("a redirect for no client")?;
        let only = || client.redirect_uris.first().filter(|_| client.redirect_uris.len() == 1).cloned();
        let uri = ask.redirect_uri.clone().or_else(only).ok_or("a redirect without a redirect URI")?;
        holds(is_registered(client, &uri), "a redirect off the list")?;
        let params = delivery.to(&uri).ok_or("a redirect to another place than was asked for")?;
        let same_state = ask.classic || !ask.clear || params.get("state") == ask.state.as_deref();
        holds(same_state, "the state is not that of the request")?;
        match (params.get("code"), params.get("access_token")) {
            (None, None) => holds(params.get("error").is_some(), "a redirect with neither grant nor error"),
            (Some(_), Some(_)) => Err("code and token at once"),
            (Some(code), None) => self.code(seen, client, ask, code),
            (None, Some(token)) => self.implicit(seen, client, ask, token),
        }
    }

    fn code(&mut self, seen: &Seen<'_>, client: &Client, ask: Ask, code: &str) -> Testimony {
        let scope = self.approved(seen, client, &ask, ResponseType::Code)?;
        holds(client.grants.contains(&GrantType::AuthorizationCode), "a code for a client without that grant")?;
        let needs_challenge = client.is_public() || client.require_pkce;
        holds(!needs_challenge || ask.challenge.is_some(), "a code without the challenge that the client needs")?;
        self.found.add("code", code);
        let stored = Code { ask, scope, ends: seen.now + MINUTE, family: None };
        holds(self.codes.insert(code.to_owned(), stored).is_none(), "a code comes twice")
    }

    fn implicit(&mut self, seen: &Seen<'_>, client: &Client, ask: Ask, token: &str) -> Testimony {
        let scope = self.approved(seen, client, &ask, ResponseType::Token)?;
        let family = self.family(client, ask.user, scope.clone());
        self.keep_access(token, family, scope, seen.now)
    }

    /// What the user allowed, if it was the user who did, in the session that was asked, for what was asked.
    fn approved(
        &mut self,
        seen: &Seen<'_>,
        client: &Client,
        ask: &Ask,
        kind: ResponseType,
    ) -> Result<Vec<String>, &'static str> {
        let wanted = if kind == ResponseType::Code { "code" } else { "token" };
        holds(ask.clear, "a grant for an unclear request")?;
        holds(ask.response_type == wanted, "a grant of another kind than was asked for")?;
        holds(client.response_types.contains(&kind), "a grant that the client may not have")?;
        let may = |word: &String| client.scopes.contains(word);
        if ask.classic && seen.path == "/oauth/authorize" {
            holds(ask.user.is_some(), "a grant without the user's password")?;
            return Ok(ask.scope.iter().filter(|word| may(word)).cloned().collect());
        }
        holds(seen.path == "/consent", "a grant that nobody allowed")?;
        holds(seen.form.get("decision") == Some("approve"), "a grant that was denied")?;
        holds(seen.sessions().any(|id| id == ask.session), "a grant from another session's page")?;
        let browser = self.browsers.get(&ask.session).filter(|browser| seen.now < browser.ends);
        holds(browser.is_some_and(|browser| browser.user.is_some() && browser.user == ask.user), "a grant of nobody")?;
        self.asks.remove(seen.form.get("csrf").unwrap_or_default());
        let ticked = |word: &String| seen.form.all("scope").any(|ticked| ticked == word);
        Ok(ask.scope.iter().filter(|word| may(word) && ticked(word)).cloned().collect())
    }

    /// In the classic dialect the request itself may name the user.
    fn named(&self, seen: &Seen<'_>, ask: Ask) -> Ask {
        let user = if ask.classic { self.right_password(seen.asked()) } else { None };
        Ask { user, ..ask }
    }

    /// The user whose name and password these are.
    pub(super) fn right_password(&self, pairs: &Pairs) -> Option<String> {
        let user = self.config.user(pairs.get("username")?)?;
        (pairs.get("password") == Some(&user.password)).then(|| user.username.clone())
    }
}
