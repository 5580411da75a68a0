//! What is typed, ticked and chosen in a form. Which form and which button is decided elsewhere.

use super::words::{ALLOW, NO, REMEMBER, USER_NAME, YES, approval, denial, says, seen};
use super::{Answers, is_login};
use crate::judge::forms::{Control, Form};
use crate::scenario::Consent;

/// Every field but buttons, filled in, in order.
pub fn fill(form: &Form, answers: &Answers<'_>) -> Vec<(String, String)> {
    let named = form.controls.iter().filter(|control| !control.name.is_empty());
    let filled = named.filter_map(|control| {
        let given = answers.help.fields.get(&control.name).cloned();
        let value = given.or_else(|| value(form, control, answers))?;
        Some((control.name.clone(), value))
    });
    filled.collect()
}

/// The field for the user name: by the target file, by its words, else the text field before the password.
pub fn user_name<'f>(form: &'f Form, answers: &Answers<'_>) -> Option<&'f Control> {
    if let Some(name) = &answers.help.username {
        return form.controls.iter().find(|control| control.name == *name);
    }
    let password = form.controls.iter().position(|control| control.kind == "password");
    let before = &form.controls[..password.unwrap_or(0)];
    form.controls
        .iter()
        .find(|control| is_user_name(control))
        .or_else(|| before.iter().rfind(|control| is_text(control)))
}

/// Whether a field asks for a user name, by its own words.
pub fn is_user_name(control: &Control) -> bool {
    let known = |word: &&str| control.name.to_lowercase().contains(*word) || control.hint.contains(*word);
    control.kind == "email" || (is_text(control) && !is_user_code(control) && USER_NAME.iter().any(known))
}

/// Whether a field takes the code that a device shows, by its name: `user_code`, `userCode`, `code`.
pub fn is_user_code(control: &Control) -> bool {
    let name: String = control.name.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    is_text(control) && ["usercode", "devicecode", "code"].contains(&name.as_str())
}

/// Whether leaving a box alone is an answer: `confirm`, `consent`, ...
pub fn is_decision(control: &Control) -> bool {
    let text = format!("{} {}", control.name, seen(control));
    control.kind == "checkbox" && says(ALLOW, &text) && !says(REMEMBER, &text)
}

/// Whether the choices of a radio group or a select hold both a yes and a no.
pub fn can_choose(form: &Form, control: &Control) -> bool {
    match control.kind.as_str() {
        "radio" => {
            group(form, control).any(|radio| approval(radio).is_some())
                && group(form, control).any(|radio| denial(radio).is_some())
        }
        "select" => {
            let offers = |words: &[&str]| control.options.iter().any(|value| says(words, value));
            (offers(ALLOW) || offers(YES)) && offers(NO)
        }
        _ => false,
    }
}

fn value(form: &Form, control: &Control, answers: &Answers<'_>) -> Option<String> {
    let password = answers.help.password.as_ref() == Some(&control.name);
    let user = || user_name(form, answers).is_some_and(|user| std::ptr::eq(user, control));
    match control.kind.as_str() {
        "submit" | "button" | "image" | "reset" | "file" => None,
        "checkbox" => ticked(form, control, answers).then(|| control.value.clone()),
        "radio" => chosen(form, control, answers).then(|| control.value.clone()),
        "select" => Some(option(form, control, answers)),
        "password" => Some(answers.user.password.clone()),
        _ if password => Some(answers.user.password.clone()),
        "hidden" => Some(control.value.clone()),
        _ if is_login(form, answers.help) && user() => Some(answers.user.username.clone()),
        _ if is_user_code(control) => Some(answers.user_code.unwrap_or(&control.value).to_owned()),
        _ => Some(control.value.clone()),
    }
}

/// On a login page boxes stay as they are; on a consent page they are scopes, or the decision itself.
fn ticked(form: &Form, control: &Control, answers: &Answers<'_>) -> bool {
    let text = format!("{} {}", control.name, seen(control));
    if is_login(form, answers.help) || says(REMEMBER, &text) {
        return control.checked;
    }
    let approves = answers.consent == Consent::Approve;
    match answers.approve_scopes {
        _ if is_decision(control) => approves,
        Some(scopes) => scopes.contains(&control.value) || scopes.contains(&control.name),
        None => control.checked || approves,
    }
}

/// One radio of a group: the one that says the answer most clearly, else the one that is chosen already.
fn chosen(form: &Form, control: &Control, answers: &Answers<'_>) -> bool {
    if !can_choose(form, control) {
        return control.checked;
    }
    let clarity = |radio: &&Control| match answers.consent {
        Consent::Approve => approval(radio),
        Consent::Deny => denial(radio),
    };
    let clear = group(form, control).filter(|radio| clarity(radio).is_some());
    clear.min_by_key(clarity).is_some_and(|best| std::ptr::eq(best, control))
}

fn option(form: &Form, control: &Control, answers: &Answers<'_>) -> String {
    let fits = |value: &&String| match answers.consent {
        Consent::Approve => !says(NO, value) && (says(ALLOW, value) || says(YES, value)),
        Consent::Deny => says(NO, value),
    };
    let answer = control.options.iter().find(fits);
    let answer = answer.filter(|_| can_choose(form, control));
    answer.unwrap_or(&control.value).clone()
}

fn group<'f>(form: &'f Form, of: &'f Control) -> impl Iterator<Item = &'f Control> {
    let same = |control: &&Control| control.kind == "radio" && control.name == of.name;
    form.controls.iter().filter(same)
}

fn is_text(control: &Control) -> bool {
    matches!(control.kind.as_str(), "text" | "email" | "tel")
}
