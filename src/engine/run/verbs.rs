//! What each verb of a step does: `send`, `authorize`, `wait`, `hook`.

use crate::exchange::{Exchange, Observation, Redirect, Request};
use crate::plan::DEFAULT_ROLE;
use crate::scenario::{Consent, Hook, Tls};
use crate::target::Target;

use super::super::browser::{Browser, Visit, read_redirect, went_through_unasked};
use super::super::hook;
use super::super::redirect::leaves;
use super::super::request::{endpoint, of_authorize, of_send};
use super::super::scope::origin_of;
use super::super::transcript::Stop;
use super::super::varied::Varied;
use super::{Acting, Engine, browser_name, no_value};

impl Engine<'_> {
    pub(super) async fn act(&mut self, acting: &Acting<'_>) -> Result<Observation, Stop> {
        let step = &acting.planned.step;
        if let Some(wait) = &step.wait {
            return self.wait(seconds(&self.text(acting, &wait.seconds)?)? + u64::from(wait.plus)).await;
        }
        if let Some(hook) = &step.hook {
            return self.hook(hook, acting).await;
        }
        if step.authorize.is_some() {
            return self.authorize(acting).await;
        }
        if let Some(tls) = &step.tls {
            return self.handshake(tls, acting).await;
        }
        let Some(send) = &step.send else { return Ok(Observation::default()) };
        let mut request = self.request(acting)?;
        let jar = self.browsers.entry(browser_name(acting)).or_default();
        if let Some(cookies) = jar.cookies_for(&request.url).filter(|_| send.cookies) {
            request.headers.push(("Cookie".into(), cookies));
        }
        let exchange = self.session.wire.send(&request).await;
        if send.cookies {
            jar.store(&exchange);
        }
        let redirect = read_redirect(&exchange);
        Ok(Observation { redirect, exchanges: vec![exchange], ..Observation::default() })
    }

    async fn wait(&mut self, seconds: u64) -> Result<Observation, Stop> {
        let allowed = self.session.slow && seconds <= self.target.pace.max_wait;
        if !self.session.wire.is_in_process() && !allowed {
            let reason = format!("needs a wait of {seconds} s; allow it by `--slow` and `pace.max_wait`");
            return Err(Stop::skipped(reason));
        }
        self.session.wire.wait(seconds).await;
        Ok(Observation::default())
    }

    /// No connection is no answer: what cannot be asked is told as what a browser could not do is.
    async fn handshake(&self, tls: &Tls, acting: &Acting<'_>) -> Result<Observation, Stop> {
        let text = |text: &Option<String>| text.as_ref().map(|text| self.text(acting, text)).transpose();
        let (version, suites) = (text(&tls.version)?, text(&tls.suites)?);
        let url = endpoint(&tls.to, &self.scope(acting)).map_err(|name| no_value(&name))?;
        let seen = self.session.wire.handshake(&url, version.as_deref(), suites.as_deref()).await;
        let stuck = seen.as_ref().err().map(|reason| format!("no handshake: {reason}"));
        Ok(Observation { handshake: seen.ok(), stuck, ..Observation::default() })
    }

    async fn hook(&mut self, hook: &Hook, acting: &Acting<'_>) -> Result<Observation, Stop> {
        let user = self.target.user(&acting.user).cloned().unwrap_or_default();
        self.undo.extend(hook.undo.clone().map(|undo| (undo, user.clone())));
        let done = hook::run(self.session.wire, &self.target, &hook.run, &user).await;
        done.map_err(Stop::blocked)?;
        Ok(Observation::default())
    }

    async fn authorize(&mut self, acting: &Acting<'_>) -> Result<Observation, Stop> {
        let request = self.request(acting)?;
        let step = acting.planned.step.authorize.clone().unwrap_or_default();
        let mut user = self.target.user(&acting.user).cloned().unwrap_or_default();
        if let Some(password) = &step.password {
            user.password = self.text(acting, password)?;
        }
        let page = step.page_of.as_ref().map(|other| self.page_of(other)).transpose()?;
        let denied = Varied::by(acting.variation).word("consent").is_some_and(|word| word == "deny");
        let stops = stops(&self.target, &acting.role);
        let texts = |scopes: &Vec<String>| scopes.iter().map(|scope| self.text(acting, scope)).collect();
        let approved: Option<Vec<String>> = step.approve_scopes.as_ref().map(texts).transpose()?;
        let detour = step.detour.as_ref().map(|detour| self.text(acting, detour)).transpose()?;
        let user_code = step.user_code.as_ref().map(|code| self.text(acting, code)).transpose()?;
        if let Some(planted) = step.cookies_of.as_ref().and_then(|other| self.browsers.get(other)).map(Browser::copy) {
            self.browsers.insert(browser_name(acting), planted);
        }
        let jar = self.browsers.entry(browser_name(acting)).or_default();
        let visit = Visit {
            request,
            login: &self.target.login,
            user: &user,
            until: step.until,
            consent: if denied { Consent::Deny } else { step.consent },
            approve_scopes: approved.as_deref(),
            forged: step.forged,
            user_code,
            detour,
            hoards: step.hoards,
            page,
            stops,
        };
        let about_consent = visit.consent == Consent::Deny || visit.forged;
        let seen = jar.authorize(self.session.wire, visit).await;
        if about_consent && went_through_unasked(&seen) {
            let reason = "the target did not ask the user, so there was no consent to deny or to forge";
            return Err(Stop::skipped(reason));
        }
        Ok(seen)
    }

    fn page_of(&self, browser: &str) -> Result<Exchange, Stop> {
        let page = self.browsers.get(browser).and_then(Browser::page).cloned();
        page.ok_or_else(|| Stop::blocked(format!("the browser `{browser}` is at no page")))
    }

    pub(super) fn request(&self, acting: &Acting<'_>) -> Result<Request, Stop> {
        let step = &acting.planned.step;
        let scope = self.scope(acting);
        let built = match (&step.authorize, &step.send) {
            (Some(authorize), _) => of_authorize(authorize, &scope, acting.variation),
            (None, Some(send)) => of_send(send, &scope, acting.variation),
            (None, None) => Ok(Request::default()),
        };
        built.map_err(|name| no_value(&name))
    }
}

/// A target may write a lifetime as a fraction, or as no number at all.
fn seconds(text: &str) -> Result<u64, Stop> {
    let number = text.trim().parse::<f64>().ok().filter(|number| (0.0..=MOST_SECONDS).contains(number));
    let number = number.ok_or_else(|| Stop::skipped(format!("`{text}` is no number of seconds to wait")))?;
    // Within bounds and not negative, so nothing is lost but the fraction, which is rounded up.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok(number.ceil() as u64)
}

/// A century; also what keeps the clock of the provider in the process from running over.
const MOST_SECONDS: f64 = 3.2e9;

/// Whether a redirect leads to a client, or anywhere else that is not the target.
pub fn leaves_for_a_client(target: &Target, from: &str, redirect: &Redirect) -> bool {
    leaves(from, redirect, &stops(target, DEFAULT_ROLE))
}

/// Where the browser stops: the redirect URIs of every client on the target, never requested. One that would stop it
/// anywhere on the target says nothing.
fn stops(target: &Target, role: &str) -> Vec<String> {
    let own = target.client(role).into_iter().flat_map(|client| client.redirect_uris.clone());
    let all = target.clients.values().flat_map(|client| client.redirect_uris.clone());
    let origins: Vec<String> = target.endpoints.values().map(|url| origin_of(url)).collect();
    let everywhere = |uri: &String| origins.iter().any(|origin| origin.starts_with(uri.as_str()));
    own.chain(all).filter(|uri| !everywhere(uri)).collect()
}
