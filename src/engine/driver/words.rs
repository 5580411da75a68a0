//! The words of buttons, boxes and links, and what they mean. English; other languages are for the target file.

use crate::judge::forms::{Control, Form};

/// Words that say yes to a client, the clearest first.
pub const ALLOW: &[&str] =
    &["approve", "allow", "authorize", "authorise", "accept", "consent", "grant", "agree", "confirm"];

/// Words that say yes to anything.
pub const YES: &[&str] = &["yes", "continue", "true", "ok", "submit", "next"];

/// Words that say no.
pub const NO: &[&str] = &[
    "deny", "denied", "decline", "reject", "refuse", "disallow", "disagree", "don't", "don’t", "do not", "cancel",
    "abort", "false", "no", "not",
];

/// Words on the button of a login form.
pub const LOG_IN: &[&str] =
    &["log in", "login", "log-in", "sign in", "sign-in", "signin", "continue", "next", "submit"];

/// Words of forms that are about something else.
pub const ASIDE: &[&str] = &[
    "search",
    "logout",
    "log out",
    "sign out",
    "register",
    "sign up",
    "signup",
    "sign-up",
    "create account",
    "forgot",
    "language",
    "locale",
];

/// Words of boxes that would make the target skip its questions next time.
pub const REMEMBER: &[&str] = &["remember", "trust", "again", "always"];

/// The place of the first word of the vocabulary that stands in the text. Longer words may go on (`allowed`).
pub fn rank(vocabulary: &[&str], text: &str) -> Option<usize> {
    let text = text.to_lowercase();
    let stands = |word: &&str| {
        text.match_indices(*word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            let goes_on = word.len() < 4 && after.is_some_and(char::is_alphanumeric);
            !before.is_some_and(char::is_alphanumeric) && !goes_on
        })
    };
    vocabulary.iter().position(stands)
}

/// Whether a word of the vocabulary stands in the text.
pub fn says(vocabulary: &[&str], text: &str) -> bool {
    rank(vocabulary, text).is_some()
}

/// What a reader sees of a control, and its value.
pub fn seen(control: &Control) -> String {
    format!("{} {}", control.hint, control.value)
}

/// How clearly a control says yes; `None` when it does not. What it shows counts before its name.
pub fn approval(control: &Control) -> Option<usize> {
    let all = [ALLOW, YES].concat();
    let by_name = || rank(&all, &control.name).map(|place| place + all.len());
    let place = rank(&all, &seen(control)).or_else(by_name);
    place.filter(|_| denial(control).is_none())
}

/// How clearly a control says no.
pub fn denial(control: &Control) -> Option<usize> {
    let shown = seen(control);
    let unsaid = !says(ALLOW, &shown) && !says(YES, &shown);
    let by_name = || rank(NO, &control.name).map(|place| place + NO.len());
    rank(NO, &shown).or_else(|| by_name().filter(|_| unsaid))
}

/// The controls that submit a form.
pub fn buttons(form: &Form) -> impl Iterator<Item = &Control> {
    let submits = |control: &&Control| matches!(control.kind.as_str(), "submit" | "image");
    form.controls.iter().filter(submits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn button(name: &str, value: &str, hint: &str) -> Control {
        Control {
            name: name.into(),
            value: value.into(),
            hint: hint.into(),
            kind: "submit".into(),
            ..Control::default()
        }
    }

    #[test]
    fn words_stand_alone_or_begin_a_longer_word() {
        assert!(says(ALLOW, "Allowed") && says(ALLOW, "user_accept") && says(NO, "No, thanks"));
        assert!(!says(ALLOW, "disallow") && !says(NO, "notify norway nothing"));
    }

    #[test]
    fn what_a_button_shows_counts_before_its_name() {
        let table = [
            (button("allowed", "false", "deny"), false, true),
            (button("allowed", "true", "allow"), true, false),
            (button("deny", "1", ""), false, true),
            (button("cancel_or_allow", "allow", ""), true, false),
            (button("answer", "x", "don't allow"), false, true),
            (button("answer", "logout", "switch user"), false, false),
        ];
        for (button, yes, no) in table {
            let found = (approval(&button).is_some(), denial(&button).is_some());
            assert_eq!(found, (yes, no), "{button:?}");
        }
    }
}
