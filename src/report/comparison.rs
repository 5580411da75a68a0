//! Several providers in one table: a row a check, a column a provider.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::clean::Clean;
use super::html::page;
use super::markdown::word;
use super::plain::plain;
use super::section::{WORDS, place, title};
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};

/// The table.
pub struct Comparison<'a> {
    runs: Vec<&'a RunOutcome>,
    rows: Vec<Row<'a>>,
}

/// One check, and the gravest verdict that each provider has on it.
struct Row<'a> {
    check: &'a CheckOutcome,
    cells: Vec<Option<Verdict>>,
}

impl<'a> Comparison<'a> {
    /// Of these runs, in this order.
    pub fn of(runs: &'a [Clean]) -> Self {
        let runs: Vec<&RunOutcome> = runs.iter().map(Clean::run).collect();
        let mut rows: BTreeMap<_, Row<'_>> = BTreeMap::new();
        for (column, run) in runs.iter().enumerate() {
            for check in &run.checks {
                let key = (place(&check.id), check.id.as_str());
                let row = rows.entry(key).or_insert_with(|| Row { check, cells: vec![None; runs.len()] });
                row.cells[column] = row.cells[column].max(Some(check.verdict));
            }
        }
        Self { rows: rows.into_values().collect(), runs }
    }

    /// For a page on GitHub or GitLab: the sums, then each check on which somebody deviates.
    pub fn markdown(&self) -> String {
        let names: Vec<String> = self.runs.iter().map(|run| word(&run.target)).collect();
        let heads =
            |first: &str| format!("| {first} | {} |\n| --- |{}\n", names.join(" | "), " --- |".repeat(names.len()));
        let sums: String = WORDS.iter().map(|(verdict, name)| self.sum(*verdict, name)).collect();
        let rows: String = self.rows.iter().filter(|row| row.deviates()).map(Row::markdown).collect();
        format!(
            "## Verdicts\n\n{}{sums}\n## Where they deviate\n\nThe gravest verdict of each check; checks on which nobody deviates are left out.\n\n{}{rows}",
            heads("verdicts"),
            heads("check")
        )
    }

    /// One page that needs nothing else.
    pub fn html(&self) -> String {
        let body = html! {
            header { h1 { (self.runs.len()) " providers" } p.facts { span { "The gravest verdict of each check" } } }
            main {
                div.wide { table.compare { (self.head("Verdicts")) tbody { @for (verdict, name) in WORDS { (self.sums(*verdict, name)) } } } }
                h2 { "Where they deviate" }
                (self.table(&|row| row.deviates()))
                h2 { "Where nobody deviates" }
                (self.table(&|row| !row.deviates()))
            }
        };
        page("grantcheck: providers compared", &body)
    }

    fn table(&self, told: &dyn Fn(&Row<'_>) -> bool) -> Markup {
        html! {
            div.wide { table.compare {
                (self.head("Check"))
                tbody { @for row in self.rows.iter().filter(|row| told(row)) { (row.html()) } }
            } }
        }
    }

    fn head(&self, first: &str) -> Markup {
        html! { thead { tr { th { (first) } @for run in &self.runs { th scope="col" { (plain(&run.target)) } } } } }
    }

    fn sum(&self, verdict: Verdict, name: &str) -> String {
        let counts: Vec<String> = self.runs.iter().map(|run| counted(run, verdict).to_string()).collect();
        format!("| {name} | {} |\n", counts.join(" | "))
    }

    fn sums(&self, verdict: Verdict, name: &str) -> Markup {
        html! { tr { td { (name) } @for run in &self.runs { td.(verdict.word()) { span { (counted(run, verdict)) } } } } }
    }
}

/// Known deviations are counted as what they are: providers are compared, not gates.
fn counted(run: &RunOutcome, verdict: Verdict) -> usize {
    run.checks.iter().filter(|check| check.verdict == verdict).count()
}

impl Row<'_> {
    fn deviates(&self) -> bool {
        self.cells.iter().flatten().any(|verdict| verdict.deviates())
    }

    fn markdown(&self) -> String {
        let sign = |cell: &Option<Verdict>| match cell {
            Some(Verdict::Fail) => "❌ fail",
            Some(Verdict::Warn) => "⚠️ warn",
            Some(Verdict::Flaky) => "❌ flaky",
            Some(Verdict::Pass) => "✅",
            Some(Verdict::Blocked) => "blocked",
            Some(Verdict::Skipped) | None => "–",
        };
        let cells: Vec<&str> = self.cells.iter().map(sign).collect();
        format!("| {} | {} |\n", word(&self.check.id), cells.join(" | "))
    }

    fn html(&self) -> Markup {
        let (spec, _, section) = place(&self.check.id);
        html! {
            tr title=(self.check.id) {
                td { (plain(&self.check.title)) " " small.place { (title(&spec)) " " (section) } }
                @for cell in &self.cells {
                    @let word = cell.map_or("-", Verdict::word);
                    td.(word) { span { (word) } }
                }
            }
        }
    }
}
