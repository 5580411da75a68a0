//! What names mean while a run goes on: templates are rendered, answers give values, everything is recorded.

use crate::exchange::{Answer, Observation};
use crate::judge;
use crate::plan::PlannedStep;
use crate::scenario::{Expect, Selector};
use crate::target::Client;

use super::super::collect::{collect, collect_redirect};
use super::super::scope::Scope;
use super::super::transcript::{StepRecord, Stop, Values};
use super::{Acting, Engine, no_value};

impl Engine<'_> {
    pub(super) fn text(&self, acting: &Acting<'_>, template: &str) -> Result<String, Stop> {
        let text = self.scope(acting).render(template).map_err(|name| no_value(&name))?;
        Ok(text.unwrap_or_default())
    }

    pub(super) fn scope<'s>(&'s self, acting: &'s Acting<'_>) -> Scope<'s> {
        Scope {
            target: &self.target,
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
    pub(super) fn visible(&self, acting: &Acting<'_>) -> Values {
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
    fn judged_here(&self, acting: &Acting<'_>) -> [&Option<Expect>; 3] {
        match self
            .variation()
            .filter(|variation| variation.judge == acting.planned.id || variation.step != acting.planned.id)
        {
            Some(variation) => [&variation.expect, &variation.should, &variation.earlier],
            None => [&None, &None, &None],
        }
    }

    /// Takes values from the answers; what an earlier step captured under the same name is forgotten.
    pub(super) fn capture(&mut self, acting: &Acting<'_>, observations: &mut [Observation]) -> Result<(), Stop> {
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

    /// The client that was registered becomes a role of this run. One that was refused is nobody.
    pub(super) fn register(&mut self, planned: &PlannedStep, observations: &[Observation]) {
        let Some(role) = planned.registers() else { return };
        let exchange = observations.last().and_then(|observation| observation.exchanges.last());
        let client = exchange.and_then(|exchange| match &exchange.answer {
            Answer::Response(answer) if answer.status / 100 == 2 => {
                Client::registered(&exchange.request.body, &answer.body)
            }
            _ => None,
        });
        match client {
            Some(client) => self.target.to_mut().clients.insert(role, client),
            None => self.target.to_mut().clients.shift_remove(&role),
        };
    }

    pub(super) fn record(&mut self, index: usize, planned: &PlannedStep, observations: Vec<Observation>) {
        for exchange in observations.iter().flat_map(|observation| &observation.exchanges) {
            collect(exchange, &mut self.transcript.secrets);
        }
        for redirect in observations.iter().filter_map(|observation| observation.redirect.as_ref()) {
            collect_redirect(redirect, &mut self.transcript.secrets);
        }
        match self.transcript.steps.iter_mut().find(|record| record.index == index) {
            Some(record) => record.observations.extend(observations),
            None => self.transcript.steps.push(StepRecord { index, id: planned.id.clone(), observations }),
        }
    }

    /// A capture that found nothing ends the run, unless its selector ends in `?`.
    pub(super) fn missing_capture(&self, planned: &PlannedStep) -> Result<(), Stop> {
        let found = |name: &str| self.values.contains_key(&format!("{}{name}", planned.prefix));
        let lost = planned.step.capture.iter().find(|(name, selector)| !selector.ends_with('?') && !found(name));
        match lost {
            None => Ok(()),
            Some((_, selector)) => Err(Stop::lacking(format!("the answer has no {selector}"))),
        }
    }
}
