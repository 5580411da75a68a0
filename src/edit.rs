//! One change of a text, as data: the vocabulary that variations, properties and fuzzers share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A change. Written as a one-key table: `{ append = "x" }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Edit {
    /// Adds a text at the end.
    Append(String),
    /// Adds a text at the beginning.
    Prepend(String),
    /// Puts another letter or digit in place of the character at this index (negative counts from the end).
    Flip(i64),
    /// Keeps only the first characters (negative: all but the last).
    Truncate(i64),
    /// All letters upper case.
    Upper(bool),
    /// All letters lower case.
    Lower(bool),
    /// Each letter in the other case.
    SwapCase(bool),
    /// Percent-encodes every character.
    PercentEncode(bool),
    /// The first occurrence of one text becomes another.
    Replace(Replace),
    /// Repeats the text.
    Times(usize),
    /// The other way round.
    Reverse(bool),
}

/// One text in place of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replace {
    /// What is looked for.
    pub from: String,
    /// What stands there then.
    pub to: String,
    /// How often it stands there; once unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<usize>,
}

impl Edit {
    /// The changed text.
    pub fn apply(&self, text: &str) -> String {
        match self {
            Edit::Append(tail) => format!("{text}{tail}"),
            Edit::Prepend(head) => format!("{head}{text}"),
            Edit::Flip(index) => flip(text, *index),
            Edit::Truncate(length) => truncate(text, *length),
            Edit::Upper(_) => text.to_uppercase(),
            Edit::Lower(_) => text.to_lowercase(),
            Edit::SwapCase(_) => text.chars().map(swap_case).collect(),
            Edit::PercentEncode(_) => text.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            Edit::Replace(replace) => text.replacen(&replace.from, &replace.to.repeat(replace.times.unwrap_or(1)), 1),
            Edit::Times(times) => text.repeat(*times),
            Edit::Reverse(_) => text.chars().rev().collect(),
        }
    }
}

fn flip(text: &str, index: i64) -> String {
    let length = text.chars().count();
    let place = position(length, index).min(length.saturating_sub(1));
    text.chars().enumerate().map(|(at, letter)| if at == place { other(letter) } else { letter }).collect()
}

fn truncate(text: &str, length: i64) -> String {
    let total = text.chars().count();
    text.chars().take(position(total, length)).collect()
}

fn position(length: usize, index: i64) -> usize {
    let from_end = usize::try_from(-index).unwrap_or(0);
    usize::try_from(index).unwrap_or_else(|_| length.saturating_sub(from_end))
}

/// A letter or digit that differs in its high bits too, so that unused low bits of base64 do not hide the change.
fn other(letter: char) -> char {
    match letter {
        'A'..='M' | 'a'..='m' | '0'..='4' => 'z',
        'z' => 'B',
        _ => 'A',
    }
}

fn swap_case(letter: char) -> char {
    if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flip_changes_exactly_one_character() {
        for index in [0, 3, -1] {
            let edited = Edit::Flip(index).apply("abcdef");
            let changed = edited.chars().zip("abcdef".chars()).filter(|(new, old)| new != old).count();
            assert_eq!((changed, edited.len()), (1, 6), "{edited}");
        }
    }

    #[test]
    fn a_negative_length_cuts_from_the_end() {
        assert_eq!(Edit::Truncate(-2).apply("abcdef"), "abcd");
        assert_eq!(Edit::Truncate(2).apply("abcdef"), "ab");
    }
}
