//! Performs the flows of a load for one worker. A request that hardly changes goes over a connection of its own with no work
//! but what judging the answer takes; any other flow goes through the engine like a check.

use std::cell::RefCell;
use std::time::Duration;

use tokio::time::Instant;

use super::super::verdict;
use super::audit::{Claims, Owner, Tokens, Wanted};
use super::flow::{Flow, Repeats};
use super::inspector::Samples;
use super::schedule::Turn;
use super::shot::Shot;
use super::tally::Tally;
use super::worker::{Done, Performs};
use crate::engine::{self, Session, Transcript};
use crate::exchange::{Answer, Exchange};
use crate::outcome::Verdict;
use crate::plan::Plan;
use crate::target::Target;
use crate::wire::{Caller, Heard, Wire};

/// The flows of one worker.
pub struct Player<'a> {
    pub target: &'a Target,
    pub wire: Wire,
    pub seed: u64,
    pub flows: Vec<Ready>,
    /// Which flow each turn has.
    pub round: &'a [usize],
    pub tally: &'a RefCell<Tally>,
    pub samples: &'a RefCell<Samples>,
    /// How many runs there were; each has values of its own.
    pub runs: u64,
}

/// A flow, and its last request once it is known.
pub struct Ready {
    pub flow: Flow,
    pub repeated: Option<Repeated>,
    pub runs: u64,
}

/// The last request of a flow over and over.
pub struct Repeated {
    shot: Shot,
    caller: Caller,
    made: Instant,
}

/// What a run of a whole flow gave.
pub enum Ran {
    Done(Box<Transcript>),
    Not(Done),
}

/// Of so many codes one is redeemed several times at once.
const RACED: u64 = 16;
/// Of so many tokens of a worker one is looked at, the first one included.
const SAMPLED: u64 = 61;
/// A token that is used over and over is replaced after this time.
const FRESH: Duration = Duration::from_secs(20);
/// The longest pause that a target is granted.
const LONGEST: u64 = 60;

impl Performs for Player<'_> {
    fn flow(&self, turn: &Turn) -> String {
        self.flows[self.index(turn)].flow.name.to_owned()
    }

    async fn perform(&mut self, turn: &Turn) -> Done {
        let index = self.index(turn);
        if self.flows[index].flow.repeats.is_none() {
            return Box::pin(self.whole(index, turn)).await;
        }
        if self.flows[index].is_stale() {
            return Box::pin(self.prepare(index)).await.err().unwrap_or(Done::Aside);
        }
        let done = self.again(index).await;
        if matches!(done, Done::Refused(_)) {
            self.flows[index].repeated = None;
        }
        done
    }
}

impl Player<'_> {
    /// Runs the flow once, so that its last request is known and is seen to be accepted.
    pub async fn prepare(&mut self, index: usize) -> Result<(), Done> {
        let plan = self.flows[index].flow.plan.clone();
        let transcript = match self.run(&plan).await {
            Ran::Done(transcript) => transcript,
            Ran::Not(done) => return Err(done),
        };
        self.wire.timed();
        let ready = &mut self.flows[index];
        let Some(repeats) = ready.flow.repeats else { return Ok(()) };
        let Some(last) = transcript.exchanges().last() else { return Ok(()) };
        let built = repeated(last, repeats, self.target).map_err(Done::Refused)?;
        ready.repeated = Some(built);
        Ok(())
    }

    fn index(&self, turn: &Turn) -> usize {
        let place = usize::try_from(turn.number % self.round.len() as u64).unwrap_or_default();
        self.round[place]
    }

    async fn again(&mut self, index: usize) -> Done {
        let Ready { flow, repeated, runs } = &mut self.flows[index];
        *runs += 1;
        let Some(Repeated { shot, caller, .. }) = repeated else { return Done::Refused("it is not ready".into()) };
        let heard = match caller.ask(shot.bytes()).await {
            Ok(heard) => heard,
            Err(reason) => return Done::Silent(reason),
        };
        if let Some(done) = unwelcome(&heard, &mut self.tally.borrow_mut()) {
            return done;
        }
        let judged = match flow.wanted {
            Wanted::Success => Ok(None),
            Wanted::Active => active(heard.body, &flow.owner, self.tally).map(|()| None),
            Wanted::Token => {
                let sampled = (*runs % SAMPLED == 1).then_some(self.samples);
                tokens(heard.body, &flow.owner, self.tally, sampled)
            }
        };
        match judged {
            Ok(next) => {
                if let (Some(Repeats::Chain), Some(next)) = (flow.repeats, next)
                    && let Err(reason) = shot.load(&next)
                {
                    return Done::Refused(reason);
                }
                Done::Good(1)
            }
            Err(reason) => Done::Refused(reason),
        }
    }

    async fn whole(&mut self, index: usize, turn: &Turn) -> Done {
        let ready = &mut self.flows[index];
        ready.runs += 1;
        let raced = ready.flow.raced.clone().filter(|_| ready.runs % RACED == 1);
        if let Some(raced) = raced {
            return self.race(&raced).await;
        }
        let (name, plan, owner) = (ready.flow.name, ready.flow.plan.clone(), ready.flow.owner.clone());
        let transcript = match self.run(&plan).await {
            Ran::Done(transcript) => transcript,
            Ran::Not(done) => return done,
        };
        let timed = self.wire.timed();
        let requests = timed.len() as u64;
        let mut tally = self.tally.borrow_mut();
        if turn.measured {
            timed.iter().for_each(|timed| tally.request(name, &timed.endpoint, timed.micros));
        }
        for (secret, value) in issued(&transcript) {
            tally.seen.add(&value);
            if secret == "access_token" {
                self.samples.borrow_mut().offer(&value, &owner);
            }
        }
        Done::Good(requests)
    }

    /// A code that is redeemed several times at once gives tokens once.
    async fn race(&mut self, plan: &Plan) -> Done {
        let transcript = match self.run(plan).await {
            Ran::Done(transcript) => transcript,
            Ran::Not(done) => return done,
        };
        self.wire.timed();
        let racers = transcript.steps.last().into_iter().flat_map(|step| &step.observations);
        let answers = racers.filter_map(|racer| racer.response());
        let won = answers.filter(|answer| answer.status / 100 == 2 && Tokens::of(&answer.body).is_some()).count();
        let mut tally = self.tally.borrow_mut();
        tally.counts.raced += 1;
        if won > 1 {
            tally.wrong("a code was redeemed more than once", format!("{won} of 4 requests at once got tokens for it"));
        }
        Done::Aside
    }

    /// Runs a plan with values of its own.
    async fn run(&mut self, plan: &Plan) -> Ran {
        self.runs += 1;
        let seed = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(self.runs);
        let session = Session { wire: &self.wire, target: self.target, seed, slow: false };
        let transcript = Box::pin(engine::run(plan, None, session)).await;
        let broken = transcript.exchanges().find_map(|exchange| match &exchange.answer {
            Answer::Response(response) if response.status >= 500 && patience(exchange).is_none() => {
                Some(response.status)
            }
            _ => None,
        });
        if let Some(status) = broken {
            self.tally.borrow_mut().wrong(BROKE, format!("status {status}"));
        }
        let judged = match verdict::control(plan, &transcript) {
            Ok(()) => return Ran::Done(Box::new(transcript)),
            Err(judged) => judged,
        };
        let reason = transcript.secrets.redactor().redact(&judged.reason);
        if let Some(seconds) = transcript.exchanges().last().and_then(patience) {
            return Ran::Not(Done::PutOff(seconds));
        }
        Ran::Not(match transcript.exchanges().last() {
            Some(Exchange { answer: Answer::Nothing(reason), .. }) => Done::Silent(reason.clone()),
            _ if judged.verdict == Verdict::Skipped => Done::Refused(format!("not offered: {reason}")),
            _ => Done::Refused(reason),
        })
    }
}

impl Ready {
    /// Whether its last request has to be made anew: it never was, did not work, or has a token in it that may end.
    fn is_stale(&self) -> bool {
        let ages = matches!(self.flow.wanted, Wanted::Active | Wanted::Success);
        self.repeated.as_ref().is_none_or(|repeated| ages && repeated.made.elapsed() > FRESH)
    }
}

const BROKE: &str = "the server answered with a server error (5xx)";

fn repeated(last: &Exchange, repeats: Repeats, target: &Target) -> Result<Repeated, String> {
    let form = form_urlencoded::parse(&last.request.body);
    let old = form.into_iter().find(|(name, _)| name == "refresh_token").map(|(_, value)| value.into_owned());
    let old = old.filter(|_| repeats == Repeats::Chain);
    let mut shot = Shot::new(last.request.clone(), old.as_deref())?;
    if let (Repeats::Chain, Answer::Response(response)) = (repeats, &last.answer)
        && let Some(next) = Tokens::of(&response.body).and_then(|tokens| tokens.refresh_token)
    {
        shot.load(&next)?;
    }
    let caller = Caller::new(target, shot.request())?;
    Ok(Repeated { shot, caller, made: Instant::now() })
}

/// An answer that is none of those wanted.
pub fn unwelcome(heard: &Heard<'_>, tally: &mut Tally) -> Option<Done> {
    if heard.status / 100 == 2 {
        return None;
    }
    if let Some(seconds) = pause(heard.status, heard.retry_after) {
        return Some(Done::PutOff(seconds));
    }
    if heard.status >= 500 {
        tally.wrong(BROKE, format!("status {}", heard.status));
    }
    Some(Done::Refused(format!("status {}{}", heard.status, error_code(heard.body))))
}

/// The error code of an answer, if it is one of the usual grammar.
fn error_code(body: &[u8]) -> String {
    let document: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let code = document.and_then(|document| Some(document.get("error")?.as_str()?.to_owned()));
    let plain = |code: &String| code.len() < 64 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    code.filter(plain).map(|code| format!(" {code}")).unwrap_or_default()
}

/// Judges an answer with tokens, and gives the refresh token that is in it.
fn tokens(
    body: &[u8],
    owner: &Owner,
    tally: &RefCell<Tally>,
    samples: Option<&RefCell<Samples>>,
) -> Result<Option<String>, String> {
    let tokens = Tokens::of(body).ok_or("the answer has no access token")?;
    let mut tally = tally.borrow_mut();
    tally.seen.add(&tokens.access_token);
    if let Some(samples) = samples {
        samples.borrow_mut().offer(&tokens.access_token, owner);
    }
    Ok(tokens.refresh_token.map(std::borrow::Cow::into_owned))
}

fn active(body: &[u8], owner: &Owner, tally: &RefCell<Tally>) -> Result<(), String> {
    let claims = Claims::of(body).ok_or("the answer cannot be read")?;
    if let Some(contradiction) = claims.contradict(owner) {
        tally.borrow_mut().wrong(super::inspector::ANOTHER, contradiction);
    }
    if claims.active { Ok(()) } else { Err("a live token is not active".into()) }
}

/// What a flow captured that has to be unique.
fn issued(transcript: &Transcript) -> Vec<(&'static str, String)> {
    let last = transcript.steps.last().and_then(|step| step.observations.last());
    let value = |name: &'static str| Some((name, last?.values.get(name)?.clone()));
    ["access_token", "refresh_token", "code"].into_iter().filter_map(value).collect()
}

fn patience(exchange: &Exchange) -> Option<u64> {
    let Answer::Response(response) = &exchange.answer else { return None };
    pause(response.status, response.retry_after())
}

/// The seconds that an answer asks to wait. A 503 that names none is a server error of a load.
fn pause(status: u16, retry_after: Option<u64>) -> Option<u64> {
    let asks = status == 429 || status == 503 && retry_after.is_some();
    asks.then(|| retry_after.unwrap_or(1).min(LONGEST))
}
