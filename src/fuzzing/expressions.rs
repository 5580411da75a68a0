//! Templates and selectors: the two small languages inside scenario files.

use std::sync::LazyLock;

use crate::crypto::{Encoding, decode};
use crate::exchange::{Answer, Exchange, Observation, Redirect, Response};
use crate::judge::select;
use crate::scenario::{Rendered, Selector, Template};

/// Any text as a template, and as the value of one. Text without braces stands for itself; a missing value is one of the
/// template's names; with a value for each name every template renders; and what a filter encodes can be decoded.
pub fn template(text: &str) {
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(error) => return assert!(text.contains("{{") && !error.to_string().is_empty()),
    };
    if !text.contains("{{") {
        assert_eq!(template.render(&|_| None), Rendered::Text(text.to_owned()));
    }
    let names: Vec<(&str, bool)> = template.names().collect();
    match template.render(&|_| None) {
        Rendered::Missing(name) => assert!(names.contains(&(name.as_str(), false)), "{name}"),
        Rendered::Omitted => assert!(matches!(names.as_slice(), [(_, true)])),
        Rendered::Text(_) => assert!(names.iter().all(|(_, optional)| *optional)),
    }
    assert!(matches!(template.render(&|_| Some("x".into())), Rendered::Text(_)), "a value is missing in {text:?}");
    filters(text);
}

/// A value comes back from every encoding.
fn filters(value: &str) {
    let rendered = |filter: &str| {
        let template = Template::parse(&format!("{{{{v|{filter}}}}}")).expect("a filter of the language");
        let Rendered::Text(text) = template.render(&|_| Some(value.to_owned())) else { panic!("{filter} has no text") };
        text
    };
    let (form, percent) = (format!("v={}", rendered("form")), rendered("percent"));
    let pairs: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    assert_eq!(pairs, [("v".to_owned(), value.to_owned())]);
    assert_eq!(percent_encoding::percent_decode_str(&percent).decode_utf8().as_deref(), Ok(value));
    for (filter, encoding) in [("base64", Encoding::Base64), ("hex", Encoding::Hex)] {
        assert_eq!(decode(&rendered(filter), encoding).as_deref(), Some(value.as_bytes()), "{filter}");
    }
    assert!(!rendered("html").contains(['<', '>', '"']));
}

/// Any text as a selector. What is read is written and read alike, and selects from anything without a fault.
pub fn selector(text: &str) {
    static SEEN: LazyLock<Observation> = LazyLock::new(seen);
    let selector = match Selector::parse(text) {
        Ok(selector) => selector,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let written = selector.to_string();
    let again = Selector::parse(&written).unwrap_or_else(|error| panic!("{text:?} was written {written:?}: {error}"));
    assert_eq!(again.to_string(), written);
    assert_eq!(select(&again, &SEEN), select(&selector, &SEEN), "{text:?} and {written:?} select differently");
}

/// Something of everything that can be selected.
fn seen() -> Observation {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let response = Response {
        status: 401,
        headers: vec![
            field("content-type", "application/json"),
            field("cache-control", "no-store"),
            field("www-authenticate", "Basic realm=\"a\", Bearer error=\"invalid_token\", scope=\"a b\""),
            field("set-cookie", "session=1; Path=/"),
        ],
        body: br#"{"error":"a","list":[1,{"b":null}],"access_token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"}"#
            .into(),
    };
    let url = "https://app.example/cb?code=1&state=%20x&code=2#access_token=3".to_owned();
    let redirect = Redirect { read: url.clone(), url, via: "header".into(), form: vec![field("code", "4")] };
    let exchange = Exchange { took_ms: 7, ..Exchange::of(Default::default(), Answer::Response(response)) };
    let values = [field("code", "1")].into();
    Observation { exchanges: vec![exchange], redirect: Some(redirect), values, ..Observation::default() }
}
