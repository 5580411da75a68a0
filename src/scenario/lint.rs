//! What a file says that cannot be meant: names that nothing defines, rows that do not exist, a check that cannot fail.
//! Runs nothing; what is wrong TOML never gets here.

mod head;
mod names;
mod place;
mod shape;
mod steps;
mod texts;
mod variation;

use std::collections::BTreeSet;

use self::names::Names;
use super::expect::Expect;
use super::load::{Check, Flow, Suite};
use super::template::Template;
use crate::caret::caret;

/// One problem in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file below `scenarios/`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The text with line and caret.
    pub rendered: String,
}

/// What the linter must know of the catalogue.
pub struct Vocabulary<'a> {
    /// Whether a row of this id exists.
    pub row: &'a dyn Fn(&str) -> bool,
    /// Every word of `needs`.
    pub needs: BTreeSet<&'a str>,
    /// Every row id, for suggestions.
    pub rows: BTreeSet<&'a str>,
}

/// Every problem of every file.
pub fn lint(suite: &Suite, vocabulary: &Vocabulary<'_>) -> Vec<Problem> {
    let checks = suite.checks().iter().flat_map(|check| {
        let mut linter = Linter::new(format!("{}.toml", check.id), &check.source, suite, vocabulary);
        linter.check(check);
        linter.problems
    });
    let flows = suite.flows().iter().flat_map(|flow| {
        let mut linter = Linter::new(format!("flows/{}.toml", flow.name), &flow.source, suite, vocabulary);
        linter.flow(flow);
        linter.problems
    });
    checks.chain(flows).collect()
}

/// The most similar word, if one is similar at all.
pub fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = words.map(|other| (strsim::jaro_winkler(word, other), other));
    let best = scored.max_by(|left, right| left.0.total_cmp(&right.0));
    best.filter(|(score, _)| *score > 0.8).map(|(_, other)| other)
}

/// One file and what was found in it so far.
struct Linter<'a> {
    path: String,
    source: &'a str,
    suite: &'a Suite,
    vocabulary: &'a Vocabulary<'a>,
    problems: Vec<Problem>,
}

impl<'a> Linter<'a> {
    fn new(path: String, source: &'a str, suite: &'a Suite, vocabulary: &'a Vocabulary<'a>) -> Self {
        Self { path, source, suite, vocabulary, problems: Vec::new() }
    }

    fn check(&mut self, check: &Check) {
        let file = &check.file;
        self.head(file);
        self.shape(file);
        self.cases(file);
        let mut names = Names::of_check(file);
        self.steps(&file.step, &mut names);
        self.unread(&file.step);
        self.variation(file, &names);
        for expect in [&file.when, &file.expect, &file.should].into_iter().flatten() {
            self.expectation(expect, &names);
        }
    }

    fn flow(&mut self, flow: &Flow) {
        self.title(&flow.file.title);
        self.words(&flow.file.needs);
        self.steps(&flow.file.step, &mut Names::of_flow(&flow.file));
    }

    /// Every name in these texts must be defined.
    fn texts(&mut self, texts: &[&str], names: &Names) {
        for text in texts {
            match Template::parse(text) {
                Ok(template) => template.names().for_each(|(name, _)| self.name(name, &format!("{{{{{name}"), names)),
                Err(error) => {
                    self.problem(text, error.to_string(), "a template is `{{name}}`, `{{name?}}` or `{{name|filter}}`")
                }
            }
        }
    }

    /// One name, with the word of the file that the caret stands below.
    fn name(&mut self, name: &str, word: &str, names: &Names) {
        if !names.knows(name) {
            let help = "names are made by `make`, captured by `capture`, or come from the target file";
            self.problem(word, format!("nothing defines `{name}`"), &did_you_mean(nearest(name, names.all()), help));
        }
    }

    fn expectation(&mut self, expect: &Expect, names: &Names) {
        self.texts(&expect.texts(), names);
        let mut all = vec![expect];
        all.extend(expect.tally.iter().map(|tally| &tally.of));
        for (selector, _) in all.into_iter().flat_map(Expect::predicates) {
            self.selector(&selector);
        }
    }

    fn problem(&mut self, word: &str, message: String, help: &str) {
        self.problem_at(place::of(self.source, word), message, help);
    }

    fn problem_at(&mut self, span: std::ops::Range<usize>, message: String, help: &str) {
        let path = format!("scenarios/{}", self.path);
        let rendered = caret(&path, self.source, span, &message, help);
        self.problems.push(Problem { path: self.path.clone(), message, help: help.to_owned(), rendered });
    }
}

fn did_you_mean(near: Option<&str>, otherwise: &str) -> String {
    near.map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"))
}
