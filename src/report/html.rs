//! One page that needs nothing else: a square a verdict by specification and section, filters, a search, and behind each verdict its
//! story. Whatever comes from outside is escaped by the template; the page may load nothing and runs one script, known by its hash.

mod evidence;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::clean::Clean;
use super::layout::seconds;
use super::plain::plain;
use super::section::{Section, counts, sections, title};
use crate::crypto::s256;
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};
use evidence::evidence;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// The page.
pub fn html(clean: &Clean) -> String {
    let run = clean.run();
    let groups = by_spec(sections(&run.checks));
    let body = html! {
        (header(run))
        (controls(run))
        main {
            (notes(run))
            (found(run))
            section.map aria-label="Every verdict" { @for (spec, sections) in &groups { (map(spec, sections)) } }
            @for (spec, sections) in &groups { (list(spec, sections, run)) }
            p #nothing hidden { "Nothing matches. " button type="button" data-clear { "Show everything" } }
        }
        (help())
    };
    page(&format!("grantcheck: {}", plain(&run.target)), &body)
}

/// A page with the style and the script of all pages here.
pub fn page(name: &str, body: &Markup) -> String {
    let hash = |text: &str| format!("'sha256-{}='", s256(text).replace('-', "+").replace('_', "/"));
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let whole = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("grantcheck ", env!("CARGO_PKG_VERSION")));
                title { (name) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) script { (PreEscaped(SCRIPT)) } }
        }
    };
    whole.into_string()
}

fn header(run: &RunOutcome) -> Markup {
    let (class, words) = judgement(run);
    html! {
        header {
            p.verdict.(class) { (words) }
            h1 { (plain(&run.target)) }
            p.facts {
                @if let Some(issuer) = &run.issuer { code { (plain(issuer)) } }
                span { "profile " b { (plain(&run.profile)) } }
                span { "seed " b { (run.seed) } }
                span { (run.checks.len()) " verdicts in " (seconds(run.duration_ms)) }
                span { "grantcheck " (env!("CARGO_PKG_VERSION")) }
            }
        }
    }
}

fn judgement(run: &RunOutcome) -> (&'static str, String) {
    let failed = run.checks.iter().filter(|check| check.fails(run.strict)).count();
    let blocked = run.count(Verdict::Blocked);
    let known = run.checks.iter().filter(|check| check.known.is_some()).count();
    match () {
        () if failed > 0 => ("fail", format!("{failed} failed")),
        () if !run.stale_known.is_empty() => ("fail", "stale [[known]] entries".into()),
        () if run.died => ("blocked", "the target stopped answering".into()),
        () if blocked > 0 => ("blocked", format!("{blocked} blocked")),
        () if known > 0 => ("known", format!("{known} known, nothing new")),
        () if run.count(Verdict::Pass) == 0 => ("skipped", "nothing was judged".into()),
        () => ("pass", "conforms".into()),
    }
}

/// A button a verdict, each with its number, and the search.
fn controls(run: &RunOutcome) -> Markup {
    html! {
        nav.controls aria-label="Filter" {
            @for (verdict, word, count) in counts(&run.checks) {
                @let name = verdict.map_or("known", Verdict::word);
                button.chip.(name) type="button" aria-pressed="true" data-verdict=(name) { b { (count) } " " (word) }
            }
            input #search type="search" placeholder="Search id, rule, reason   ( / )" aria-label="Search";
            span #shown aria-live="polite" {}
        }
    }
}

fn notes(run: &RunOutcome) -> Markup {
    html! {
        @if !run.notes.is_empty() || !run.stale_known.is_empty() {
            ul.notes {
                @for note in &run.notes { li { (plain(note)) } }
                @for entry in &run.stale_known {
                    li.stale { code { (plain(entry)) } " no longer deviates: take it out of [[known]]" }
                }
            }
        }
    }
}

/// What deviates or was blocked, the gravest first, before the long lists.
fn found(run: &RunOutcome) -> Markup {
    let kinds = [Verdict::Fail, Verdict::Flaky, Verdict::Blocked, Verdict::Warn];
    let of = |verdict| run.checks.iter().filter(move |check| check.verdict == verdict && check.known.is_none());
    let found: Vec<&CheckOutcome> = kinds.into_iter().flat_map(of).collect();
    html! {
        @if !found.is_empty() {
            ol.found aria-label="What was found" {
                @for check in found.iter().take(FOUND) {
                    li.(class(check)) {
                        span.mark { (class(check)) }
                        a href={ "#" (slug(&check.name())) } { (plain(&check.title)) }
                        span.place {
                            @if let Some(case) = &check.case { (plain(case)) ", " }
                            (title(check.id.split('/').next().unwrap_or_default())) " " (check.section)
                        }
                    }
                }
                @if found.len() > FOUND { li { span {} span.place { (found.len() - FOUND) " more below" } } }
            }
        }
    }
}

/// How many are named before the lists.
const FOUND: usize = 15;

type Specification<'a> = (String, Vec<Section<'a>>);

fn by_spec(sections: Vec<Section<'_>>) -> Vec<Specification<'_>> {
    let mut groups: Vec<Specification<'_>> = Vec::new();
    for section in sections {
        match groups.last_mut() {
            Some((spec, group)) if *spec == section.spec => group.push(section),
            _ => groups.push((section.spec.clone(), vec![section])),
        }
    }
    groups
}

/// The squares of a specification, a row a section.
fn map(spec: &str, sections: &[Section<'_>]) -> Markup {
    html! {
        div.spec {
            h2 { a href={ "#" (slug(spec)) } { (title(spec)) } }
            @for section in sections {
                div.row {
                    span.section { (section.section) }
                    span.squares {
                        @for check in &section.checks {
                            a.square.(class(check)) href={ "#" (slug(&check.name())) } data-for=(slug(&check.name()))
                                title={ (check.name()) ": " (class(check)) } aria-label={ (check.name()) ": " (class(check)) } {}
                        }
                    }
                }
            }
        }
    }
}

fn list(spec: &str, sections: &[Section<'_>], run: &RunOutcome) -> Markup {
    html! {
        section.spec #(slug(spec)) {
            h2 { (title(spec)) }
            @for section in sections {
                div.group {
                    @if !section.section.is_empty() { h3 { (section.section) } }
                    @for check in &section.checks { (entry(check, run)) }
                }
            }
        }
    }
}

fn entry(check: &CheckOutcome, run: &RunOutcome) -> Markup {
    let name = check.name();
    let short = name.rsplit_once('/').map_or(name.as_str(), |(_, short)| short);
    html! {
        details.check.(class(check)) #(slug(&name)) data-verdict=(class(check)) {
            summary {
                span.mark { (class(check)) }
                span.title { (plain(&check.title)) }
                code.id { (plain(short)) }
                @if !check.reason.is_empty() { span.reason { (plain(&check.reason)) } }
            }
            (evidence(check, run))
        }
    }
}

fn help() -> Markup {
    let keys = [
        ("/", "search"),
        ("j k", "next, previous verdict"),
        ("Enter", "open or close it"),
        ("f", "failures only, or everything"),
        ("Esc", "show everything"),
        ("?", "this list"),
    ];
    html! {
        footer {
            p { "Keys: " @for (key, what) in keys { span.key { kbd { (key) } " " (what) } " " } }
        }
    }
}

/// How a verdict is shown: what is known is apart from what is not.
fn class(check: &CheckOutcome) -> &'static str {
    if check.known.is_some() { "known" } else { check.verdict.word() }
}

/// A name that can stand in an address.
fn slug(name: &str) -> String {
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || ".-_".contains(letter) { letter } else { ':' };
    format!("v-{}", name.chars().map(safe).collect::<String>())
}
