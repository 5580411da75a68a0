//! The token endpoint: for each token a credential that fits, and what happens when one is presented again.

use reference_server::config::{Client, GrantType};
use serde_json::Value;

use super::super::credentials::proven;
use super::super::kept::{Code, Family, Life, Token, aim, servers};
use super::super::reading::Seen;
use super::{Testimony, Witness, holds, refusal};
use crate::crypto::s256;

const HOUR: u64 = 3_600_000;
const FORTNIGHT: u64 = 14 * 24 * HOUR;

type Ground = Result<usize, &'static str>;

/// The scope and the resource servers of a token.
type Reach = (Vec<String>, Vec<String>);

impl Witness {
    pub(super) fn issuing(&mut self, seen: &Seen<'_>) -> Testimony {
        let body: Value = serde_json::from_slice(&seen.response.body).map_err(|_| "the token endpoint speaks JSON")?;
        let Some(token) = body.get("access_token").and_then(Value::as_str) else {
            self.presented_again(seen, &body);
            return refusal(seen, &body);
        };
        holds(seen.response.status == 200 && body.get("error").is_none(), "a token beside an error")?;
        holds(seen.form.is_clear(), "a token for an unclear request")?;
        let config = self.config.clone();
        let client = proven(&config, seen).ok_or("a token without client authentication")?;
        self.signed_once(seen)?;
        let family = self.ground(seen, client)?;
        let scope = self.scope(seen, &body, family)?;
        let servers = self.servers(seen, family)?;
        self.keep_access(token, family, (scope, servers), seen.now)?;
        match body.get("refresh_token").and_then(Value::as_str) {
            Some(token) => self.keep_refresh(token, family, seen.now),
            None => Ok(()),
        }
    }

    /// What the token stands for, after the credential of its grant was found good.
    fn ground(&mut self, seen: &Seen<'_>, client: &Client) -> Ground {
        let may = |grant| holds(client.grants.contains(&grant), "a token by a grant that the client may not use");
        let classic = seen.path == "/oauth/token";
        match (seen.form.get("grant_type"), classic) {
            (Some("authorization_code"), _) => {
                may(GrantType::AuthorizationCode).and_then(|()| self.redeemed(seen, client))
            }
            (Some("refresh_token"), _) => may(GrantType::RefreshToken).and_then(|()| self.rotated(seen, client)),
            (Some("password"), false) => {
                may(GrantType::Password)?;
                let user = self.right_password(&seen.form).ok_or("a token for a wrong password")?;
                Ok(self.family(client, Some(user), asked_scope(seen), self.asked_servers(seen)))
            }
            (Some("client_credentials"), false) | (Some("access_token"), true) => {
                may(GrantType::ClientCredentials)?;
                holds(client.proves_itself(), "a public client acts for itself")?;
                Ok(self.family(client, None, asked_scope(seen), self.asked_servers(seen)))
            }
            _ => Err("a token by no grant"),
        }
    }

    fn redeemed(&mut self, seen: &Seen<'_>, client: &Client) -> Ground {
        let code =
            seen.form.get("code").and_then(|code| self.codes.get_mut(code)).ok_or("a token for an unknown code")?;
        fits(code, client, seen)?;
        holds(!code.spent, "a code works twice")?;
        code.spent = true;
        Ok(code.family)
    }

    fn rotated(&mut self, seen: &Seen<'_>, client: &Client) -> Ground {
        let name = seen.form.get("refresh_token").unwrap_or_default();
        let token = self.refresh.get(name).ok_or("a token for an unknown refresh token")?;
        holds(self.life_of(token, true) != Life::Dead, "a refresh token works that has ended")?;
        holds(seen.now < token.ends, "an expired refresh token works")?;
        let family = token.family;
        holds(*self.families[family].client == *client.id, "another client's refresh token works")?;
        self.refresh.entry(name.to_owned()).and_modify(|token| token.life = Life::Dead);
        Ok(family)
    }

    /// A code or refresh token that comes back although it was used ends what came from it: surely when everything else about
    /// the request is right, and surely not when it proves nothing.
    fn presented_again(&mut self, seen: &Seen<'_>, body: &Value) {
        let config = self.config.clone();
        let client = proven(&config, seen);
        let refused = body.get("error").and_then(Value::as_str) == Some("invalid_grant");
        let code = seen.form.get("code").and_then(|code| self.codes.get(code));
        if let (Some("authorization_code"), Some(code)) = (seen.form.get("grant_type"), code) {
            let right = client.is_some_and(|client| fits(code, client, seen).is_ok());
            let again = code.spent && right && refused;
            Some(code.family).filter(|_| again).into_iter().for_each(|family| self.end(family, Life::Dead));
        }
        let token = seen.form.get("refresh_token").and_then(|token| self.refresh.get(token));
        if let (Some("refresh_token"), Some(token)) = (seen.form.get("grant_type"), token) {
            let life = if client.is_some() { Life::Dead } else { Life::Unclear };
            let used = token.life == Life::Dead && seen.now < token.ends && refused;
            Some(token.family).filter(|_| used).into_iter().for_each(|family| self.end(family, life));
        }
    }

    fn end(&mut self, family: usize, life: Life) {
        let family = &mut self.families[family];
        family.access = family.access.max(life);
        family.refresh = family.refresh.max(life);
    }

    /// The scope of the answer goes beyond neither what was granted nor what the client may have.
    fn scope(&self, seen: &Seen<'_>, body: &Value, family: usize) -> Result<Vec<String>, &'static str> {
        let granted = &self.families[family];
        let words: Vec<String> = match body.get("scope").and_then(Value::as_str) {
            Some(scope) => scope.split(' ').map(str::to_owned).collect(),
            None if seen.path == "/oauth/token" => return Ok(granted.scope.clone()),
            None => return Err("an answer that does not say its scope"),
        };
        let within = |word: &String| granted.scope.contains(word);
        let allowed =
            |word: &String| self.config.client(&granted.client).is_some_and(|client| client.scopes.contains(word));
        holds(words.iter().all(|word| within(word) && allowed(word)), "more scope than was granted")?;
        Ok(words)
    }

    /// Those of the resource servers that there are which the request names, or all; guests of the classic dialect name none.
    fn asked_servers(&self, seen: &Seen<'_>) -> Vec<String> {
        let known = servers(&self.config);
        if is_guest(seen) {
            return known;
        }
        let named = aim(&seen.form, known.clone());
        known.into_iter().filter(|server| named.contains(server)).collect()
    }

    /// The resource servers of the token: those named, if they were granted.
    fn servers(&self, seen: &Seen<'_>, family: usize) -> Result<Vec<String>, &'static str> {
        let granted = &self.families[family].servers;
        let named = if is_guest(seen) { granted.clone() } else { aim(&seen.form, granted.clone()) };
        holds(
            named.iter().all(|server| granted.contains(server)),
            "a token for more resource servers than were granted",
        )?;
        Ok(named)
    }

    /// A signature counts once.
    fn signed_once(&mut self, seen: &Seen<'_>) -> Testimony {
        let signature = seen.authorization().filter(|value| value.to_ascii_lowercase().starts_with("hmac"));
        let signature = signature.and_then(|value| value.rsplit(':').next()).map(str::to_owned);
        holds(signature.is_none_or(|signature| self.signatures.insert(signature)), "a signed request works twice")
    }

    pub(super) fn family(
        &mut self,
        client: &Client,
        user: Option<String>,
        scope: Vec<String>,
        servers: Vec<String>,
    ) -> usize {
        let (client, access, refresh) = (client.id.to_string(), Life::Live, Life::Live);
        self.families.push(Family { client, user, scope, servers, access, refresh });
        self.families.len() - 1
    }

    pub(super) fn keep_access(&mut self, token: &str, family: usize, reach: Reach, now: u64) -> Testimony {
        self.found.add("access_token", token);
        let (scope, servers) = reach;
        let kept = Token { family, scope, servers, ends: now + HOUR, life: Life::Live };
        holds(self.access.insert(token.to_owned(), kept).is_none(), "an access token comes twice")
    }

    fn keep_refresh(&mut self, token: &str, family: usize, now: u64) -> Testimony {
        self.found.add("refresh_token", token);
        let (scope, servers) = (self.families[family].scope.clone(), self.families[family].servers.clone());
        let kept = Token { family, scope, servers, ends: now + FORTNIGHT, life: Life::Live };
        holds(self.refresh.insert(token.to_owned(), kept).is_none(), "a refresh token comes twice")
    }
}

/// Whether the request has everything that this code needs, apart from its being new.
fn fits(code: &Code, client: &Client, seen: &Seen<'_>) -> Testimony {
    holds(*code.ask.client == *client.id, "another client's code works")?;
    holds(seen.now < code.ends, "an expired code works")?;
    let named = code.ask.redirect_uri.as_deref().filter(|_| !code.ask.classic);
    holds(named.is_none() || named == seen.form.get("redirect_uri"), "a code works with another redirect URI")?;
    match (&code.ask.challenge, seen.form.get("code_verifier")) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err("a verifier for a code without a challenge"),
        (Some(_), None) => Err("a code with a challenge works without a verifier"),
        (Some((challenge, plain)), Some(verifier)) => {
            let made = if *plain { verifier.to_owned() } else { s256(verifier) };
            holds(made == *challenge && (43..=128).contains(&verifier.len()), "a code works with another verifier")
        }
    }
}

/// The grant of the classic dialect for clients themselves.
fn is_guest(seen: &Seen<'_>) -> bool {
    seen.form.get("grant_type") == Some("access_token")
}

fn asked_scope(seen: &Seen<'_>) -> Vec<String> {
    seen.form.get("scope").unwrap_or("read").split(' ').map(str::to_owned).collect()
}
