//! Reports as their readers take them: each format is read by a library that others wrote, made from a saved run it is the same
//! as made at once, and text of a target stays text.

use std::sync::LazyLock;

use grantcheck::catalogue::Catalogue;
use grantcheck::exchange::{Answer, Exchange, Request, Response};
use grantcheck::modes::access::Access;
use grantcheck::modes::check::{Options, run};
use grantcheck::modes::reference;
use grantcheck::modes::threads::on_this_thread;
use grantcheck::outcome::{CheckOutcome, Finding, RunOutcome, Verdict};
use grantcheck::report::{Clean, Comparison, Diff, FORMATS, Terminal, format, json, plain, read, terminal};
use grantcheck::scenario::Suite;
use pulldown_cmark::{Event, HeadingLevel, Parser, Tag};
use reference_server::{Conduct, Defect};
use scraper::{Html, Selector};
use serde_json::Value;

/// A run in which something passes, fails, warns, is blocked and is skipped.
static RUN: LazyLock<RunOutcome> = LazyLock::new(|| {
    let conduct = Conduct::default()
        .with_defect(Defect::TokenErrorDescriptionEchoesInput)
        .with_defect(Defect::CodeReuseLeavesAccessToken);
    let select = ["rfc6749/4.1.2", "rfc6749/5.2", "oauth2.1/10.2"].map(str::to_owned).to_vec();
    let mut outcome = played(conduct, Options { select, traffic: true, ..Options::default() });
    let last = outcome.checks.iter_mut().rfind(|check| check.verdict == Verdict::Pass).unwrap();
    (last.verdict, last.reason) = (Verdict::Blocked, "set-up did not get through".into());
    outcome
});

/// What a target may say to harm a reader.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&]]>\u{1b}[2J\u{202e}|`````\n## x\u{0}";

fn played(conduct: Conduct, options: Options) -> RunOutcome {
    let (suite, catalogue) = (Suite::embedded().unwrap(), Catalogue::embedded().unwrap());
    let outcome = on_this_thread(run(&suite, &catalogue, &reference(), &Access::embedded(conduct), &options, &|_| {}));
    RunOutcome { again: "grantcheck run --seed 1".into(), ..outcome }
}

fn made(name: &str, run: &RunOutcome) -> String {
    (format(name).unwrap().make)(&Clean::of(run))
}

fn count(verdict: Verdict) -> usize {
    RUN.checks.iter().filter(|check| check.verdict == verdict).count()
}

/// A run of one failure in which everything that can come from a target is hostile.
fn hostile() -> RunOutcome {
    let text = || HOSTILE.to_owned();
    let request = Request { method: "POST".into(), url: format!("http://a/{HOSTILE}"), ..Request::default() };
    let response = Response { status: 200, headers: vec![(text(), text())], body: HOSTILE.into() };
    let finding =
        Finding { step: text(), step_name: text(), selector: text(), wanted: text(), got: text(), advisory: false };
    let failed = RUN.checks.iter().find(|check| check.verdict == Verdict::Fail).unwrap();
    let check = CheckOutcome {
        reason: text(),
        findings: vec![finding],
        exchanges: vec![Exchange::of(request, Answer::Response(response))],
        ..failed.clone()
    };
    let known = CheckOutcome { known: Some(text()), ..check.clone() };
    let blocked = CheckOutcome { verdict: Verdict::Blocked, ..check.clone() };
    RunOutcome {
        target: text(),
        issuer: Some(text()),
        notes: vec![text()],
        checks: vec![check, known, blocked],
        ..RUN.clone()
    }
}

#[test]
fn the_run_of_these_tests_has_every_verdict() {
    for verdict in [Verdict::Pass, Verdict::Fail, Verdict::Warn, Verdict::Blocked, Verdict::Skipped] {
        assert!(count(verdict) > 0, "{verdict:?}");
    }
}

#[test]
fn every_format_made_from_a_saved_run_is_the_one_made_at_once() {
    for run in [&*RUN, &hostile()] {
        let saved = read(&json(&Clean::of(run))).unwrap();
        for format in FORMATS {
            assert!((format.make)(&saved) == made(format.name, run), "{} differs", format.name);
        }
    }
}

#[test]
fn a_reader_of_junit_counts_failures_errors_and_skips() {
    let suites = junit_parser::from_reader(made("junit", &RUN).as_bytes()).unwrap();
    assert_eq!(suites.failures as usize, count(Verdict::Fail));
    assert_eq!(suites.errors as usize, count(Verdict::Blocked));
    let cases: Vec<_> = suites.suites.iter().flat_map(|suite| &suite.cases).collect();
    assert_eq!(cases.len(), RUN.checks.len());
    assert_eq!(cases.iter().filter(|case| case.status.is_skipped()).count(), count(Verdict::Skipped));
    let strict = RunOutcome { strict: true, ..RUN.clone() };
    let suites = junit_parser::from_reader(made("junit", &strict).as_bytes()).unwrap();
    assert_eq!(suites.failures as usize, count(Verdict::Fail) + count(Verdict::Warn));
}

#[test]
fn a_reader_of_sarif_finds_a_rule_with_help_and_a_place_for_each_result() {
    let sarif: serde_sarif::sarif::Sarif = serde_json::from_str(&made("sarif", &RUN)).unwrap();
    let run = &sarif.runs[0];
    let rules = run.tool.driver.rules.as_ref().unwrap();
    let results = run.results.as_ref().unwrap();
    assert_eq!(results.len(), count(Verdict::Fail) + count(Verdict::Warn));
    for result in results {
        let rule = &rules[usize::try_from(result.rule_index.unwrap()).unwrap()];
        assert_eq!(Some(&rule.id), result.rule_id.as_ref());
        assert!(rule.help.as_ref().unwrap().text.contains("How to mend it"));
        let place = result.locations.as_ref().unwrap()[0].physical_location.as_ref().unwrap();
        assert_eq!(place.artifact_location.as_ref().unwrap().uri.as_deref(), Some("targets/reference.toml"));
    }
    let mut ids: Vec<&String> = rules.iter().map(|rule| &rule.id).collect();
    let fingerprint = |result: &serde_sarif::sarif::Result| result.partial_fingerprints.clone();
    let prints: std::collections::BTreeSet<String> =
        results.iter().map(|result| format!("{:?}", fingerprint(result))).collect();
    assert_eq!(prints.len(), results.len());
    ids.dedup();
    assert_eq!(ids.len(), rules.len());
}

#[test]
fn a_reader_of_har_finds_every_exchange() {
    let har = har::from_str(&made("har", &RUN)).unwrap();
    let har::Spec::V1_2(log) = har.log else { panic!("not version 1.2") };
    assert_eq!(log.entries.len(), RUN.traffic.len());
    assert!(RUN.traffic.len() > RUN.checks.len());
    let found = RunOutcome { traffic: Vec::new(), ..RUN.clone() };
    assert!(!made("har", &found).is_empty() && made("har", &found).len() < made("har", &RUN).len());
}

#[test]
fn every_line_of_json_lines_is_an_event_and_the_last_is_the_sum() {
    let text = made("jsonl", &RUN);
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), RUN.checks.len() + 2);
    assert_eq!(events.first().unwrap()["event"], "start");
    assert_eq!(events.last().unwrap()["summary"]["failed"], count(Verdict::Fail));
}

#[test]
fn code_quality_has_an_entry_a_deviation() {
    let entries: Vec<Value> = serde_json::from_str(&made("codequality", &RUN)).unwrap();
    assert_eq!(entries.len(), count(Verdict::Fail) + count(Verdict::Warn));
    for member in ["description", "check_name", "fingerprint", "severity", "location"] {
        assert!(entries[0].get(member).is_some(), "{member}");
    }
}

#[test]
fn the_page_shows_each_verdict_once_and_loads_nothing() {
    let page = Html::parse_document(&made("html", &RUN));
    let all = |selector: &str| page.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!(all("details.check"), RUN.checks.len());
    assert_eq!(all("details.check.fail"), count(Verdict::Fail));
    assert_eq!(all(".square"), RUN.checks.len());
    assert_eq!(all("details.check.fail pre.judged"), count(Verdict::Fail));
    assert_eq!((all("script"), all("style")), (1, 1));
    assert_eq!(all("link, img, iframe, object, embed, [src], form, a:not([href^='#'])"), 0);
}

#[test]
fn nothing_that_a_target_says_is_markup_or_moves_a_cursor() {
    let run = hostile();
    for name in ["html", "markdown", "text", "junit"] {
        let text = made(name, &run);
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}') && !text.contains('\u{0}'), "{name}");
    }
    let page = Html::parse_document(&made("html", &run));
    let all = |selector: &str| page.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!((all("img"), all("script"), all("details.check")), (0, 1, 3));
    let ours = terminal(&Clean::of(&run), &Terminal { verbose: true });
    let codes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert!(!codes.replace_all(&ours, "").contains('\u{1b}') && !ours.contains('\u{202e}'));
    for event in Parser::new(&made("markdown", &run)) {
        match event {
            Event::Html(text) | Event::InlineHtml(text) => {
                assert!(!text.contains("<img") && !text.contains("<script"), "{text}")
            }
            Event::Start(Tag::Heading { level, .. }) => assert_eq!(level, HeadingLevel::H2),
            _ => {}
        }
    }
    junit_parser::from_reader(made("junit", &run).as_bytes()).unwrap();
    serde_json::from_str::<serde_sarif::sarif::Sarif>(&made("sarif", &run)).unwrap();
    har::from_str(&made("har", &run)).unwrap();
}

#[test]
fn a_comparison_has_a_column_a_provider_and_its_page_no_markup_of_theirs() {
    let runs = [Clean::of(&RUN), Clean::of(&hostile())];
    let comparison = Comparison::of(&runs);
    let page = Html::parse_document(&comparison.html());
    let all = |selector: &str| page.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!((all("img"), all("table:first-of-type thead th") % 3), (0, 0));
    let markdown = comparison.markdown();
    assert!(markdown.contains("❌ fail") && !markdown.contains("<img") && !markdown.contains('\u{1b}'), "{markdown}");
    assert!(
        markdown
            .lines()
            .filter(|line| line.starts_with('|'))
            .all(|line| line.replace("\\|", "").matches('|').count() == 4)
    );
}

#[test]
fn a_diff_says_what_got_worse_and_what_better() {
    let select = ["rfc6749/4.1.2", "rfc6749/5.2", "oauth2.1/10.2"].map(str::to_owned).to_vec();
    let healthy = Clean::of(&played(Conduct::default(), Options { select, ..Options::default() }));
    let broken = Clean::of(&RUN);
    let (worse, better) = (Diff::of(&healthy, &broken), Diff::of(&broken, &healthy));
    assert!(worse.is_worse() && !better.is_worse());
    assert!(worse.text().contains("rfc6749/5.2/error-description-is-printable"));
    let changes: Value = serde_json::from_str(&better.json()).unwrap();
    assert!(changes["changes"].as_array().unwrap().iter().any(|change| change["change"] == "better"));
    assert!(!Diff::of(&broken, &broken).is_worse());
    assert_eq!(plain("\u{1b}"), "\\u{1b}");
}
