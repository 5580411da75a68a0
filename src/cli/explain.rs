//! `explain`: what one check is about, for the person whose server it finds wanting.

mod example;

use clap::Args;

use super::exit::{Done, Exit, Stop};
use super::output;
use super::selection::{Scenarios, selected};
use crate::catalogue::{Catalogue, Requirement};
use crate::exchange::Exchange;
use crate::modes::prove::defects_of;
use crate::modes::reference;
use crate::report::{bold, exchange_in_full, quote, wrap};
use crate::scenario::{Check, Consent, Kind, Step, Suite};
use example::{Example, example};

/// The arguments.
#[derive(Args)]
pub struct Explain {
    /// The check's id, rfc6749/4.1.2/code-is-single-use
    check: String,
    #[command(flatten)]
    scenarios: Scenarios,
}

impl Explain {
    /// Explains the check.
    pub fn execute(self) -> Done {
        let suite = self.scenarios.load()?;
        let catalogue = Catalogue::embedded()?;
        let word = self.check.split('#').next().unwrap_or_default();
        let checks = selected(&suite, &[word.to_owned()])?;
        let [check] = checks[..] else {
            let ids: String = checks.iter().map(|check| format!("\n  {}", check.id)).collect();
            return Err(Stop::usage(format!("`{word}` names {} checks; explain one of them:{ids}", checks.len())));
        };
        let shown = example(&suite, &catalogue, &reference(), check);
        output::print(&explain(check, &suite, &catalogue, &shown))?;
        Ok(Exit::Passed)
    }
}

fn explain(check: &Check, suite: &Suite, catalogue: &Catalogue, shown: &Example) -> String {
    let file = &check.file;
    let mut text = format!("{}\n{}\n", bold(&check.id), file.title);
    let mut section = |title: &str, body: String| {
        if !body.is_empty() {
            text.push_str(&format!("\n{}\n{body}", bold(title)));
        }
    };
    section("Rule", file.covers.iter().map(|id| rule(id, catalogue.row(id))).collect());
    section("Why it matters", wrap(&file.why, 2));
    section("How a server is mended", wrap(&file.fix, 2));
    section("What is done", file.step.iter().map(|step| in_words(step, suite)).collect());
    section("What is judged", wrap(&judged(check), 2));
    section("Cases", file.case.iter().map(|case| format!("  {}\n", case.name)).collect());
    section("Needs", needs(check, catalogue));
    section(
        "Proven by breaking",
        defects_of(check, catalogue)
            .iter()
            .map(|defect| format!("  {:<44} {}\n", defect.name(), defect.what()))
            .collect(),
    );
    section("For example, a server that keeps the rule", shown.right.as_ref().map(in_full).unwrap_or_default());
    if let Some((defect, reason, exchange)) = &shown.wrong {
        let title = format!("And one that breaks it ({})", defect.name());
        section(&title, format!("{}{}", in_full(exchange), wrap(&format!("judged: {reason}"), 2)));
    }
    section("Run it", how_to_run(check, catalogue));
    text
}

fn in_full(exchange: &Exchange) -> String {
    exchange_in_full(exchange, false).lines().map(|line| format!("  {line}\n")).collect()
}

fn rule(id: &str, row: Option<&Requirement>) -> String {
    match row {
        Some(row) => format!("  {}, section {}, {} ({id})\n{}", row.spec, row.section, row.level, wrap(&row.says, 4)),
        None => format!("  {id} (not in the catalogue)\n"),
    }
}

/// A step in words: its own, else what its verb does.
fn in_words(step: &Step, suite: &Suite) -> String {
    let title = |flow: &str| suite.flow(flow).map_or_else(|| flow.to_owned(), |flow| flow.file.title.clone());
    let words = match (&step.name, &step.flow) {
        (Some(name), _) => name.clone(),
        (None, Some(flow)) => format!("set-up: {} (flow `{flow}`)", title(flow)),
        (None, None) => verb(step),
    };
    let times = match (step.repeat, step.together) {
        (Some(times), true) => format!(" ({times} times at the same instant)"),
        (Some(times), false) => format!(" ({times} times)"),
        (None, _) => String::new(),
    };
    wrap(&format!("- {words}{times}"), 2)
}

fn verb(step: &Step) -> String {
    if let Some(authorize) = &step.authorize {
        let answer = if authorize.consent == Consent::Deny { "denies" } else { "approves" };
        return format!("a browser opens the authorization endpoint; the user logs in and {answer}");
    }
    match (&step.send, &step.wait, &step.hook) {
        (Some(send), ..) => format!("a request to the {} endpoint", send.to),
        (None, Some(wait), _) => format!("{} seconds pass", wait.seconds),
        (None, None, Some(hook)) => format!("the hook `{}` changes the server", hook.run),
        (None, None, None) => "values are made and compared".into(),
    }
}

fn judged(check: &Check) -> String {
    let what = match check.kind() {
        Kind::Refusal => "A refusal: what is wrong is refused, for the right reason.",
        Kind::Acceptance => "An acceptance: what is right gets what it asks for.",
        Kind::Watch => "Every answer of this kind in the whole run, whichever check caused it.",
    };
    let varied = check.file.vary.as_ref().and_then(|vary| vary.at.as_ref());
    varied.map_or_else(
        || what.to_owned(),
        |at| format!("{what} The unchanged run is the control; then `{at}` alone is changed."),
    )
}

fn needs(check: &Check, catalogue: &Catalogue) -> String {
    let meaning = |word: &String| catalogue.needs(word).unwrap_or_default().to_owned();
    check.file.needs.iter().map(|word| wrap(&format!("{word}: {}", meaning(word)), 2)).collect()
}

fn how_to_run(check: &Check, catalogue: &Catalogue) -> String {
    let id = quote(&check.id);
    let broken = defects_of(check, catalogue);
    let red =
        broken.first().map(|defect| format!("  grantcheck run --defect {} {id}   (to see it fail)\n", defect.name()));
    format!("  grantcheck run -t targets/TARGET.toml {id}\n{}", red.unwrap_or_default())
}
