//! The forms of a page, as a browser would submit them.

use std::collections::HashMap;

use scraper::{ElementRef, Html};

use super::page::{select, visible, within};

/// A form with its controls in document order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// The action as written.
    pub action: String,
    /// `GET` or `POST`.
    pub method: String,
    /// The encoding type, lower case, when one is given.
    pub enctype: String,
    /// Inputs, selects, text areas and buttons.
    pub controls: Vec<Control>,
}

/// One control.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// Its name; controls without one are not submitted.
    pub name: String,
    /// Its value.
    pub value: String,
    /// `text`, `password`, `hidden`, `checkbox`, `radio`, `submit`, `select`, `textarea`, ... lower case.
    pub kind: String,
    /// Whether a box is ticked.
    pub checked: bool,
    /// The values that a select offers.
    pub options: Vec<String>,
    /// What a reader sees at it: a button's text, else placeholder, id, label and autocomplete, lower case.
    pub hint: String,
    /// A button's own action.
    pub form_action: Option<String>,
    /// A button's own method.
    pub form_method: Option<String>,
}

/// A page as far as a login driver needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its forms.
    pub forms: Vec<Form>,
    /// Links: address and text.
    pub links: Vec<(String, String)>,
    /// `<base href>`.
    pub base: Option<String>,
    /// The address of a `<meta http-equiv=refresh>`.
    pub refresh: Option<String>,
    /// The texts of its scripts, and of `onload` attributes.
    pub scripts: Vec<String>,
    /// Its title.
    pub title: Option<String>,
    /// What a reader sees.
    pub text: String,
}

/// More controls of one form, and more forms of one page, are left out: no person answers them, and a hostile page must not cost time.
const MOST: usize = 500;

/// Texts of `<label for>` by the control's id.
type Labels = HashMap<String, String>;

/// Reads a page.
pub fn read(html: &str) -> Page {
    let page = Html::parse_document(html);
    let attribute = |element: &ElementRef<'_>, name: &str| element.value().attr(name).map(str::to_owned);
    let refresh = select(&page, "meta[http-equiv]").into_iter().find_map(|meta| {
        let refresh = attribute(&meta, "http-equiv").is_some_and(|kind| kind.eq_ignore_ascii_case("refresh"));
        attribute(&meta, "content").filter(|_| refresh).and_then(|content| refresh_target(&content))
    });
    let labels = labels(&page);
    let onload = select(&page, "[onload]").into_iter().filter_map(|element| attribute(&element, "onload"));
    Page {
        forms: select(&page, "form").into_iter().take(MOST).map(|form| form_of(&page, &labels, form)).collect(),
        links: select(&page, "a[href]")
            .into_iter()
            .map(|link| (attribute(&link, "href").unwrap_or_default(), visible(link)))
            .collect(),
        base: select(&page, "base[href]").first().and_then(|base| attribute(base, "href")),
        refresh,
        scripts: select(&page, "script").into_iter().map(|script| script.inner_html()).chain(onload).collect(),
        title: select(&page, "title").first().map(|title| visible(*title)),
        text: visible(page.root_element()),
    }
}

/// `0; url='…'`: the address, as browsers take it.
pub fn refresh_target(content: &str) -> Option<String> {
    let rest = content.split_once([';', ',']).map_or(content, |(_, rest)| rest).trim_start();
    let lower = rest.to_ascii_lowercase();
    let rest = if lower.starts_with("url") { rest[3..].trim_start().strip_prefix('=').unwrap_or(rest) } else { rest };
    let rest = rest.trim();
    let quoted = rest
        .strip_prefix('\'')
        .map(|rest| rest.split('\'').next())
        .or_else(|| rest.strip_prefix('"').map(|rest| rest.split('"').next()));
    let url = quoted.flatten().unwrap_or(rest);
    (!url.is_empty() && content.contains([';', ','])).then(|| url.to_owned())
}

fn form_of(page: &Html, labels: &Labels, form: ElementRef<'_>) -> Form {
    let attribute = |name: &str| form.value().attr(name).unwrap_or_default().to_owned();
    let inner = within(form, "input, select, textarea, button");
    let id = attribute("id");
    let outer = select(page, "input[form], select[form], textarea[form], button[form]")
        .into_iter()
        .filter(|control| control.value().attr("form") == Some(&id) && !id.is_empty());
    let method = attribute("method").to_ascii_uppercase();
    Form {
        action: attribute("action"),
        method: if method == "POST" { method } else { "GET".into() },
        enctype: attribute("enctype").to_ascii_lowercase(),
        controls: inner
            .into_iter()
            .chain(outer)
            .filter(|control| control.value().attr("disabled").is_none())
            .take(MOST)
            .map(|control| control_of(labels, control))
            .collect(),
    }
}

fn control_of(labels: &Labels, element: ElementRef<'_>) -> Control {
    let attribute = |name: &str| element.value().attr(name).map(str::to_owned);
    let tag = element.value().name();
    let kind = match tag {
        "input" => attribute("type").unwrap_or_else(|| "text".into()).to_ascii_lowercase(),
        "button" => attribute("type").unwrap_or_else(|| "submit".into()).to_ascii_lowercase(),
        _ => tag.to_owned(),
    };
    let options = options_of(element);
    let chosen = options.iter().find(|(_, selected)| *selected).or(options.first()).map(|(value, _)| value.clone());
    let value = match tag {
        "select" => chosen.unwrap_or_default(),
        "textarea" => element.text().collect(),
        _ => attribute("value")
            .unwrap_or_else(|| if matches!(kind.as_str(), "checkbox" | "radio") { "on".into() } else { String::new() }),
    };
    Control {
        name: attribute("name").unwrap_or_default(),
        value,
        checked: attribute("checked").is_some(),
        options: options.into_iter().map(|(value, _)| value).collect(),
        hint: hint(labels, element, &kind),
        form_action: attribute("formaction"),
        form_method: attribute("formmethod").map(|method| method.to_ascii_uppercase()),
        kind,
    }
}

fn options_of(element: ElementRef<'_>) -> Vec<(String, bool)> {
    within(element, "option")
        .into_iter()
        .map(|option| {
            let value = option.value().attr("value").map_or_else(|| visible(option), str::to_owned);
            (value, option.value().attr("selected").is_some())
        })
        .collect()
}

fn labels(page: &Html) -> Labels {
    let mut labels = Labels::new();
    for label in select(page, "label[for]") {
        let id = label.value().attr("for").unwrap_or_default();
        let text = labels.entry(id.to_owned()).or_default();
        *text = [text.as_str(), &visible(label)].join(" ").trim().to_owned();
    }
    labels
}

fn hint(labels: &Labels, element: ElementRef<'_>, kind: &str) -> String {
    let attribute = |name: &str| element.value().attr(name).unwrap_or_default().to_owned();
    if kind == "submit" && element.value().name() == "button" {
        return visible(element).to_lowercase();
    }
    let id = attribute("id");
    let label = labels.get(&id).cloned().unwrap_or_default();
    [attribute("placeholder"), attribute("autocomplete"), attribute("aria-label"), id, label].join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_without_end_is_read_as_far_as_a_person_might_go() {
        let page = read(&format!("<form>{}</form>", "<input name=a>".repeat(10_000)));
        assert_eq!(page.forms[0].controls.len(), MOST);
    }

    #[test]
    fn a_label_is_a_hint_of_its_control() {
        let page = read("<form><label for=a>Your</label><label for=a>Name</label><input id=a name=x></form>");
        assert!(page.forms[0].controls[0].hint.contains("your name"), "{:?}", page.forms);
    }
}
