//! Where a variation points, and what it and its rows name.

use super::super::check::{Case, Change, CheckFile, PARTS, split_at};
use super::names::Names;
use super::{Linter, did_you_mean, nearest};

impl Linter<'_> {
    pub fn variation(&mut self, file: &CheckFile, names: &Names) {
        let values: Vec<&str> = file.case.iter().flat_map(values).collect();
        self.texts(&values, names);
        let of_rows = file.case.iter().flat_map(|case| [&case.expect, &case.should]).flatten();
        of_rows.for_each(|expect| self.expectation(expect, names));
        let Some(vary) = &file.vary else { return };
        for at in vary.at.iter().chain(file.case.iter().filter_map(|case| case.at.as_ref())) {
            self.at(at, names);
        }
        if let Some(judge) = vary.judge.as_ref().filter(|judge| !names.steps().any(|step| step == judge.as_str())) {
            let near = nearest(judge, names.steps());
            self.problem(
                judge,
                format!("there is no step `{judge}` to judge"),
                &did_you_mean(near, "see the `id`s of the steps"),
            );
        }
        for change in vary.change.iter().chain(vary.also.iter().map(|also| &also.change)) {
            if let Change::Set(text) | Change::Add(text) | Change::Before(text) = change {
                self.texts(&[text], names);
            }
        }
        for also in &vary.also {
            self.also(&also.at, vary.at.as_deref().unwrap_or_default(), file.found.is_some(), names);
        }
        for expect in [&vary.expect, &vary.should, &vary.earlier].into_iter().flatten() {
            self.expectation(expect, names);
        }
    }

    /// What comes in addition concerns the same step, but in a file that a search wrote.
    fn also(&mut self, at: &str, first: &str, found: bool, names: &Names) {
        self.at(at, names);
        let step = |at: &str| split_at(at).map(|(step, ..)| step);
        if !found && step(at) != step(first) {
            self.problem(at, format!("`{at}` is another step than `{first}`"), "all changes are made in one step");
        }
    }

    fn at(&mut self, at: &str, names: &Names) {
        let rest =
            names.steps().filter_map(|step| at.strip_prefix(step)?.strip_prefix('.')).min_by_key(|rest| rest.len());
        let Some(rest) = rest else {
            let step = at.split('.').next().unwrap_or(at);
            let help = did_you_mean(nearest(step, names.steps()), "STEP.PART.NAME, as in `redeem.form.code`");
            return self.problem(at, format!("`{at}` points at no step"), &help);
        };
        let part = rest.split('.').next().unwrap_or(rest);
        if !PARTS.contains(&part) {
            let help = did_you_mean(nearest(part, PARTS.iter().copied()), &format!("one of {}", PARTS.join(", ")));
            self.problem(at, format!("a step has no part `{part}`"), &help);
        }
    }
}

fn values(case: &Case) -> Vec<&str> {
    let own = [&case.set, &case.add, &case.before].into_iter().flatten().map(String::as_str);
    own.chain(case.with.values().map(String::as_str)).collect()
}
