//! The shape of a check: whether it can fail at all, whether what it refuses was accepted before, whether its table makes sense.

use std::collections::BTreeSet;

use super::super::check::CheckFile;
use super::super::expect::Expect;
use super::super::predicate::Scalar;
use super::super::step::Step;
use super::Linter;

impl Linter<'_> {
    pub fn shape(&mut self, file: &CheckFile) {
        if !can_fail(file) {
            self.problem("title", "nothing is expected, so the check cannot fail".into(), "give an `expect`");
        }
        if file.vary.is_some() {
            return self.varied(file);
        }
        let judged = file.step.iter().filter(|step| !step.is_set_up()).filter_map(|step| step.expect.as_ref());
        if file.when.is_none() && judged.into_iter().any(Expect::refuses) && !file.step.iter().any(controls) {
            let message = "a refusal without a control: a server that refuses everything would pass";
            self.problem("[[step]]", message.into(), "start with a `use` step, or with a step that expects a success");
        }
    }

    fn varied(&mut self, file: &CheckFile) {
        let Some(vary) = &file.vary else { return };
        if !file.step.iter().any(|step| step.flow.is_some() || step.is_set_up()) {
            self.problem(
                "vary",
                "a variation needs a flow as its control".into(),
                "start with a `use` step, or mark the step `control = true`",
            );
        }
        if vary.change.is_none() && file.case.is_empty() {
            self.problem("vary", "the variation changes nothing".into(), "give `change = { … }`, or rows: `[[case]]`");
        }
        if vary.at.is_none() && (file.case.is_empty() || file.case.iter().any(|case| case.at.is_none())) {
            self.problem(
                "vary",
                "the variation does not say where".into(),
                "give `at = \"STEP.PART.NAME\"`, as in `redeem.form.code`",
            );
        }
    }

    pub fn cases(&mut self, file: &CheckFile) {
        let mut seen = BTreeSet::new();
        for case in &file.case {
            let word = format!("\"{}\"", case.name);
            if !seen.insert(&case.name) {
                let again = super::place::nth(self.source, &word, 1);
                self.problem_at(
                    again,
                    format!("two rows are called `{}`", case.name),
                    "names are ids: make them differ",
                );
            }
            let common = file.vary.as_ref().is_some_and(|vary| vary.change.is_some());
            match (file.vary.is_some(), case.changes().len()) {
                (true, 0) if !common => {
                    self.problem(
                        &word,
                        format!("the row `{}` changes nothing", case.name),
                        "give one of set, remove, add, before, edit, double, swap, move, rename, wire",
                    );
                }
                (true, 2..) => self.problem(
                    &word,
                    format!("the row `{}` makes several changes", case.name),
                    "one thing changes at a time",
                ),
                (false, 1..) => self.problem(
                    &word,
                    format!("the row `{}` changes something, but there is no `[vary]`", case.name),
                    VALUES,
                ),
                (false, 0) if case.expect.is_some() || case.should.is_some() || case.at.is_some() => {
                    self.problem(
                        &word,
                        format!("the row `{}` expects something, but there is no `[vary]`", case.name),
                        VALUES,
                    );
                }
                _ => {}
            }
            self.words(&case.needs);
        }
    }
}

const VALUES: &str = "rows of such a check only give values: `with = { NAME = \"…\" }`, used as `{{case.NAME}}`";

fn can_fail(file: &CheckFile) -> bool {
    let some = |expect: &Option<Expect>, should: &Option<Expect>| expect.is_some() || should.is_some();
    if file.when.is_some() {
        return some(&file.expect, &file.should);
    }
    match &file.vary {
        Some(vary) => {
            let rows = !file.case.is_empty() && file.case.iter().all(|case| some(&case.expect, &case.should));
            some(&vary.expect, &vary.should) || rows
        }
        None => file.step.iter().any(|step| !step.control && some(&step.expect, &step.should)),
    }
}

/// Whether a step shows that the target accepts what is right.
fn controls(step: &Step) -> bool {
    step.flow.is_some()
        || step.expect.as_ref().is_some_and(|expect| {
            !expect.refuses() && (succeeds(expect) || expect.redirect.is_some() || expect.tls.contains_key("agreed"))
        })
}

fn succeeds(expect: &Expect) -> bool {
    match expect.status.as_ref().and_then(|status| status.0.equals.as_ref()) {
        Some(Scalar::Integer(code)) => (200..400).contains(code),
        Some(Scalar::Text(class)) => class == "2xx" || class == "3xx",
        _ => false,
    }
}
