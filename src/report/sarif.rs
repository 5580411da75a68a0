//! SARIF 2.1.0 for code scanning: one rule a check, with help; one result a deviation, at the target file, which is what a
//! repository has of a server. What is known is suppressed; what was blocked is a notification of the run.

use serde_json::{Value, json};

use super::clean::Clean;
use super::finding::{again, plain_story};
use super::markdown::{fenced, word};
use super::plain::plain;
use crate::crypto::s256;
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Where results are when there is no target file: the provider in the process is described there.
const REFERENCE: &str = "targets/reference.toml";

/// The log.
pub fn sarif(clean: &Clean) -> String {
    let run = clean.run();
    let rules = rules(run);
    let index = |check: &CheckOutcome| rules.iter().position(|rule| rule.id == check.id).unwrap_or_default();
    let deviating = run.checks.iter().filter(|check| check.verdict.deviates());
    let results: Vec<Value> = deviating.map(|check| result(check, index(check), run)).collect();
    let descriptors: Vec<Value> = rules.iter().map(|check| rule(check)).collect();
    let driver = json!({
        "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION"), "semanticVersion": env!("CARGO_PKG_VERSION"),
        "informationUri": env!("CARGO_PKG_REPOSITORY"), "rules": descriptors,
    });
    let tool = json!({ "driver": driver });
    let whole = json!({
        "tool": tool, "invocations": [invocation(run)], "results": results, "columnKind": "unicodeCodePoints",
        "automationDetails": { "id": format!("grantcheck/{}/", plain(&run.target)) },
    });
    format!("{:#}\n", json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [whole] }))
}

/// The path of the target file, as a URI relative to where the run began.
pub fn place(run: &RunOutcome) -> String {
    let path = run.target_file.as_deref().unwrap_or(REFERENCE).replace('\\', "/");
    percent_encoding::utf8_percent_encode(path.trim_start_matches("./"), PATH).to_string()
}

/// What stands for something else in the path of a URI.
const PATH: &percent_encoding::AsciiSet =
    &percent_encoding::CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`');

/// The first verdict on each check that was judged.
fn rules(run: &RunOutcome) -> Vec<&CheckOutcome> {
    let mut rules: Vec<&CheckOutcome> = run.checks.iter().filter(|check| check.verdict != Verdict::Skipped).collect();
    rules.sort_by(|left, right| left.id.cmp(&right.id));
    rules.dedup_by(|left, right| left.id == right.id);
    rules
}

fn rule(check: &CheckOutcome) -> Value {
    let must = check.level.starts_with("MUST");
    let rule = format!("{} ({}, section {}, {})", check.rule, check.spec, check.section, check.level);
    let rule = if check.rule.is_empty() { check.title.clone() } else { rule };
    let help = [("Rule", rule.as_str()), ("Why it matters", &check.why), ("How to mend it", &check.fix)];
    let parts = help.into_iter().filter(|(_, text)| !text.trim().is_empty());
    let text: Vec<String> = parts.clone().map(|(title, text)| format!("{title}: {}", text.trim())).collect();
    let markdown: Vec<String> = parts.map(|(title, text)| format!("**{title}.** {}", word(text.trim()))).collect();
    json!({
        "id": check.id,
        "name": name(&check.id),
        "shortDescription": { "text": check.title },
        "fullDescription": { "text": rule },
        "help": { "text": text.join("\n\n"), "markdown": markdown.join("\n\n") },
        "defaultConfiguration": { "level": if must { "error" } else { "warning" } },
        "properties": {
            "tags": ["oauth", check.spec, check.level],
            "problem.severity": if must { "error" } else { "warning" },
            "precision": "very-high",
        },
    })
}

/// `rfc6749/4.1.2/code-is-single-use` is `CodeIsSingleUse`.
fn name(id: &str) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    let last = id.rsplit('/').next().unwrap_or_default();
    last.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(capital).collect()
}

fn result(check: &CheckOutcome, index: usize, run: &RunOutcome) -> Value {
    let level = if check.verdict == Verdict::Fail || check.fails(run.strict) { "error" } else { "warning" };
    let case = check.case.as_ref().map_or_else(String::new, |case| format!(" ({case})"));
    let text = format!("{}{case}: {}", check.title, plain(&check.reason));
    let story = plain_story(check, run);
    let location = json!({ "physicalLocation": {
        "artifactLocation": { "uri": place(run) }, "region": { "startLine": 1 }
    } });
    let suppressed = |known: &String| json!([{ "kind": "external", "justification": plain(known) }]);
    let mut result = json!({
        "ruleId": check.id, "ruleIndex": index, "level": level, "kind": "fail",
        "message": { "text": text, "markdown": format!("{}\n\n{}", word(&text), fenced(&story)) },
        "locations": [location],
        // All results stand on one line, so their identity is their name.
        "partialFingerprints": { "primaryLocationLineHash": s256(&check.name()), "verdict/v1": check.name() },
        "properties": { "verdict": check.verdict, "again": again(run, check) },
    });
    if let Some(known) = &check.known {
        result["suppressions"] = suppressed(known);
    }
    result
}

/// How the run went: what was blocked is nobody's deviation, yet the reader has to know.
fn invocation(run: &RunOutcome) -> Value {
    let blocked = run.checks.iter().filter(|check| check.verdict == Verdict::Blocked);
    let blocked = blocked.map(|check| {
        json!({ "level": "error", "message": { "text": format!("{}: {}", check.name(), plain(&check.reason)) },
            "associatedRule": { "id": check.id } })
    });
    let notes = run.notes.iter().map(|note| json!({ "level": "note", "message": { "text": plain(note) } }));
    let all: Vec<Value> = blocked.chain(notes).collect();
    json!({ "executionSuccessful": !run.died, "toolExecutionNotifications": all })
}
