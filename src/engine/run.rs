//! One run of a plan: each step in order, everything recorded, nothing judged. It ends early only when a capture
//! finds nothing or a template has no value.

use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::exchange::{Exchange, Observation, Request};
use crate::judge;
use crate::plan::{Plan, PlannedCase, PlannedStep, Variation};
use crate::scenario::{Consent, Hook, Selector};
use crate::target::{Target, User};
use crate::wire::Wire;

use super::browser::{Browser, Visit, went_through_unasked};
use super::collect::collect;
use super::hook;
use super::make::make;
use super::request::{Varied, of_authorize, of_send};
use super::scope::{Scope, origin_of};
use super::transcript::{StepRecord, Stop, Transcript, Values};

/// What a run needs besides its plan.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    /// How requests travel.
    pub wire: &'a Wire,
    /// Whom they travel to.
    pub target: &'a Target,
    /// Where made values come from.
    pub seed: u64,
    /// Whether real waiting is allowed.
    pub slow: bool,
}

/// Performs a plan: unchanged (`case` without variation is the control), or with one change.
pub async fn run(plan: &Plan, case: Option<&PlannedCase>, session: Session<'_>) -> Transcript {
    let mut engine = Engine {
        session,
        case,
        random: ChaCha8Rng::seed_from_u64(session.seed),
        values: Values::new(),
        browsers: BTreeMap::new(),
        sample: BTreeMap::new(),
        undo: Vec::new(),
        transcript: Transcript { secrets: session.target.secrets(), ..Transcript::default() },
    };
    engine.transcript.stopped = engine.steps(plan).await.err();
    engine.tidy().await;
    engine.transcript
}

/// The last step of the repetition group that starts here, and how often it is done.
fn group(plan: &Plan, index: usize) -> (usize, u32) {
    let Some(group) = &plan.steps[index].group else { return (index, 1) };
    let same = |step: &PlannedStep| step.group.as_ref() == Some(group);
    let length = plan.steps[index..].iter().take_while(|step| same(step)).count();
    (index + length - 1, group.times)
}

struct Engine<'a> {
    session: Session<'a>,
    case: Option<&'a PlannedCase>,
    random: ChaCha8Rng,
    values: Values,
    browsers: BTreeMap<String, Browser>,
    /// Every value that the last repeated group captured, in order.
    sample: BTreeMap<String, Vec<String>>,
    /// Hooks that put right what other hooks changed, and for whom.
    undo: Vec<(String, User)>,
    transcript: Transcript,
}

impl Engine<'_> {
    async fn steps(&mut self, plan: &Plan) -> Result<(), Stop> {
        let last = self.last(plan);
        let mut index = 0;
        while index <= last {
            let (end, times) = group(plan, index);
            if times > 1 {
                self.sample.clear();
            }
            for _ in 0..self.bounded(times) {
                for at in index..=end.min(last) {
                    self.step(at, &plan.steps[at]).await.map_err(|stop| Stop { index: at, ..stop })?;
                }
            }
            index = end + 1;
        }
        Ok(())
    }

    /// What cannot be undone is told: the next checks would suffer from it.
    async fn tidy(&mut self) {
        while let Some((name, user)) = self.undo.pop() {
            if let Err(reason) = hook::run(self.session.wire, self.session.target, &name, &user).await {
                self.transcript.stopped.get_or_insert(Stop { index: 0, reason, skipped: false });
            }
        }
    }

    /// A varied run ends at the step that is judged.
    fn last(&self, plan: &Plan) -> usize {
        let judged = self.variation().map(|variation| variation.judge.as_str());
        let place = judged.and_then(|judged| plan.steps.iter().position(|step| step.id == judged));
        place.unwrap_or_else(|| plan.steps.len().saturating_sub(1))
    }

    fn variation(&self) -> Option<&Variation> {
        self.case.and_then(|case| case.variation.as_ref())
    }

    /// Over a network a sample is no larger than the target's owner allows.
    fn bounded(&self, times: u32) -> u32 {
        if self.session.wire.is_in_process() { times } else { times.min(self.session.target.pace.sample.max(1)) }
    }

    async fn step(&mut self, index: usize, planned: &PlannedStep) -> Result<(), Stop> {
        let variation = self.variation().filter(|variation| variation.step == planned.id).cloned();
        let varied = Varied(variation.as_ref());
        let role = varied.word("as").unwrap_or_else(|| planned.role.clone());
        let user = varied.word("user").or_else(|| planned.step.user.clone()).unwrap_or_else(|| "default".into());
        let acting = Acting { planned, role, user, variation: variation.as_ref() };
        let times = self.bounded(planned.step.repeat.unwrap_or(1));
        let step = &planned.step;
        let idle = step.authorize.is_none() && step.send.is_none() && step.wait.is_none() && step.hook.is_none();
        let mut observations = if idle && !self.sample.is_empty() {
            self.sampled(&acting)
        } else if planned.step.together {
            self.race(&acting, times).await?
        } else {
            self.queue(&acting, times).await?
        };
        self.capture(&acting, &mut observations)?;
        self.record(index, planned, observations);
        self.missing_capture(planned)
    }

    /// One after the other, until enough.
    async fn queue(&mut self, acting: &Acting<'_>, times: u32) -> Result<Vec<Observation>, Stop> {
        let mut observations = Vec::new();
        for _ in 0..times {
            self.make(acting)?;
            let mut observation = self.act(acting).await?;
            observation.values = self.visible(acting);
            let enough = acting
                .planned
                .step
                .until
                .as_ref()
                .is_some_and(|until| judge::violations(until, std::slice::from_ref(&observation)).is_empty());
            observations.push(observation);
            if enough {
                break;
            }
        }
        Ok(observations)
    }

    /// A step without a verb looks at what the repeated flow before it captured: one observation a repetition.
    fn sampled(&self, acting: &Acting<'_>) -> Vec<Observation> {
        let size = self.sample.values().map(Vec::len).max().unwrap_or(0);
        let visible = self.visible(acting);
        let nth = |index: usize| {
            let drawn =
                self.sample.iter().filter_map(|(name, values)| Some((name.clone(), values.get(index)?.clone())));
            Observation { values: visible.clone().into_iter().chain(drawn).collect(), ..Observation::default() }
        };
        (0..size).map(nth).collect()
    }

    /// All at the same instant.
    async fn race(&mut self, acting: &Acting<'_>, times: u32) -> Result<Vec<Observation>, Stop> {
        self.make(acting)?;
        let request = self.request(acting)?;
        let values = self.visible(acting);
        let exchanges = self.session.wire.together(vec![request; times as usize]).await;
        let seen =
            |exchange| Observation { exchanges: vec![exchange], values: values.clone(), ..Observation::default() };
        Ok(exchanges.into_iter().map(seen).collect())
    }

    fn make(&mut self, acting: &Acting<'_>) -> Result<(), Stop> {
        for (name, maker) in &acting.planned.step.make {
            let full = format!("{}{name}", acting.planned.prefix);
            let mut random = self.random.clone();
            let made = make(&full, maker, &self.scope(acting), &mut random).map_err(|name| no_value(&name))?;
            self.random = random;
            self.values.extend(made);
        }
        Ok(())
    }

    async fn act(&mut self, acting: &Acting<'_>) -> Result<Observation, Stop> {
        let step = &acting.planned.step;
        if let Some(wait) = &step.wait {
            let seconds = self.text(acting, &wait.seconds)?.parse::<u64>().unwrap_or(0) + u64::from(wait.plus);
            return self.wait(seconds).await;
        }
        if let Some(hook) = &step.hook {
            return self.hook(hook, acting).await;
        }
        if step.authorize.is_some() {
            return self.authorize(acting).await;
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
        let redirect = super::browser::read_redirect(&exchange);
        Ok(Observation { redirect, exchanges: vec![exchange], ..Observation::default() })
    }

    async fn wait(&mut self, seconds: u64) -> Result<Observation, Stop> {
        let allowed = self.session.slow && seconds <= self.session.target.pace.max_wait;
        if !self.session.wire.is_in_process() && !allowed {
            let reason = format!("needs a wait of {seconds} s; allow it by `--slow` and `pace.max_wait`");
            return Err(Stop { index: 0, reason, skipped: true });
        }
        self.session.wire.wait(seconds).await;
        Ok(Observation::default())
    }

    async fn hook(&mut self, hook: &Hook, acting: &Acting<'_>) -> Result<Observation, Stop> {
        let user = self.session.target.user(&acting.user).cloned().unwrap_or_default();
        self.undo.extend(hook.undo.clone().map(|undo| (undo, user.clone())));
        let done = hook::run(self.session.wire, self.session.target, &hook.run, &user).await;
        done.map_err(|reason| Stop { index: 0, reason, skipped: false })?;
        Ok(Observation::default())
    }

    async fn authorize(&mut self, acting: &Acting<'_>) -> Result<Observation, Stop> {
        let request = self.request(acting)?;
        let step = acting.planned.step.authorize.clone().unwrap_or_default();
        let mut user = self.session.target.user(&acting.user).cloned().unwrap_or_default();
        if let Some(password) = &step.password {
            user.password = self.text(acting, password)?;
        }
        let page = step.page_of.as_ref().map(|other| self.page_of(other)).transpose()?;
        let denied = Varied(acting.variation).word("consent").is_some_and(|word| word == "deny");
        let stops = stops(self.session.target, &acting.role);
        let texts = |scopes: &Vec<String>| scopes.iter().map(|scope| self.text(acting, scope)).collect();
        let approved: Option<Vec<String>> = step.approve_scopes.as_ref().map(texts).transpose()?;
        let detour = step.detour.as_ref().map(|detour| self.text(acting, detour)).transpose()?;
        let jar = self.browsers.entry(browser_name(acting)).or_default();
        let visit = Visit {
            request,
            login: &self.session.target.login,
            user: &user,
            until: step.until,
            consent: if denied { Consent::Deny } else { step.consent },
            approve_scopes: approved.as_deref(),
            forged: step.forged,
            detour,
            page,
            stops,
        };
        let about_consent = visit.consent == Consent::Deny || visit.forged;
        let seen = jar.authorize(self.session.wire, visit).await;
        if about_consent && went_through_unasked(&seen) {
            let reason = "the target did not ask the user, so there was no consent to deny or to forge";
            return Err(Stop { index: 0, reason: reason.into(), skipped: true });
        }
        Ok(seen)
    }

    fn page_of(&self, browser: &str) -> Result<Exchange, Stop> {
        let page = self.browsers.get(browser).and_then(Browser::page).cloned();
        page.ok_or_else(|| Stop { index: 0, reason: format!("the browser `{browser}` is at no page"), skipped: false })
    }

    fn request(&self, acting: &Acting<'_>) -> Result<Request, Stop> {
        let step = &acting.planned.step;
        let scope = self.scope(acting);
        let built = match (&step.authorize, &step.send) {
            (Some(authorize), _) => of_authorize(authorize, &scope, acting.variation),
            (None, Some(send)) => of_send(send, &scope, acting.variation),
            (None, None) => Ok(Request::default()),
        };
        built.map_err(|name| no_value(&name))
    }

    fn text(&self, acting: &Acting<'_>, template: &str) -> Result<String, Stop> {
        let text = self.scope(acting).render(template).map_err(|name| no_value(&name))?;
        Ok(text.unwrap_or_default())
    }

    fn scope<'s>(&'s self, acting: &'s Acting<'_>) -> Scope<'s> {
        Scope {
            target: self.session.target,
            step: acting.planned,
            role: &acting.role,
            user: &acting.user,
            case: self.case.map_or(&[], |case| &case.with),
            values: &self.values,
            now: self.session.wire.now_ms() / 1000,
        }
    }

    /// The values that expectations of this step may name: all of them, those of its own flow also unprefixed,
    /// and every name of the target file that its templates use.
    fn visible(&self, acting: &Acting<'_>) -> Values {
        let mut values = self.values.clone();
        for (name, value) in &self.values {
            if let Some(short) = name.strip_prefix(&acting.planned.prefix).filter(|_| !acting.planned.prefix.is_empty())
            {
                values.insert(short.to_owned(), value.clone());
            }
        }
        let scope = self.scope(acting);
        let judged =
            acting.variation.iter().flat_map(|variation| [&variation.expect, &variation.should, &variation.earlier]);
        let expects = [&acting.planned.step.expect, &acting.planned.step.should, &acting.planned.step.until];
        for expect in expects.into_iter().chain(judged).chain(self.judged_here(acting)).flatten() {
            for name in expect.names() {
                if let Some(value) = scope.lookup(&name) {
                    values.entry(name).or_insert(value);
                }
            }
        }
        values
    }

    /// The variation's expectations when this is the step they judge.
    fn judged_here(&self, acting: &Acting<'_>) -> [&Option<crate::scenario::Expect>; 3] {
        match self
            .variation()
            .filter(|variation| variation.judge == acting.planned.id || variation.step != acting.planned.id)
        {
            Some(variation) => [&variation.expect, &variation.should, &variation.earlier],
            None => [&None, &None, &None],
        }
    }

    /// Takes values from the answers; what an earlier step captured under the same name is forgotten.
    fn capture(&mut self, acting: &Acting<'_>, observations: &mut [Observation]) -> Result<(), Stop> {
        for (name, selector) in &acting.planned.step.capture {
            let selector =
                Selector::parse(selector.trim_end_matches('?')).map_err(|error| no_value(&error.to_string()))?;
            let full = format!("{}{name}", acting.planned.prefix);
            self.values.remove(&full);
            for observation in observations.iter_mut() {
                observation.values.remove(name);
                if let Some(value) = judge::select(&selector, observation).first() {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    if acting.planned.group.is_some() {
                        self.sample.entry(name.clone()).or_default().push(text.clone());
                    }
                    self.values.insert(full.clone(), text.clone());
                    observation.values.insert(name.clone(), text);
                }
            }
        }
        Ok(())
    }

    fn record(&mut self, index: usize, planned: &PlannedStep, observations: Vec<Observation>) {
        for exchange in observations.iter().flat_map(|observation| &observation.exchanges) {
            collect(exchange, &mut self.transcript.secrets);
        }
        match self.transcript.steps.iter_mut().find(|record| record.index == index) {
            Some(record) => record.observations.extend(observations),
            None => self.transcript.steps.push(StepRecord { index, id: planned.id.clone(), observations }),
        }
    }

    /// A capture that found nothing ends the run, unless its selector ends in `?`.
    fn missing_capture(&self, planned: &PlannedStep) -> Result<(), Stop> {
        let found = |name: &str| self.values.contains_key(&format!("{}{name}", planned.prefix));
        let lost = planned.step.capture.iter().find(|(name, selector)| !selector.ends_with('?') && !found(name));
        match lost {
            None => Ok(()),
            Some((_, selector)) => {
                Err(Stop { index: 0, reason: format!("the answer has no {selector}"), skipped: false })
            }
        }
    }
}

/// A step with the roles it acts in after the variation.
struct Acting<'a> {
    planned: &'a PlannedStep,
    role: String,
    user: String,
    variation: Option<&'a Variation>,
}

fn browser_name(acting: &Acting<'_>) -> String {
    acting.planned.step.browser.clone().unwrap_or_else(|| "main".into())
}

/// Where the browser stops: the redirect URIs of every client on the target, never requested.
fn stops(target: &Target, role: &str) -> Vec<String> {
    let own = target.client(role).into_iter().flat_map(|client| client.redirect_uris.clone());
    let all = target.clients.values().flat_map(|client| client.redirect_uris.clone());
    let origins: Vec<String> = target.endpoints.values().map(|url| origin_of(url)).collect();
    own.chain(all).filter(|uri| !origins.contains(uri)).collect()
}

fn no_value(name: &str) -> Stop {
    Stop { index: 0, reason: format!("there is no value for `{name}`"), skipped: true }
}
