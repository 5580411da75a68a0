//! One verdict told completely: the rule, what was wanted and got, what travelled, why it matters, how to mend it, how to
//! see it again.

use super::curl::curl;
use super::exchange::{asks_for_authorization, in_full, in_short, in_short_with_query};
use super::layout::{bold, coloured, dim, wrap};
use super::plain::plain;
use super::shell::quote;
use crate::exchange::Exchange;
use crate::outcome::{CheckOutcome, Finding, RunOutcome};

/// How many exchanges before the judged one are named.
const EARLIER: usize = 12;

/// The whole story of a verdict.
pub fn story(check: &CheckOutcome, run: &RunOutcome, verbose: bool) -> String {
    let name = check.name();
    let mut text =
        format!("{}  {}\n{}", coloured(check.verdict, check.verdict.word()), bold(&name), wrap(&check.title, 2));
    let mut part = |title: &str, body: &str| {
        if !body.trim().is_empty() {
            text.push_str(&format!("\n  {}\n{body}", bold(title)));
        }
    };
    part("Rule", &rule(check));
    part("Found", &findings(check));
    part("What travelled", &travelled(&check.exchanges, verbose));
    part("Why it matters", &wrap(&check.why, 4));
    part("How to mend it", &wrap(&check.fix, 4));
    part(
        "The judged request again",
        &check.exchanges.last().map_or_else(String::new, |last| line(&curl(&last.request))),
    );
    part("The whole check again", &again(run, check).map_or_else(String::new, |command| line(&command)));
    text + "\n"
}

/// The story without styles.
pub fn plain_story(check: &CheckOutcome, run: &RunOutcome) -> String {
    anstream::adapter::strip_str(&story(check, run, false)).to_string()
}

/// The command that runs one check again, if the run knows how it was begun.
pub fn again(run: &RunOutcome, check: &CheckOutcome) -> Option<String> {
    (!run.again.is_empty()).then(|| format!("{} {}", run.again, quote(&check.name())))
}

fn line(text: &str) -> String {
    format!("    {text}\n")
}

fn rule(check: &CheckOutcome) -> String {
    if check.rule.is_empty() {
        return String::new();
    }
    let place = format!("    {}, section {}, {}\n", check.spec, check.section, check.level);
    wrap(&check.rule, 4) + &dim(&place)
}

/// The violated expectations step by step; the reason where there are none.
fn findings(check: &CheckOutcome) -> String {
    let mut text = String::new();
    if check.findings.is_empty() || check.verdict == crate::outcome::Verdict::Flaky {
        text.push_str(&line(&plain(&check.reason)));
    }
    let mut step = None;
    for finding in &check.findings {
        if step != Some(&finding.step_name) {
            text.push_str(&line(&plain(&finding.step_name)));
            step = Some(&finding.step_name);
        }
        text.push_str(&violated(finding));
    }
    text
}

fn violated(finding: &Finding) -> String {
    let Finding { selector, wanted, got, .. } = finding;
    let mark = if finding.advisory { " (advice)" } else { "" };
    format!("      {}: wanted {}, got {}{mark}\n", plain(selector), plain(wanted), plain(got))
}

/// The judged exchange in full, those before it in a line each.
fn travelled(exchanges: &[Exchange], verbose: bool) -> String {
    let Some((judged, before)) = exchanges.split_last() else { return String::new() };
    let left_out = before.len().saturating_sub(EARLIER);
    let mut text = String::new();
    if verbose {
        before.iter().for_each(|exchange| text.push_str(&(indented(&in_full(exchange, true)) + "\n")));
    } else {
        if left_out > 0 {
            text.push_str(&line(&dim(&format!("… {left_out} before"))));
        }
        text.extend(counted(&named(&before[left_out..])).iter().map(|short| line(&dim(short))));
    }
    text + &indented(&in_full(judged, verbose))
}

/// A line each. The last authorization request keeps its query: when a later page of the browser is judged, what was asked is
/// nowhere else.
fn named(exchanges: &[Exchange]) -> Vec<String> {
    let whole = exchanges.iter().rposition(asks_for_authorization);
    let name =
        |(index, exchange)| if whole == Some(index) { in_short_with_query(exchange) } else { in_short(exchange) };
    exchanges.iter().enumerate().map(name).collect()
}

/// Equal lines that follow each other become one with a number.
fn counted(lines: &[String]) -> Vec<String> {
    let mut groups: Vec<(&String, usize)> = Vec::new();
    for line in lines {
        match groups.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ => groups.push((line, 1)),
        }
    }
    groups
        .into_iter()
        .map(|(line, times)| if times > 1 { format!("{line} ({times} times)") } else { line.clone() })
        .collect()
}

fn indented(text: &str) -> String {
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Answer, Request};

    #[test]
    fn the_last_authorization_request_is_named_with_its_query() {
        let asked = |url: &str| {
            let request = Request { method: "GET".into(), url: url.into(), ..Request::default() };
            Exchange::of(request, Answer::Nothing("closed".into()))
        };
        let urls =
            ["https://a/authorize?client_id=one", "https://a/authorize?client_id=two", "https://a/login?to=%2Fx"];
        let lines = named(&urls.map(asked));
        let [first, second, third] = ["authorize", "authorize?client_id=two", "login"];
        assert_eq!(lines, [first, second, third].map(|path| format!("GET https://a/{path} → no answer: closed")));
    }
}
