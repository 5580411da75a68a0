//! How a page is answered: which form, which fields, which button. Learns the page; the target file may help.
//! Requests are not made here.

mod fields;
pub mod in_words;
mod recorded;
mod words;

use crate::judge::forms::{Control, Form, Page};
use crate::scenario::Consent;
use crate::target::{LoginForm, User};

use fields::{can_choose, fill, is_decision, is_user_code, is_user_name};
use words::{ALLOW, ASIDE, LOG_IN, NO, approval, buttons, denial, rank, says, seen};

/// What the driver does with a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Submits a form.
    Submit {
        /// The action as written.
        action: String,
        /// `GET` or `POST`.
        method: String,
        /// Whether the body is `multipart/form-data`.
        multipart: bool,
        /// The fields in order.
        fields: Vec<(String, String)>,
    },
    /// Follows a link.
    Follow(String),
    /// Nothing here to answer: the page is the result.
    Done,
    /// There is a form that cannot be answered, and why.
    Stuck(String),
}

/// Whose answers are given.
pub struct Answers<'a> {
    /// The account.
    pub user: &'a User,
    /// The code that a device shows.
    pub user_code: Option<&'a str>,
    /// Yes or no at the consent page.
    pub consent: Consent,
    /// Scopes left ticked.
    pub approve_scopes: Option<&'a [String]>,
    /// The target file's help.
    pub help: &'a LoginForm,
}

/// Decides what to do with a page.
pub fn decide(page: &Page, answers: &Answers<'_>) -> Move {
    if let Some(decided) = recorded::decide(page, answers) {
        return decided;
    }
    let Some(form) = choose(&page.forms, answers.help) else {
        return decide_by_links(page, answers);
    };
    if is_login(form, answers.help) && !asks_consent(form) {
        return submit(form, log_in_button(form), None, answers);
    }
    let form = deciding(form, &page.forms, answers);
    match answers.consent {
        _ if wants_code(form) => submit(form, first_harmless(form), None, answers),
        Consent::Approve => submit(form, approving(form, answers), answers.help.approve.as_deref(), answers),
        Consent::Deny if can_deny(form, answers) => {
            submit(form, denying(form, answers), answers.help.deny.as_deref(), answers)
        }
        Consent::Deny => match link(page, NO) {
            Some(href) => Move::Follow(href),
            None => Move::Stuck(format!("the page offers no way to deny: {}", in_words::of(page))),
        },
    }
}

/// Whether a page has a login form.
pub fn asks_to_log_in(page: &Page, help: &LoginForm) -> bool {
    match recorded::step(page, help) {
        Some(step) => step.fill.values().any(|value| value.contains("{password}") || value.contains("{username}")),
        None => choose(&page.forms, help).is_some_and(|form| is_login(form, help)),
    }
}

/// Whether a page has a form that somebody is meant to answer.
pub fn asks(page: &Page, help: &LoginForm) -> bool {
    recorded::step(page, help).is_some() || choose(&page.forms, help).is_some()
}

/// Whether a page asks for the code of a device and for nothing else.
pub fn asks_for_code(page: &Page, help: &LoginForm) -> bool {
    recorded::step(page, help).is_none() && choose(&page.forms, help).is_some_and(wants_code)
}

fn wants_code(form: &Form) -> bool {
    form.controls.iter().any(is_user_code) && !buttons(form).any(|button| denial(button).is_some())
}

/// The form to answer: one that the target file names, a login, a decision, or one that can only be posted.
fn choose<'f>(forms: &'f [Form], help: &LoginForm) -> Option<&'f Form> {
    let class = |form: &Form| {
        Some(match () {
            () if is_named(form, help) => 0,
            () if is_aside(form) => return None,
            () if has_password(form) => 1,
            () if form.controls.iter().any(is_user_name) => 2,
            () if is_consent(form) || form.controls.iter().any(is_user_code) => 3,
            () if form.method == "POST" && buttons(form).next().is_some() => 4,
            () => return None,
        })
    };
    let classed = forms.iter().filter_map(|form| Some((class(form)?, form)));
    classed.min_by_key(|(class, _)| *class).map(|(_, form)| form)
}

/// A search, a logout, a registration.
fn is_aside(form: &Form) -> bool {
    let mut texts = buttons(form).map(seen).peekable();
    let buttons_say = texts.peek().is_some() && texts.all(|text| says(ASIDE, &text));
    buttons_say || says(ASIDE, last_segment(&form.action))
}

fn is_named(form: &Form, help: &LoginForm) -> bool {
    let answers = [&help.approve, &help.deny].into_iter().flatten();
    let mut decisions = answers.filter_map(|answer| Some(answer.split_once('=')?.0));
    let mut logins = [&help.username, &help.password].into_iter().flatten();
    logins.any(|name| shows(form, name)) || decisions.any(|name| shows(form, name))
}

fn is_login(form: &Form, help: &LoginForm) -> bool {
    let mut helped = [&help.username, &help.password].into_iter().flatten();
    helped.any(|name| shows(form, name)) || has_password(form) || form.controls.iter().any(is_user_name)
}

fn shows(form: &Form, name: &str) -> bool {
    form.controls.iter().any(|control| control.name == name && control.kind != "hidden")
}

fn has_password(form: &Form) -> bool {
    form.controls.iter().any(|control| control.kind == "password")
}

fn is_consent(form: &Form) -> bool {
    let decides = |control: &Control| is_decision(control) || can_choose(form, control);
    buttons(form).any(|button| approval(button).is_some() || denial(button).is_some())
        || form.controls.iter().any(decides)
}

/// Log-in and consent on one page: a button that allows beside one that denies.
fn asks_consent(form: &Form) -> bool {
    approving_words(form).is_some() && buttons(form).any(|button| denial(button).is_some())
}

fn approving_words(form: &Form) -> Option<&Control> {
    buttons(form).find(|button| says(ALLOW, &seen(button)) && denial(button).is_none())
}

fn log_in_button(form: &Form) -> Option<&Control> {
    let clear = buttons(form).filter(|button| rank(LOG_IN, &seen(button)).is_some());
    clear.min_by_key(|button| rank(LOG_IN, &seen(button))).or_else(|| first_harmless(form))
}

/// The form that gives the answer, where yes and no are forms of their own.
fn deciding<'f>(chosen: &'f Form, forms: &'f [Form], answers: &Answers<'_>) -> &'f Form {
    let gives_it = |form: &&Form| match answers.consent {
        Consent::Approve => approving(form, answers).is_some(),
        Consent::Deny => can_deny(form, answers),
    };
    let others = forms.iter().filter(|form| is_consent(form) && !is_aside(form));
    std::iter::once(chosen).chain(others).find(gives_it).unwrap_or(chosen)
}

/// The button that says yes most clearly, else the first that does not say no.
fn approving<'f>(form: &'f Form, answers: &Answers<'_>) -> Option<&'f Control> {
    if answers.help.approve.is_some() {
        return named_button(form, answers.help.approve.as_deref());
    }
    let clear = buttons(form).filter(|button| approval(button).is_some());
    clear.min_by_key(|button| approval(button)).or_else(|| first_harmless(form))
}

/// The button that says no most clearly; where a radio, a select or a box says it, any button.
fn denying<'f>(form: &'f Form, answers: &Answers<'_>) -> Option<&'f Control> {
    if answers.help.deny.is_some() {
        return named_button(form, answers.help.deny.as_deref());
    }
    let clear = buttons(form).filter(|button| denial(button).is_some());
    clear.min_by_key(|button| denial(button)).or_else(|| buttons(form).next())
}

fn can_deny(form: &Form, answers: &Answers<'_>) -> bool {
    let by_field = |control: &Control| is_decision(control) || can_choose(form, control);
    answers.help.deny.is_some()
        || buttons(form).any(|button| denial(button).is_some())
        || form.controls.iter().any(by_field)
}

fn named_button<'f>(form: &'f Form, answer: Option<&str>) -> Option<&'f Control> {
    let (name, value) = answer?.split_once('=')?;
    buttons(form).find(|button| button.name == name && (value.is_empty() || button.value == value))
}

fn first_harmless(form: &Form) -> Option<&Control> {
    let aside = |button: &Control| says(ASIDE, &seen(button));
    buttons(form).find(|button| denial(button).is_none() && !aside(button))
}

/// The form with the pressed button; an answer of the target file that is no button becomes a field.
fn submit(form: &Form, button: Option<&Control>, answer: Option<&str>, answers: &Answers<'_>) -> Move {
    let mut fields = fill(form, answers);
    if let (None, Some((name, value))) = (button, answer.and_then(|answer| answer.split_once('='))) {
        fields.retain(|(known, _)| known != name);
        fields.push((name.to_owned(), value.to_owned()));
    }
    let named = button.filter(|button| !button.name.is_empty());
    fields.extend(named.map(|button| (button.name.clone(), button.value.clone())));
    let action = button.and_then(|button| button.form_action.as_ref());
    let method = button.and_then(|button| button.form_method.as_ref());
    Move::Submit {
        action: action.unwrap_or(&form.action).clone(),
        method: method.unwrap_or(&form.method).clone(),
        multipart: form.enctype.starts_with("multipart/form-data"),
        fields,
    }
}

/// A page that asks by links only: one of them says no, another yes.
fn decide_by_links(page: &Page, answers: &Answers<'_>) -> Move {
    let (yes, no) = (link(page, ALLOW), link(page, NO));
    match (answers.consent, yes, no) {
        (Consent::Approve, Some(href), Some(_)) | (Consent::Deny, Some(_), Some(href)) => Move::Follow(href),
        _ => Move::Done,
    }
}

/// The link that says it, in its text or else in its address.
fn link(page: &Page, words: &[&str]) -> Option<String> {
    let nowhere = |href: &str| href.is_empty() || href.starts_with('#') || href.starts_with("javascript:");
    let says_it = |text: &str| says(words, text) && (words == NO || !says(NO, text));
    let links = || page.links.iter().filter(|(href, _)| !nowhere(href));
    let by_text = links().find(|(_, text)| says_it(text));
    let found = by_text.or_else(|| links().find(|(href, _)| says_it(last_segment(href))));
    found.map(|(href, _)| href.clone())
}

fn last_segment(href: &str) -> &str {
    let path = href.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
