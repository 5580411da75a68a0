//! The steps in order: one verb each, names that are defined by then, flows that exist, captures that select something.

use super::super::load::Flow;
use super::super::selector::Selector;
use super::super::step::Step;
use super::names::Names;
use super::{Linter, did_you_mean, nearest, place, texts};

impl Linter<'_> {
    pub fn steps(&mut self, steps: &[Step], names: &mut Names) {
        for (index, step) in steps.iter().enumerate() {
            self.verbs(index, step);
            names.make(step);
            self.texts(&texts::before(step), names);
            if let Some(flow) = &step.flow {
                self.enter(step, flow, names);
            }
            names.capture(step);
            for expect in [&step.expect, &step.should, &step.until].into_iter().flatten() {
                self.expectation(expect, names);
            }
            for selector in step.capture.values() {
                self.selector(selector.trim_end_matches('?'));
            }
        }
    }

    fn verbs(&mut self, index: usize, step: &Step) {
        let here = place::nth(self.source, "[[step]]", index);
        if step.verbs() > 1 {
            self.problem_at(
                here.clone(),
                "a step does two things".into(),
                "one verb a step: use, authorize, send, tls, wait or hook",
            );
        }
        if step.together && (step.send.is_none() || step.repeat.is_none()) {
            self.problem_at(
                here.clone(),
                "`together` needs a `send` and a `repeat`".into(),
                "a race is one request, repeated",
            );
        }
        if step.beside.is_some() && !step.together {
            self.problem_at(
                here.clone(),
                "`beside` needs `together`".into(),
                "it is what travels at the same instant as the race",
            );
        }
        if step.until.is_some() && step.repeat.is_none() {
            self.problem_at(here, "`until` needs a `repeat`".into(), "say how often at most: `repeat = 30`");
        }
    }

    fn enter(&mut self, step: &Step, name: &str, names: &mut Names) {
        let word = format!("\"{name}\"");
        let Some(flow) = self.suite.flow(name) else {
            let near = nearest(name, self.suite.flows().iter().map(|flow| flow.name.as_str()));
            return self.problem(
                &word,
                format!("there is no flow `{name}`"),
                &did_you_mean(near, "see `scenarios/flows/`"),
            );
        };
        for parameter in step.with.keys().filter(|parameter| !flow.file.with.contains_key(*parameter)) {
            let near = nearest(parameter, flow.file.with.keys().map(String::as_str));
            let message = format!("the flow `{name}` has no parameter `{parameter}`");
            self.problem(parameter, message, &did_you_mean(near, "see its `[with]`"));
        }
        names.enter(step, flow, self.suite);
        self.defaults(step, flow, &word, names);
    }

    /// The parameters that the caller leaves to the flow: their names must be defined where it is used.
    fn defaults(&mut self, step: &Step, flow: &Flow, word: &str, names: &Names) {
        let left = flow.file.with.iter().filter(|(parameter, _)| !step.with.contains_key(*parameter));
        for name in left.flat_map(|(_, default)| texts::names_in(default)) {
            self.name(&name, word, names);
        }
    }

    pub fn selector(&mut self, text: &str) {
        if let Err(error) = Selector::parse(text) {
            let word = text.rsplit('.').next().unwrap_or(text);
            self.problem(
                if self.source.contains(text) { text } else { word },
                error.to_string(),
                "see docs/scenario-format.md",
            );
        }
    }

    /// A capture or a made value that nobody reads is a slip. `signing.*` is read by the signer.
    pub fn unread(&mut self, steps: &[Step]) {
        let expects = || steps.iter().flat_map(|step| [&step.expect, &step.should, &step.until]).flatten();
        for step in steps {
            let made = step.make.keys().map(|name| (name, "made"));
            let captured = step.capture.keys().map(|name| (name, "captured"));
            for (name, how) in made.chain(captured).filter(|(name, _)| !name.starts_with("signing.")) {
                let read =
                    texts::reads(self.source, name) || expects().any(|expect| expect.captured.contains_key(name));
                if !read {
                    self.problem(name, format!("`{name}` is {how} and never used"), "use it, or leave it out");
                }
            }
        }
    }
}
