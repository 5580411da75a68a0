//! Authorization, login and consent: who is asked, and where the answer goes.

use reference_server::config::{Client, GrantType, ResponseType};

use super::super::delivery::{Delivery, form};
use super::super::kept::{Ask, Browser, Code, servers};
use super::super::reading::{Pairs, Seen};
use super::{Testimony, Witness, holds};
use crate::fuzzing::redirect_uri::is_registered;

const HOUR: u64 = 3_600_000;
const MINUTE: u64 = 60_000;

impl Witness {
    pub(super) fn browser(&mut self, seen: &Seen<'_>) -> Testimony {
        let ask = match seen.path {
            "/login" | "/consent" => self.asks.get(seen.form.get("csrf").unwrap_or_default()).cloned(),
            _ => Some(self.named(seen, Ask::of(seen, &self.config))),
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
            (code, token) => self.granted(seen, client, ask, code, token, params.get("id_token").is_some()),
        }
    }

    fn granted(
        &mut self,
        seen: &Seen<'_>,
        client: &Client,
        ask: Ask,
        code: Option<&str>,
        token: Option<&str>,
        with_id_token: bool,
    ) -> Testimony {
        let kind = match (code, token) {
            (Some(_), Some(_)) => ResponseType::CodeToken,
            (Some(_), None) if with_id_token => ResponseType::CodeIdToken,
            (Some(_), None) => ResponseType::Code,
            (None, _) => ResponseType::Token,
        };
        let scope = self.approved(seen, client, &ask, kind)?;
        let known = servers(&self.config);
        holds(ask.servers.iter().all(|server| known.contains(server)), "a grant for no resource server")?;
        let family = self.family(client, ask.user.clone(), scope.clone(), ask.servers.clone());
        if let Some(token) = token {
            self.keep_access(token, family, (scope, ask.servers.clone()), seen.now)?;
        }
        code.map_or(Ok(()), |code| self.code(seen, client, ask, code, family))
    }

    fn code(&mut self, seen: &Seen<'_>, client: &Client, ask: Ask, code: &str, family: usize) -> Testimony {
        holds(client.grants.contains(&GrantType::AuthorizationCode), "a code for a client without that grant")?;
        let needs_challenge = !client.proves_itself() || client.require_pkce;
        holds(!needs_challenge || ask.challenge.is_some(), "a code without the challenge that the client needs")?;
        self.found.add("code", code);
        let stored = Code { ask, ends: seen.now + MINUTE, family, spent: false };
        holds(self.codes.insert(code.to_owned(), stored).is_none(), "a code comes twice")
    }

    /// What the user allowed, if it was the user who did, in the session that was asked, for what was asked.
    fn approved(
        &mut self,
        seen: &Seen<'_>,
        client: &Client,
        ask: &Ask,
        kind: ResponseType,
    ) -> Result<Vec<String>, &'static str> {
        let wanted: &[&str] = match kind {
            ResponseType::Code => &["code"],
            ResponseType::Token => &["token"],
            ResponseType::CodeToken => &["code", "token"],
            ResponseType::CodeIdToken => &["code", "id_token"],
        };
        let mut asked: Vec<&str> = ask.response_type.split(' ').collect();
        asked.sort_unstable();
        holds(ask.clear, "a grant for an unclear request")?;
        holds(asked == wanted, "a grant of another kind than was asked for")?;
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

    /// A logout ends the session, and goes on only where the named client registered that.
    pub(super) fn logout(&mut self, seen: &Seen<'_>) -> Testimony {
        if let ([_], [id]) = (&*seen.fields("cookie").collect::<Vec<_>>(), &*seen.sessions().collect::<Vec<_>>()) {
            self.browsers.remove(*id);
        }
        let Some(location) = seen.response.header("location") else { return Ok(()) };
        let asked = seen.asked();
        holds(asked.is_clear(), "an unclear request is obeyed")?;
        let uri = asked.get("post_logout_redirect_uri").ok_or("a redirect that nobody asked for")?;
        let client = asked.get("client_id").and_then(|id| self.config.client(id));
        let listed = client.is_some_and(|client| client.post_logout_redirect_uris.iter().any(|known| known == uri));
        holds(listed, "a redirect off the list")?;
        let rest = location.strip_prefix(uri).ok_or("a redirect to another place than was asked for")?;
        let state = Pairs::read(rest.trim_start_matches(['?', '&']).as_bytes());
        holds(state.get("state") == asked.get("state"), "the state is not that of the request")
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
