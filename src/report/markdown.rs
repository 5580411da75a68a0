//! A page for the summary of a job: the sums, what failed with its exchange, then sections.

use super::clean::Clean;
use super::finding::plain_story;
use super::layout::seconds;
use super::plain::{cut, plain};
use super::section::{Section, counts, sections, title};
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};

/// How many stories are told; GitHub takes a megabyte.
const STORIES: usize = 50;

/// How long a story may be.
const LONG: usize = 12 << 10;

/// The page.
pub fn markdown(clean: &Clean) -> String {
    let run = clean.run();
    let issuer = run.issuer.as_ref().map_or_else(String::new, |issuer| format!(" at {}", code(issuer)));
    let heading = format!("## {} grantcheck: {}{issuer}\n\n", sign(run), word(&run.target));
    [heading, sum(run), notes(run), stories(run), table(run)].concat()
}

fn sign(run: &RunOutcome) -> &'static str {
    match run {
        _ if !run.stale_known.is_empty() || run.checks.iter().any(|check| check.fails(run.strict)) => "❌",
        _ if run.died || run.count(Verdict::Blocked) > 0 => "⚠️",
        _ => "✅",
    }
}

fn sum(run: &RunOutcome) -> String {
    let words: Vec<String> = counts(&run.checks).iter().map(|(_, word, count)| format!("**{count}** {word}")).collect();
    let RunOutcome { profile, seed, duration_ms, .. } = run;
    format!("{} in {}; profile {}, seed {seed}\n\n", words.join(", "), seconds(*duration_ms), word(profile))
}

fn notes(run: &RunOutcome) -> String {
    let stale =
        run.stale_known.iter().map(|entry| format!("{} no longer deviates: take it out of `[[known]]`", code(entry)));
    let notes: Vec<String> =
        run.notes.iter().map(|note| word(note)).chain(stale).map(|note| format!("- {note}\n")).collect();
    if notes.is_empty() { String::new() } else { notes.concat() + "\n" }
}

/// Failures first, because a summary is read from the top.
fn stories(run: &RunOutcome) -> String {
    let kinds = [Verdict::Fail, Verdict::Flaky, Verdict::Blocked, Verdict::Warn];
    let of = |verdict| run.checks.iter().filter(move |check| check.verdict == verdict && check.known.is_none());
    let told: Vec<&CheckOutcome> = kinds.into_iter().flat_map(of).collect();
    let mut text: String = told.iter().take(STORIES).map(|check| story(check, run)).collect();
    if told.len() > STORIES {
        text += &format!("{} more are in the other reports of this run.\n\n", told.len() - STORIES);
    }
    text
}

fn story(check: &CheckOutcome, run: &RunOutcome) -> String {
    let whole = plain_story(check, run);
    let (shown, more) = cut(&whole, LONG);
    let rest = if more > 0 { format!("\n… ({more} more bytes)") } else { String::new() };
    format!(
        "<details><summary><b>{}</b> <code>{}</code> {}</summary>\n\n{}\n</details>\n\n",
        check.verdict.word(),
        element(&check.name()),
        element(&check.title),
        fenced(&format!("{shown}{rest}")),
    )
}

fn table(run: &RunOutcome) -> String {
    let rows: String = sections(&run.checks).iter().map(row).collect();
    format!(
        "<details><summary>All sections</summary>\n\n| specification | section | verdicts |\n| --- | --- | --- |\n{rows}\n</details>\n"
    )
}

fn row(section: &Section<'_>) -> String {
    let words: Vec<String> =
        counts(section.checks.iter().copied()).iter().map(|(_, word, count)| format!("{count} {word}")).collect();
    format!("| {} | {} | {} |\n", word(&title(&section.spec)), word(&section.section), words.join(", "))
}

/// Text in which nothing is Markdown.
pub fn word(text: &str) -> String {
    let text = plain(text);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    text.chars().enumerate().fold(String::new(), |mut line, (at, letter)| {
        let begins = (at == 0 && "#+-=".contains(letter)) || (at == digits && ".)".contains(letter));
        match letter {
            '<' => line.push_str("&lt;"),
            '>' => line.push_str("&gt;"),
            '&' => line.push_str("&amp;"),
            letter if begins || "\\`*_[]|~$@:".contains(letter) => line.extend(['\\', letter]),
            letter => line.push(letter),
        }
        line
    })
}

/// Text as code within a line of Markdown.
fn code(text: &str) -> String {
    format!("<code>{}</code>", word(text))
}

/// Text within a line of HTML, where a backslash is one.
fn element(text: &str) -> String {
    plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Lines as they are, behind a fence that none of them can close.
pub fn fenced(text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_closes_a_fence_from_within() {
        assert_eq!(fenced("a\n````\nb\n"), "`````text\na\n````\nb\n`````");
        assert_eq!(fenced("a"), "```text\na\n```");
    }

    #[test]
    fn nothing_in_a_word_is_markdown() {
        assert_eq!(word("<b>[a](b)|`c`"), r"&lt;b&gt;\[a\](b)\|\`c\`");
        assert_eq!(word("1. - a"), r"1\. - a");
        assert_eq!(word("# a - b.c"), r"\# a - b.c");
    }
}
