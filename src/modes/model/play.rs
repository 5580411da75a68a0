//! Plays a history: as a scenario file it goes through plan, engine and judge like every other check.

use std::collections::BTreeSet;

use super::super::access::Access;
use super::super::verdict;
use super::action::Event;
use super::forecast::{Forecast, Prediction};
use super::predict::Predictor;
use super::rule::Rule;
use super::state::State;
use super::world::World;
use super::written::{Judged, scenario};
use crate::engine::{self, Session};
use crate::exchange::Exchange;
use crate::outcome::{Finding, Verdict};
use crate::plan::of_file;
use crate::scenario::Suite;
use crate::secret::Secrets;
use crate::target::Target;

/// Whom histories are played against.
pub struct Player<'a> {
    /// What they are made of.
    pub world: &'a World,
    /// Whose answers are judged.
    pub target: &'a Target,
    /// How it is reached.
    pub access: &'a Access,
    /// Rules of which enough is known: there the server is free.
    pub excused: BTreeSet<Rule>,
}

/// What came of one history.
#[derive(Clone, Debug)]
pub struct Played {
    /// `Fail` and `Warn` are findings.
    pub verdict: Verdict,
    /// One line.
    pub reason: String,
    /// The rule that was broken, and the number of the event, counted from zero.
    pub broken: Option<(Rule, usize)>,
    /// What was wanted and got at that event.
    pub findings: Vec<Finding>,
    /// What travelled until then.
    pub exchanges: Vec<Exchange>,
    /// What must appear in no report.
    pub secrets: Secrets,
    /// How many events happened.
    pub events: usize,
    /// The rules that they tried.
    pub tried: Vec<Rule>,
}

impl Player<'_> {
    /// Plays a history with values from this seed.
    pub async fn play(&self, history: &[Event], seed: u64) -> Played {
        let predicted = self.predicted(history);
        let about = predicted.last().map_or(Rule::GoodAuthorization, |(_, prediction)| prediction.rule);
        let text = scenario(self.world, &predicted, about, Judged::All, &|rule| self.excused.contains(&rule));
        let plan = match of_file("model/history", text, &Suite::default(), self.target) {
            Ok(plan) => plan,
            Err(reason) => return Played::without(Verdict::Skipped, reason),
        };
        let wire = self.access.wire(seed);
        let session = Session { wire: &wire, target: self.target, seed, slow: false };
        let transcript = Box::pin(engine::run(&plan, None, session)).await;
        let judged = verdict::of_steps(&plan, &transcript);
        let happened: Vec<&Prediction> =
            transcript.steps.iter().filter_map(|record| Some(&predicted[place(&record.id)?].1)).collect();
        let mut played = Played {
            secrets: transcript.secrets.clone(),
            events: happened.len(),
            tried: if judged.verdict == Verdict::Blocked { Vec::new() } else { tried(&happened) },
            ..Played::without(judged.verdict, judged.reason)
        };
        if let Some((index, findings)) = first_broken(judged.findings) {
            let known = transcript.steps.iter().filter(|record| place(&record.id).is_none_or(|place| place <= index));
            let observations = known.flat_map(|record| &record.observations);
            played.exchanges = observations.flat_map(|observation| &observation.exchanges).cloned().collect();
            played.verdict =
                if findings.iter().any(|finding| !finding.advisory) { Verdict::Fail } else { Verdict::Warn };
            played.broken = Some((rule_of(&predicted[index].1, &findings), index));
            played.tried = tried(&happened[..happened.len().min(index)]);
            played.reason = summary(&findings);
            played.findings = findings;
        }
        played
    }

    /// The events that can happen, one after the other, with what the model says about each.
    pub fn predicted(&self, history: &[Event]) -> Vec<(Event, Prediction)> {
        let mut state = State::default();
        let mut predicted = Vec::new();
        for event in history {
            if event.action.thing().is_some_and(|thing| !state.has(thing)) {
                continue;
            }
            let mut prediction = Predictor { world: self.world, state: &state }.predict(event);
            if prediction.forecast.rule().is_some_and(|rule| self.excused.contains(&rule)) {
                prediction.forecast = Forecast::May;
            }
            state.take(self.world, event, &prediction);
            predicted.push((event.clone(), prediction));
        }
        predicted
    }
}

impl Played {
    fn without(verdict: Verdict, reason: String) -> Self {
        let (findings, exchanges, secrets, tried) = Default::default();
        Self { verdict, reason, broken: None, findings, exchanges, secrets, events: 0, tried }
    }
}

/// The rules that were put to the test. Nothing is said before something good was accepted.
fn tried(happened: &[&Prediction]) -> Vec<Rule> {
    let refused = |prediction: &&&Prediction| !matches!(prediction.forecast, Forecast::Must(_));
    happened.iter().skip_while(refused).filter_map(|prediction| prediction.tries()).collect()
}

/// The findings of the first event that went wrong: what comes after it is told in a state that nobody knows.
fn first_broken(findings: Vec<Finding>) -> Option<(usize, Vec<Finding>)> {
    let first = findings.iter().filter_map(|finding| place(&finding.step)).min()?;
    Some((first, findings.into_iter().filter(|finding| place(&finding.step) == Some(first)).collect()))
}

/// `step-3` is the event number two, counted from zero.
fn place(step: &str) -> Option<usize> {
    step.strip_prefix("step-")?.parse::<usize>().ok()?.checked_sub(1)
}

/// A scope that is too wide is a rule of its own, whatever the step is about.
fn rule_of(prediction: &Prediction, findings: &[Finding]) -> Rule {
    let only_scope = findings.iter().all(|finding| finding.selector == "json.scope");
    if only_scope && prediction.rule != Rule::RefreshKeepsScope { Rule::ScopeIsGranted } else { prediction.rule }
}

fn summary(findings: &[Finding]) -> String {
    let first = findings.iter().find(|finding| !finding.advisory).or(findings.first());
    first.map_or_else(String::new, |Finding { step_name, selector, wanted, got, .. }| {
        format!("{step_name}: {selector}: wanted {wanted}, got {got}")
    })
}
