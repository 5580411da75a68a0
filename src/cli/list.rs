//! `list`: ids and titles.

use clap::Args;
use serde_json::{Value, json};

use super::exit::{Done, Exit};
use super::output;
use super::selection::{Scenarios, selected};
use crate::scenario::Check;

/// The arguments.
#[derive(Args)]
pub struct List {
    /// What to list: an id, a folder (rfc6749/4.1.2), a specification (rfc6749) or a pattern with *
    #[arg(value_name = "SELECT")]
    select: Vec<String>,
    /// Also list the cases of each check
    #[arg(long)]
    cases: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    scenarios: Scenarios,
}

impl List {
    /// Lists the checks.
    pub fn execute(self) -> Done {
        let suite = self.scenarios.load()?;
        let checks = selected(&suite, &self.select)?;
        let text = match self.json {
            true => format!("{:#}\n", Value::from_iter(checks.iter().map(|check| as_json(check)))),
            false => {
                let width = checks.iter().map(|check| check.id.len()).max().unwrap_or_default();
                checks.iter().map(|check| self.line(check, width)).collect()
            }
        };
        output::print(&text)?;
        Ok(Exit::Passed)
    }

    fn line(&self, check: &Check, width: usize) -> String {
        let cases = check.file.case.iter().filter(|_| self.cases).map(|case| format!("{}#{}\n", check.id, case.name));
        format!("{:<width$}  {}\n{}", check.id, check.file.title, cases.collect::<String>())
    }
}

fn as_json(check: &Check) -> Value {
    json!({
        "id": check.id,
        "title": check.file.title,
        "kind": check.kind(),
        "covers": check.file.covers,
        "needs": check.file.needs,
        "cases": check.file.case.iter().map(|case| &case.name).collect::<Vec<_>>(),
    })
}
