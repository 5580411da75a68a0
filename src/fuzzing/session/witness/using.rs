//! The protected resource, introspection and revocation: what a token is good for, and when it ends.

use serde_json::Value;

use super::super::credentials::proven;
use super::super::kept::{Life, Token, server};
use super::super::reading::Seen;
use super::{Testimony, Witness, holds, refusal};

impl Witness {
    pub(super) fn resource(&mut self, seen: &Seen<'_>, path: &str, needs: &str) -> Testimony {
        let header = seen.authorization().and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start_matches(' '))
        });
        let body = seen.form.get("access_token").filter(|_| seen.request.method == "POST" && seen.says_form());
        let token = |name: &str| self.access.get(name);
        let server = server(&self.config, path);
        let personal = |token: &Token| seen.path != "/userinfo" || self.families[token.family].user.is_some();
        let good = |token: &Token| {
            let reaches = token.servers.contains(&server) && token.scope.iter().any(|word| word == needs);
            seen.now < token.ends && reaches && personal(token)
        };
        if seen.response.status == 200 {
            holds(header.is_none() || body.is_none(), "a token by two methods works")?;
            let token = header.or(body).and_then(token).ok_or("the resource opens to no token")?;
            holds(self.life_of(token, false) != Life::Dead, "the resource opens to a token that has ended")?;
            holds(good(token), "the resource opens to a token that is too old or not for it")?;
            let body: Value = serde_json::from_slice(&seen.response.body).map_err(|_| "the resource speaks JSON")?;
            return self.about(token, &body);
        }
        holds(seen.response.header("www-authenticate").is_some(), "a refusal without a challenge")?;
        let plain = seen.request.headers.len() == 1 && seen.request.body.is_empty();
        let refused = header.filter(|_| plain).and_then(token);
        let wrong = refused.is_some_and(|token| good(token) && self.life_of(token, false) == Life::Live);
        holds(!wrong, "a good token is refused")
    }

    pub(super) fn introspection(&mut self, seen: &Seen<'_>) -> Testimony {
        let body: Value = serde_json::from_slice(&seen.response.body).map_err(|_| "introspection speaks JSON")?;
        if seen.response.status != 200 {
            return refusal(seen, &body);
        }
        let caller = proven(&self.config, seen).filter(|client| client.may_introspect && !client.is_public());
        let caller = caller.ok_or("introspection by somebody who may not")?;
        holds(seen.form.is_clear(), "an answer to an unclear request")?;
        let name = seen.form.get("token").ok_or("introspection of nothing")?;
        let own = |token: &&Token| *self.families[token.family].client == *caller.id;
        let (token, refresh) = match self.access.get(name) {
            Some(token) => (Some(token), false),
            None => (self.refresh.get(name).filter(own), true),
        };
        let for_caller = |token: &&Token| {
            refresh || caller.resource.as_ref().is_none_or(|path| token.servers.contains(&server(&self.config, path)))
        };
        let token = token.filter(|token| seen.now < token.ends).filter(for_caller);
        let life = token.map_or(Life::Dead, |token| self.life_of(token, refresh));
        match body.get("active").and_then(Value::as_bool) {
            None => Err("introspection does not say whether a token is active"),
            Some(false) => {
                holds(body.as_object().is_some_and(|body| body.len() == 1), "an inactive token is described")?;
                holds(life != Life::Live, "a good token is called inactive")
            }
            Some(true) => {
                holds(life != Life::Dead, "a token that has ended is called active")?;
                self.about(token.ok_or("an unknown token is called active")?, &body)
            }
        }
    }

    /// What is said about a token: its client and, if anything, its user.
    fn about(&self, token: &Token, body: &Value) -> Testimony {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let family = &self.families[token.family];
        holds(text("client_id") == Some(&family.client), "a token is said to be another client's")?;
        holds(
            text("username").is_none_or(|user| family.user.as_deref() == Some(user)),
            "a token is said to be another user's",
        )
    }

    pub(super) fn revocation(&mut self, seen: &Seen<'_>) -> Testimony {
        if seen.response.status != 200 {
            let body: Value = serde_json::from_slice(&seen.response.body).map_err(|_| "revocation speaks JSON")?;
            return refusal(seen, &body);
        }
        let config = self.config.clone();
        let client = proven(&config, seen).ok_or("a revocation by nobody")?;
        holds(seen.form.is_clear(), "an unclear request is obeyed")?;
        let name = seen.form.get("token").ok_or("a revocation of nothing")?;
        let families = &mut self.families;
        if let Some(token) = self.access.get_mut(name).filter(|token| *families[token.family].client == *client.id) {
            token.life = Life::Dead;
        }
        let refresh = self.refresh.get(name).filter(|token| seen.now < token.ends);
        if let Some(family) =
            refresh.map(|token| &mut families[token.family]).filter(|family| *family.client == *client.id)
        {
            (family.access, family.refresh) = (Life::Dead, Life::Dead);
        }
        Ok(())
    }
}
