//! Two runs side by side: what got better or worse from one to the other.

use std::collections::BTreeMap;

use serde_json::json;

use super::clean::Clean;
use super::layout::{bold, coloured};
use super::markdown::word;
use super::plain::plain;
use crate::modes::baseline::{Change, change};
use crate::outcome::{CheckOutcome, Verdict};

/// What became of each verdict.
pub struct Diff<'a> {
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    name: String,
    before: Option<&'a CheckOutcome>,
    after: Option<&'a CheckOutcome>,
    change: Change,
}

/// What is told, in this order, and how.
const TOLD: &[(Change, &str, Verdict)] = &[
    (Change::Better, "better", Verdict::Pass),
    (Change::Gained, "judged now", Verdict::Skipped),
    (Change::Lost, "not judged any more", Verdict::Blocked),
    (Change::Worse, "worse", Verdict::Fail),
];

impl<'a> Diff<'a> {
    /// Compares verdicts of the same name.
    pub fn of(before: &'a Clean, after: &'a Clean) -> Self {
        let mut pairs: BTreeMap<String, (Option<&CheckOutcome>, Option<&CheckOutcome>)> = BTreeMap::new();
        before.run().checks.iter().for_each(|check| pairs.entry(check.name()).or_default().0 = Some(check));
        after.run().checks.iter().for_each(|check| pairs.entry(check.name()).or_default().1 = Some(check));
        let verdict = |check: Option<&CheckOutcome>| check.map(|check| check.verdict);
        let rows = pairs.into_iter().map(|(name, (before, after))| Row {
            name,
            before,
            after,
            change: change(verdict(before), verdict(after)),
        });
        Self { rows: rows.collect() }
    }

    /// Whether anything got worse.
    pub fn is_worse(&self) -> bool {
        self.rows.iter().any(|row| row.change == Change::Worse)
    }

    /// For the terminal, with ANSI styles, what is worse last.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (change, title, colour) in TOLD.iter().filter(|(change, ..)| self.count(*change) > 0) {
            text += &format!("{}\n", bold(&coloured(*colour, &format!("{title}: {}", self.count(*change)))));
            text.extend(self.of_change(*change).map(|row| format!("  {}  {}{}\n", row.step(), row.name, row.reason())));
            text.push('\n');
        }
        text + &self.sum() + "\n"
    }

    /// For a job's summary, what is worse first.
    pub fn markdown(&self) -> String {
        let mut text = format!("## grantcheck: {}\n\n", self.sum());
        for (change, title, _) in TOLD.iter().rev().filter(|(change, ..)| self.count(*change) > 0) {
            text += &format!(
                "### {title}: {}\n\n| check | before | after | reason |\n| --- | --- | --- | --- |\n",
                self.count(*change)
            );
            text.extend(self.of_change(*change).map(Row::markdown));
            text.push('\n');
        }
        text
    }

    /// For programs.
    pub fn json(&self) -> String {
        let rows = self.rows.iter().filter(|row| row.change != Change::Same);
        let rows = rows.map(|row| {
            let (before, after) = (row.before.map(|check| check.verdict), row.after.map(|check| check.verdict));
            json!({ "check": row.name, "change": row.title(), "before": before, "after": after })
        });
        format!("{:#}\n", json!({ "worse": self.is_worse(), "changes": rows.collect::<Vec<_>>() }))
    }

    fn of_change(&self, change: Change) -> impl Iterator<Item = &Row<'a>> {
        self.rows.iter().filter(move |row| row.change == change)
    }

    fn count(&self, change: Change) -> usize {
        self.of_change(change).count()
    }

    fn sum(&self) -> String {
        let told = TOLD.iter().rev().map(|(change, title, _)| format!("{} {title}", self.count(*change)));
        let same = format!("{} the same", self.count(Change::Same));
        told.chain([same]).collect::<Vec<_>>().join(", ")
    }
}

impl Row<'_> {
    fn step(&self) -> String {
        format!("{:>7} → {:<7}", said(self.before), said(self.after))
    }

    fn reason(&self) -> String {
        let reason = self.after.map_or("", |check| check.reason.as_str());
        if reason.is_empty() { String::new() } else { format!("  {}", plain(reason)) }
    }

    fn markdown(&self) -> String {
        let reason = self.after.map_or("", |check| check.reason.as_str());
        format!("| {} | {} | {} | {} |\n", word(&self.name), said(self.before), said(self.after), word(reason))
    }

    fn title(&self) -> &'static str {
        TOLD.iter().find(|(change, ..)| *change == self.change).map_or("same", |(_, title, _)| title)
    }
}

fn said(check: Option<&CheckOutcome>) -> &'static str {
    check.map_or("-", |check| check.verdict.word())
}
