//! What stands behind a verdict: rule, findings, exchanges, why and how to mend it, how to see it again.

use maud::{Markup, html};

use super::super::curl::curl;
use super::super::exchange::{in_full, in_short};
use super::super::finding::again;
use super::super::plain::plain;
use crate::exchange::Exchange;
use crate::outcome::{CheckOutcome, Finding, RunOutcome, Verdict};

/// How many exchanges before the judged one are shown.
const EARLIER: usize = 20;

/// Everything about a verdict; of one that passed only the rule.
pub fn evidence(check: &CheckOutcome, run: &RunOutcome) -> Markup {
    let told = check.verdict.deviates() || check.verdict == Verdict::Blocked;
    html! {
        div.evidence {
            p.place { code { (plain(&check.name())) } }
            (rule(check))
            @if let Some(known) = &check.known { (part("Known", &html! { p { (plain(known)) } })) }
            @if check.retried { p.place { "Its set-up got through only when it was tried a second time." } }
            @if told {
                (findings(&check.findings))
                (travelled(&check.exchanges))
                (words("Why it matters", &check.why))
                (words("How to mend it", &check.fix))
            }
            (commands(check, run))
        }
    }
}

fn rule(check: &CheckOutcome) -> Markup {
    html! {
        @if !check.rule.is_empty() {
            p { (plain(&check.rule)) " " span.place { (check.spec) ", section " (check.section) ", " b { (check.level) } } }
        }
    }
}

fn findings(findings: &[Finding]) -> Markup {
    html! {
        @if !findings.is_empty() {
            table.findings {
                thead { tr { th { "Step" } th { "Looked at" } th { "Wanted" } th { "Got" } } }
                tbody {
                    @for finding in findings {
                        tr {
                            td { (plain(&finding.step_name)) @if finding.advisory { " (advice)" } }
                            td { code { (plain(&finding.selector)) } }
                            td data-label="wanted " { (plain(&finding.wanted)) }
                            td.got data-label="got " { (plain(&finding.got)) }
                        }
                    }
                }
            }
        }
    }
}

/// The judged exchange open, those before it closed.
fn travelled(exchanges: &[Exchange]) -> Markup {
    let Some((judged, before)) = exchanges.split_last() else { return html! {} };
    let left_out = before.len().saturating_sub(EARLIER);
    let body = html! {
        @if left_out > 0 { p.place { (left_out) " exchanges before" } }
        @for exchange in &before[left_out..] {
            details.exchange { summary { code { (in_short(exchange)) } } pre { (in_full(exchange, true)) } }
        }
        pre.judged { (in_full(judged, true)) }
    };
    part("What travelled", &body)
}

fn words(name: &str, text: &str) -> Markup {
    if text.trim().is_empty() {
        html! {}
    } else {
        part(name, &html! { p { (plain(text.trim())) } })
    }
}

fn commands(check: &CheckOutcome, run: &RunOutcome) -> Markup {
    let request = check.exchanges.last().map(|exchange| curl(&exchange.request));
    let lines: Vec<String> = request.into_iter().chain(again(run, check)).collect();
    html! {
        @if !lines.is_empty() { (part("Again", &html! { @for line in &lines { pre.command { (line) } } })) }
    }
}

fn part(name: &str, body: &Markup) -> Markup {
    html! { h4 { (name) } (body) }
}
