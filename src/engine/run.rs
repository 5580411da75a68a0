//! One run of a plan: each step in order, everything recorded, nothing judged. It ends early only when a capture
//! finds nothing or a template has no value.

mod values;
mod verbs;

pub use verbs::leaves_for_a_client;

use std::borrow::Cow;
use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::exchange::{Answer, Exchange, Observation, Request};
use crate::judge;
use crate::plan::{Plan, PlannedCase, PlannedStep, Variation};
use crate::scenario::Step;
use crate::target::{Target, User};
use crate::wire::Wire;

use super::browser::Browser;
use super::hook;
use super::make::{fresh_text, make};
use super::transcript::{Stop, Transcript, Values};
use super::varied::Varied;

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
    run_in(plan, case, session, &mut Browsers::new()).await
}

/// The browsers of a run, by name.
pub type Browsers = BTreeMap<String, Browser>;

/// The same in browsers that were there before; they keep the cookies of this run.
pub async fn run_in(
    plan: &Plan,
    case: Option<&PlannedCase>,
    session: Session<'_>,
    browsers: &mut Browsers,
) -> Transcript {
    let mut engine = Engine {
        session,
        target: Cow::Borrowed(session.target),
        case,
        random: ChaCha8Rng::seed_from_u64(session.seed),
        values: Values::new(),
        browsers: std::mem::take(browsers),
        sample: BTreeMap::new(),
        undo: Vec::new(),
        transcript: Transcript { secrets: session.target.secrets(), ..Transcript::default() },
    };
    engine.transcript.stopped = engine.steps(plan).await.err();
    engine.tidy().await;
    *browsers = engine.browsers;
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
    /// The target, and whoever registered in this run.
    target: Cow<'a, Target>,
    case: Option<&'a PlannedCase>,
    random: ChaCha8Rng,
    values: Values,
    browsers: Browsers,
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
            if let Err(reason) = hook::run(self.session.wire, &self.target, &name, &user).await {
                self.transcript.stopped.get_or_insert(Stop::blocked(reason));
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
        if self.session.wire.is_in_process() { times } else { times.min(self.target.pace.sample.max(1)) }
    }

    async fn step(&mut self, index: usize, planned: &PlannedStep) -> Result<(), Stop> {
        let variation = self.variation().and_then(|variation| variation.of(&planned.id));
        let varied = Varied::by(variation.as_ref());
        let role = varied.word("as").unwrap_or_else(|| planned.role.clone());
        let user = varied.word("user").or_else(|| planned.step.user.clone()).unwrap_or_else(|| "default".into());
        let acting = Acting { planned, role, user, variation: variation.as_ref() };
        let times = self.bounded(planned.step.repeat.unwrap_or(1));
        let idle = planned.step.verbs() == 0;
        let mut observations = if idle && !self.sample.is_empty() {
            self.sampled(&acting)
        } else if planned.step.together {
            self.race(&acting, times).await?
        } else {
            self.queue(&acting, times).await?
        };
        self.capture(&acting, &mut observations)?;
        self.register(planned, &observations);
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
        let mut requests = vec![self.request(acting)?; times as usize];
        let middle = requests.len() / 2;
        let beside = self.beside(acting)?.map(|request| requests.insert(middle, request));
        let values = self.visible(acting);
        let mut exchanges = self.session.wire.together(requests).await;
        let mut beside: Vec<Exchange> = beside.map(|()| exchanges.remove(middle)).into_iter().collect();
        beside.iter().try_for_each(accepted)?;
        let seen = |exchange| {
            let exchanges = beside.drain(..).chain([exchange]).collect();
            Observation { exchanges, values: values.clone(), ..Observation::default() }
        };
        Ok(exchanges.into_iter().map(seen).collect())
    }

    /// What travels in the middle of a race: kept with the first of its answers, before it, where it is not judged.
    fn beside(&self, acting: &Acting<'_>) -> Result<Option<Request>, Stop> {
        let Some(send) = &acting.planned.step.beside else { return Ok(None) };
        let step = Step { send: Some(send.clone()), ..acting.planned.step.clone() };
        let planned = PlannedStep { step, ..acting.planned.clone() };
        let acting =
            Acting { planned: &planned, role: acting.role.clone(), user: acting.user.clone(), variation: None };
        self.request(&acting).map(Some)
    }

    fn make(&mut self, acting: &Acting<'_>) -> Result<(), Stop> {
        if self.scope(acting).client().is_some_and(|client| client.key.is_some()) {
            self.values.insert("assertion.jti".into(), fresh_text(&mut self.random));
        }
        for (name, maker) in &acting.planned.step.make {
            let full = format!("{}{name}", acting.planned.prefix);
            let mut random = self.random.clone();
            let made = make(&full, maker, &self.scope(acting), &mut random).map_err(|name| no_value(&name))?;
            self.random = random;
            self.values.extend(made);
        }
        Ok(())
    }
}

/// What a race is about has to happen, or nothing was learnt from it.
fn accepted(beside: &Exchange) -> Result<(), Stop> {
    let refused =
        |what: &str| Err(Stop::blocked(format!("what travelled in the middle of the race was not accepted: {what}")));
    match &beside.answer {
        Answer::Response(response) if response.status / 100 == 2 => Ok(()),
        Answer::Response(response) => refused(&format!("status {}", response.status)),
        Answer::Nothing(reason) => refused(reason),
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

fn no_value(name: &str) -> Stop {
    Stop::skipped(format!("there is no value for `{name}`"))
}
