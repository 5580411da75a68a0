//! A page in words, for somebody who cannot see it: its title, its text, what it asks for, its buttons.

use crate::judge::forms::{self, Control, Page};

use super::words::buttons;

/// So much of its text is told.
const TEXT: usize = 200;

/// A page by its HTML.
pub fn in_words(html: &str) -> String {
    of(&forms::read(html))
}

/// A page that was read.
pub fn of(page: &Page) -> String {
    let title = page.title.as_ref().map(|title| format!("“{title}”"));
    let text = Some(page.text.chars().take(TEXT).collect::<String>()).filter(|text| !text.is_empty());
    let empty = page.text.is_empty().then(|| "no text".to_owned());
    let script = (page.forms.is_empty() && !page.scripts.is_empty())
        .then(|| "it has no form, but scripts: it may need a browser".to_owned());
    let parts = title.into_iter().chain(text).chain(empty).chain(asked(page)).chain(offered(page)).chain(script);
    parts.collect::<Vec<_>>().join("; ")
}

/// The fields that a person fills in.
fn asked(page: &Page) -> Option<String> {
    let controls = page.forms.iter().flat_map(|form| &form.controls);
    let seen = controls.filter(|control| !matches!(control.kind.as_str(), "hidden" | "submit" | "image" | "button"));
    let fields: Vec<String> = seen.map(|field| format!("{} ({})", field.name, field.kind)).collect();
    (!fields.is_empty()).then(|| format!("fields: {}", fields.join(", ")))
}

fn offered(page: &Page) -> Option<String> {
    let shown = |button: &Control| match (button.hint.trim(), button.value.trim()) {
        ("", "") => format!("`{}`", button.name),
        ("", value) => format!("`{value}`"),
        (hint, _) => format!("`{hint}`"),
    };
    let buttons: Vec<String> = page.forms.iter().flat_map(buttons).map(shown).collect();
    (!buttons.is_empty()).then(|| format!("buttons: {}", buttons.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_page_is_told_by_title_text_fields_and_buttons() {
        let html = "<title>Sign in</title><p>Wrong password.<form method=post><input type=hidden name=csrf value=x>\
            <input name=email type=email><input type=password name=pass><button>Log in</button></form>";
        let told = in_words(html);
        for part in ["“Sign in”", "Wrong password.", "email (email), pass (password)", "buttons: `log in`"] {
            assert!(told.contains(part), "{told}");
        }
        assert!(!told.contains("csrf"), "{told}");
    }

    #[test]
    fn a_page_of_scripts_says_that_it_may_need_a_browser() {
        assert!(in_words("<div id=root></div><script src=app.js></script>").contains("may need a browser"));
    }
}
