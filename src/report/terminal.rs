//! The report for people: a line a section, then whatever was found, told completely, the failures last.

use std::collections::BTreeMap;

use super::clean::Clean;
use super::finding::story;
use super::layout::{bold, coloured, dim, seconds};
use super::plain::plain;
use super::section::{Section, WORDS, counts, sections, title};
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};

/// How many causes of blocked checks are told completely, and how many checks of one cause have a line each.
const CAUSES: usize = 5;

/// How the report is made.
#[derive(Clone, Debug, Default)]
pub struct Terminal {
    /// Every verdict, header and exchange.
    pub verbose: bool,
}

/// The report, with ANSI styles.
pub fn terminal(clean: &Clean, options: &Terminal) -> String {
    let run = clean.run();
    let stories = stories(run, options);
    let counted = [blocked(run), skipped(run, options.verbose)].concat();
    [heading(run), by_section(run, options.verbose), counted, stories, closing(run)].concat()
}

fn heading(run: &RunOutcome) -> String {
    let issuer = run.issuer.as_ref().map_or_else(String::new, |issuer| format!(" at {}", plain(issuer)));
    let RunOutcome { target, profile, seed, .. } = run;
    format!("{}{issuer}, profile {}, seed {seed}\n", bold(&plain(target)), plain(profile))
}

/// The verdicts by specification and section, as the folders of the checks say.
fn by_section(run: &RunOutcome, verbose: bool) -> String {
    let shared = shared(run);
    let (mut text, mut last) = (String::new(), None);
    for Section { spec, section, checks } in sections(&run.checks) {
        if last.as_ref() != Some(&spec) {
            text.push_str(&format!("\n{}\n", bold(&title(&spec))));
            last = Some(spec);
        }
        text.push_str(&format!("  {section:<12}{}\n", tally(&checks)));
        let told = checks.into_iter().filter(|check| verbose || deserves_a_line(check, run, &shared));
        text.extend(told.map(line));
    }
    text
}

fn tally(checks: &[&CheckOutcome]) -> String {
    let words = counts(checks.iter().copied());
    let word = |(verdict, word, count): &(Option<Verdict>, &str, usize)| {
        let text = format!("{count} {word}");
        verdict.map_or(text.clone(), |verdict| emphasised(verdict, &text))
    };
    words.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn emphasised(verdict: Verdict, text: &str) -> String {
    match verdict {
        Verdict::Pass => text.to_owned(),
        Verdict::Skipped => dim(text),
        _ => coloured(verdict, text),
    }
}

/// Passed and skipped verdicts are counted; a blocked one whose reason the run names anyway, or many share, is, too.
fn deserves_a_line(check: &CheckOutcome, run: &RunOutcome, shared: &[(&str, usize)]) -> bool {
    let told = run.notes.contains(&check.reason) || shared.iter().any(|(reason, _)| *reason == check.reason);
    match check.verdict {
        Verdict::Blocked => !told,
        verdict => !matches!(verdict, Verdict::Pass | Verdict::Skipped),
    }
}

fn line(check: &CheckOutcome) -> String {
    let whole = check.name();
    let short = whole.rsplit_once('/').map_or(whole.as_str(), |(_, short)| short);
    let (word, reason) = match &check.known {
        Some(known) => ("known", format!("{} ({})", check.reason, known)),
        None => (check.verdict.word(), check.reason.clone()),
    };
    let again = if check.retried { " (set-up tried twice)" } else { "" };
    let word = coloured(check.verdict, &format!("{word:<8}"));
    format!("    {word}{short}  {}", dim(&(plain(&reason) + again))).trim_end().to_owned() + "\n"
}

/// What blocked many checks, the commonest reason first: most often one mistake in the target file.
fn blocked(run: &RunOutcome) -> String {
    let reasons = shared(run);
    let title = if reasons.is_empty() { String::new() } else { format!("\n{}\n", bold("Blocked for one reason")) };
    let lines = reasons.into_iter().map(|(reason, checks)| format!("  {checks:>5}  {}\n", plain(reason)));
    [title, lines.collect()].concat()
}

/// Reasons why more than a few checks are blocked, and how many; those that the run names anyway are not among them.
fn shared(run: &RunOutcome) -> Vec<(&str, usize)> {
    let reasons = by_reason(run, Verdict::Blocked).into_iter().map(|(reason, checks)| (reason, checks.len()));
    reasons.filter(|(reason, checks)| *checks > CAUSES && !run.notes.iter().any(|note| note == reason)).collect()
}

/// Why checks did not apply, the commonest reason first.
fn skipped(run: &RunOutcome, verbose: bool) -> String {
    let reasons = by_reason(run, Verdict::Skipped);
    let mut text = if reasons.is_empty() { String::new() } else { format!("\n{}\n", bold("Skipped")) };
    for (reason, checks) in reasons {
        text.push_str(&format!("  {:>5}  {}\n", checks.len(), plain(reason)));
        text.extend(checks.iter().filter(|_| verbose).map(|check| format!("         {}\n", dim(&check.name()))));
    }
    text
}

fn by_reason(run: &RunOutcome, verdict: Verdict) -> Vec<(&str, Vec<&CheckOutcome>)> {
    let mut reasons: BTreeMap<&str, Vec<&CheckOutcome>> = BTreeMap::new();
    for check in run.checks.iter().filter(|check| check.verdict == verdict) {
        reasons.entry(&check.reason).or_default().push(check);
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, checks)| std::cmp::Reverse(checks.len()));
    reasons
}

/// What was found, the gravest last. Blocked checks with one cause are told once.
fn stories(run: &RunOutcome, options: &Terminal) -> String {
    let told = |verdict: Verdict| {
        run.checks.iter().filter(move |check| check.verdict == verdict && (options.verbose || check.known.is_none()))
    };
    let causes =
        by_reason(run, Verdict::Blocked).into_iter().filter(|(reason, _)| !run.notes.iter().any(|note| note == reason));
    let blocked: Vec<&CheckOutcome> = match options.verbose {
        true => told(Verdict::Blocked).collect(),
        false => causes.take(CAUSES).filter_map(|(_, checks)| checks.first().copied()).collect(),
    };
    let found = told(Verdict::Warn).chain(told(Verdict::Flaky)).chain(told(Verdict::Fail));
    blocked.into_iter().chain(found).map(|check| format!("\n{}", story(check, run, options.verbose))).collect()
}

/// What the run says about itself, and the sum of it all.
fn closing(run: &RunOutcome) -> String {
    let idle = run.checks.iter().all(|check| check.verdict == Verdict::Skipped);
    let idle = idle.then(|| "note: nothing was judged, every check was skipped\n".to_owned());
    let notes = run.notes.iter().map(|note| format!("note: {}\n", plain(note))).chain(idle);
    let stale = run.stale_known.iter().map(|entry| {
        let words = format!("[[known]] {} no longer deviates; take it out of the target file\n", plain(entry));
        format!("{}: {words}", coloured(Verdict::Fail, "stale"))
    });
    format!("\n{}{}\n", notes.chain(stale).collect::<String>(), sum(run))
}

fn sum(run: &RunOutcome) -> String {
    let always = |verdict: Verdict| !matches!(verdict, Verdict::Flaky);
    let counted = WORDS.iter().filter(|(verdict, _)| always(*verdict) || run.count(*verdict) > 0);
    let mut words: Vec<String> = counted
        .map(|(verdict, word)| {
            let text = format!("{} {word}", run.count(*verdict));
            if run.count(*verdict) > 0 { emphasised(*verdict, &text) } else { text }
        })
        .collect();
    let known = run.checks.iter().filter(|check| check.known.is_some()).count();
    words.extend((known > 0).then(|| format!("{known} known")));
    format!("{} (in {})", words.join(", "), seconds(run.duration_ms))
}
