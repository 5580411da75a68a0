//! Pages that a person described in the target file: known by a text, filled in and sent as recorded.

use super::words::{buttons, seen};
use super::{Answers, Move, in_words, submit};
use crate::judge::forms::{Control, Form, Page};
use crate::scenario::Consent;
use crate::target::{FormStep, LoginForm};

/// The recorded step for a page, the first one that fits.
pub fn step<'h>(page: &Page, help: &'h LoginForm) -> Option<&'h FormStep> {
    let shows = |text: &str| page.text.contains(text) || page.title.as_ref().is_some_and(|title| title.contains(text));
    help.steps.iter().find(|step| shows(&step.page))
}

/// What to do with a page that is described; `None` for every other one.
pub fn decide(page: &Page, answers: &Answers<'_>) -> Option<Move> {
    let step = step(page, answers.help)?;
    let denies = answers.consent == Consent::Deny;
    let press = if denies { step.press_to_deny.as_ref().or(step.press.as_ref()) } else { step.press.as_ref() };
    let fits = |form: &&Form| {
        let filled = step.fill.keys().all(|name| form.controls.iter().any(|control| control.name == *name));
        filled && press.is_none_or(|press| buttons(form).any(|button| is_called(button, press)))
    };
    let Some(form) = page.forms.iter().find(fits) else {
        let told = in_words::of(page);
        return Some(Move::Stuck(format!("the recorded step for “{}” fits no form of the page: {told}", step.page)));
    };
    let button = match press {
        Some(press) => buttons(form).find(|button| is_called(button, press)),
        None => buttons(form).next(),
    };
    Some(filled(step, submit(form, button, None, answers), answers))
}

fn filled(step: &FormStep, decided: Move, answers: &Answers<'_>) -> Move {
    let Move::Submit { action, method, multipart, mut fields } = decided else { return decided };
    let answer = if answers.consent == Consent::Deny { "deny" } else { "approve" };
    for (name, value) in &step.fill {
        let value = value.replace("{username}", &answers.user.username).replace("{answer}", answer);
        fields.retain(|(known, _)| known != name);
        fields.push((name.clone(), value.replace("{password}", &answers.user.password)));
    }
    Move::Submit { action, method, multipart, fields }
}

fn is_called(button: &Control, called: &str) -> bool {
    let pair = called.split_once('=').is_some_and(|(name, value)| button.name == name && button.value == value);
    pair || seen(button).to_lowercase().contains(&called.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::forms::read;
    use crate::target::User;

    fn help() -> LoginForm {
        let text = r#"
            [[steps]]
            page = "Anmelden"
            fill = { kennung = "{username}", geheim = "{password}" }
            [[steps]]
            page = "Zugriff"
            press = "wahl=1"
            press_to_deny = "Nein"
        "#;
        toml::from_str(text).expect("a help")
    }

    fn decided(html: &str, consent: Consent) -> Option<Move> {
        let user = User { username: "alice".into(), password: "pw".into(), credential: None };
        let help = help();
        decide(&read(html), &Answers { user: &user, user_code: None, consent, approve_scopes: None, help: &help })
    }

    fn fields(decided: Option<Move>) -> Vec<(String, String)> {
        match decided {
            Some(Move::Submit { fields, .. }) => fields,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_described_page_is_filled_in_as_recorded() {
        let html = "<title>Anmelden</title><form method=post><input type=hidden name=t value=1><input name=kennung>\
            <input name=geheim><button>Weiter</button></form>";
        let wanted = [("t", "1"), ("kennung", "alice"), ("geheim", "pw")];
        assert_eq!(fields(decided(html, Consent::Approve)), wanted.map(|(name, value)| (name.into(), value.into())));
        assert!(super::super::asks_to_log_in(&read(html), &help()));
    }

    #[test]
    fn a_button_is_known_by_name_and_value_or_by_its_text() {
        let html = "<p>Zugriff?</p><form method=post><button name=wahl value=0>Nein</button>\
            <button name=wahl value=1>Ja</button></form>";
        assert_eq!(fields(decided(html, Consent::Approve)), [("wahl".into(), "1".into())]);
        assert_eq!(fields(decided(html, Consent::Deny)), [("wahl".into(), "0".into())]);
    }

    #[test]
    fn a_step_that_fits_no_form_says_what_the_page_shows() {
        let Some(Move::Stuck(reason)) = decided("<p>Zugriff?</p><form><button>Ja</button></form>", Consent::Approve)
        else {
            panic!("it is not stuck")
        };
        assert!(reason.contains("“Zugriff” fits no form") && reason.contains("`ja`"), "{reason}");
        assert_eq!(decided("<p>Something else</p>", Consent::Approve), None);
    }
}
