//! Looks at some of the tokens while the load runs and after it: each has to answer for the client and the user it was
//! issued to. One request at a time, beside the load.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::super::verdict;
use super::audit::{Claims, Owner};
use super::origin::Load;
use super::schedule::Schedule;
use super::shot::Shot;
use super::tally::Tally;
use crate::engine::{self, Session};
use crate::plan::{Plan, of_steps};
use crate::wire::{Bucket, Caller};

/// The words of a token of somebody else.
pub const ANOTHER: &str = "a token answers for somebody else";

/// Tokens to look at, and those to look at again at the end.
#[derive(Default)]
pub struct Samples {
    waiting: VecDeque<Sample>,
    kept: VecDeque<Sample>,
}

#[derive(Clone)]
struct Sample {
    token: String,
    owner: Owner,
}

impl Samples {
    /// Takes a token, unless many are waiting.
    pub fn offer(&mut self, token: &str, owner: &Owner) {
        if self.waiting.len() < WAITING {
            self.waiting.push_back(Sample { token: token.to_owned(), owner: owner.clone() });
        }
    }
}

const WAITING: usize = 16;
/// So many are looked at again at the end: the first ones and the last ones.
const KEPT: usize = 64;
const PAUSE: Duration = Duration::from_millis(20);

/// Who looks.
pub struct Inspector<'a> {
    samples: &'a RefCell<Samples>,
    asks: Result<Asks, String>,
    /// Whom the tokens of each owner stand for, as the target names them.
    subjects: BTreeMap<Owner, String>,
}

struct Asks {
    shot: Shot,
    caller: Caller,
    bucket: Arc<Bucket>,
}

impl<'a> Inspector<'a> {
    /// Learns how the target is asked about a token.
    pub async fn of(load: &Load<'_>, samples: &'a RefCell<Samples>) -> Self {
        Self { samples, asks: asks(load).await, subjects: BTreeMap::new() }
    }

    /// Looks at tokens until the load is over.
    pub async fn run(mut self, schedule: &Schedule, tally: &RefCell<Tally>) -> Self {
        while !schedule.is_finished() {
            let sample = self.samples.borrow_mut().waiting.pop_front();
            if let Some(sample) = sample {
                self.look(&sample, tally).await;
                let mut samples = self.samples.borrow_mut();
                if samples.kept.len() >= KEPT {
                    samples.kept.remove(KEPT / 2);
                }
                samples.kept.push_back(sample);
            }
            tokio::time::sleep(PAUSE).await;
        }
        self
    }

    /// Looks at the tokens of the whole run once more.
    pub async fn at_the_end(mut self, tally: &RefCell<Tally>) {
        if let Err(reason) = &self.asks {
            let note = format!("whose the tokens are was not looked at: {reason}");
            tally.borrow_mut().notes.push(note);
            return;
        }
        let mut samples = self.samples.take();
        samples.kept.append(&mut samples.waiting);
        for sample in &samples.kept {
            self.look(sample, tally).await;
        }
        let mut tally = tally.borrow_mut();
        if tally.counts.inactive > 0 {
            let note = format!(
                "{} of {} tokens that were looked at were not active any more",
                tally.counts.inactive, tally.counts.inspected
            );
            tally.notes.push(note);
        }
    }

    async fn look(&mut self, sample: &Sample, tally: &RefCell<Tally>) {
        let Ok(asks) = &mut self.asks else { return };
        asks.bucket.take().await;
        if asks.shot.load(&sample.token).is_err() {
            return;
        }
        let Ok(heard) = asks.caller.ask(asks.shot.bytes()).await else { return };
        let mut tally = tally.borrow_mut();
        if heard.status / 100 != 2 {
            return;
        }
        let Some(claims) = Claims::of(heard.body) else { return };
        tally.counts.inspected += 1;
        if !claims.active {
            tally.counts.inactive += 1;
            return;
        }
        let contradiction = claims.contradict(&sample.owner).or_else(|| self.changed(&sample.owner, &claims));
        if let Some(contradiction) = contradiction {
            tally.wrong(ANOTHER, contradiction);
        }
    }

    /// One user is always the same subject to one client, and two users are two.
    fn changed(&mut self, owner: &Owner, claims: &Claims) -> Option<String> {
        let (user, subject) = (owner.user.as_ref()?, claims.sub.as_ref()?);
        let known = self.subjects.entry(owner.clone()).or_insert_with(|| subject.clone());
        if known != subject {
            return Some(format!("tokens of `{user}` stand for two subjects"));
        }
        let other = self.subjects.iter().find(|(other, known)| {
            other.client == owner.client && other.user.is_some() && other.user != owner.user && *known == subject
        });
        other.map(|_| format!("tokens of `{user}` and of another user stand for the same subject"))
    }
}

/// The request that asks about a token, seen to work.
async fn asks(load: &Load<'_>) -> Result<Asks, String> {
    let plan = introspection(load, "client-credentials").or_else(|_| introspection(load, "code"))?;
    let wire = load.wire()?;
    let session = Session { wire: &wire, target: load.target, seed: load.options.seed ^ 1, slow: false };
    let transcript = Box::pin(engine::run(&plan, None, session)).await;
    verdict::control(&plan, &transcript).map_err(|judged| transcript.secrets.redactor().redact(&judged.reason))?;
    let values = transcript.steps.last().and_then(|step| step.observations.last()).map(|last| &last.values);
    let token = values.and_then(|values| values.get("access_token")).ok_or("there is no token to ask about")?;
    let last = transcript.exchanges().last().ok_or("nothing was asked")?;
    let shot = Shot::new(last.request.clone(), Some(token))?;
    let caller = Caller::new(load.target, shot.request())?;
    Ok(Asks { shot, caller, bucket: load.bucket.clone() })
}

fn introspection(load: &Load<'_>, first: &str) -> Result<Plan, String> {
    let text = format!("[[step]]\nuse = \"{first}\"\n[[step]]\nuse = \"introspect\"\n");
    of_steps("bench", &text, load.suite, load.target)
}
