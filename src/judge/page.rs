//! HTML as a browser reads it: text, title, forms. The only place that knows the HTML parser.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use url::Url;

use crate::exchange::Response;

/// The values of `page.NAME`; none when the answer is no HTML.
pub fn property(response: &Response, name: &str) -> Vec<Value> {
    if !response.is_html() {
        return Vec::new();
    }
    let html = response.text();
    if name == "html" {
        return vec![html.into()];
    }
    let page = Html::parse_document(&html);
    let forms = select(&page, "form");
    let passwords = !select(&page, "input[type=password]").is_empty();
    match name {
        "text" => vec![visible(page.root_element()).into()],
        "title" => select(&page, "title").first().map(|title| visible(*title).into()).into_iter().collect(),
        "login" => vec![passwords.into()],
        "consent" => vec![(!forms.is_empty() && !passwords).into()],
        "forms" => vec![forms.len().into()],
        "elements" => select(&page, "*").into_iter().map(|element| element.value().name().into()).collect(),
        "actions" => forms.iter().map(|form| form.value().attr("action").unwrap_or_default().into()).collect(),
        "scripts" => select(&page, "script").into_iter().map(|script| script.inner_html().into()).collect(),
        _ => Vec::new(),
    }
}

/// The addresses on other origins from which a page loads scripts, styles, images and frames.
pub fn foreign(response: &Response, url: &str) -> Vec<String> {
    let Some(here) = Url::parse(url).ok().filter(|_| response.is_html()) else { return Vec::new() };
    let page = Html::parse_document(&response.text());
    let attribute = |name| move |element: ElementRef<'_>| element.value().attr(name).map(str::to_owned);
    let sources = select(&page, "script[src], img[src], iframe[src], frame[src], embed[src]");
    let styles = select(&page, "link[rel~=stylesheet][href], link[rel~=icon][href], link[rel~=preload][href]");
    let loaded =
        sources.into_iter().filter_map(attribute("src")).chain(styles.into_iter().filter_map(attribute("href")));
    let read = loaded.filter_map(|address| here.join(&address).ok());
    read.filter(|address| address.scheme() != "data" && address.origin() != here.origin()).map(String::from).collect()
}

/// Elements of a page by a CSS selector.
pub fn select<'a>(page: &'a Html, css: &'static str) -> Vec<ElementRef<'a>> {
    parsed(css).map_or_else(Vec::new, |selector| page.select(&selector).collect())
}

/// Elements within another one by a CSS selector.
pub fn within<'a>(element: ElementRef<'a>, css: &'static str) -> Vec<ElementRef<'a>> {
    parsed(css).map_or_else(Vec::new, |selector| element.select(&selector).collect())
}

thread_local! {
    /// Selectors cost more to parse than to match against a login page.
    static PARSED: RefCell<HashMap<&'static str, Option<Rc<Selector>>>> = RefCell::default();
}

fn parsed(css: &'static str) -> Option<Rc<Selector>> {
    PARSED.with_borrow_mut(|parsed| parsed.entry(css).or_insert_with(|| Selector::parse(css).ok().map(Rc::new)).clone())
}

/// The text that a reader sees, spaces joined.
pub fn visible(element: ElementRef<'_>) -> String {
    let hidden = ["script", "style", "template", "head"];
    let texts = element.descendants().filter_map(|node| {
        let text = node.value().as_text()?;
        let parent = node.parent()?.value().as_element().map(|parent| parent.name());
        (!parent.is_some_and(|parent| hidden.contains(&parent) && element.value().name() != "title"))
            .then(|| text.trim())
    });
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}
