//! What servers send and the harness reads: pages with forms, JWTs, metadata documents.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::crypto::jws;
use crate::judge::{forms, part_of_jwt};
use crate::modes::prepare::{Document, merge};
use crate::modes::reference;
use crate::target::Target;

/// Any text as a page. The forms that were read, written as the plainest page that has them, are read the same again.
pub fn html_form(text: &str) {
    let read = forms::read(text);
    let plain: String = read.forms.iter().map(page_of).collect();
    let again = forms::read(&plain);
    let essence = |page: &forms::Page| -> Vec<_> { page.forms.iter().map(essence_of).collect() };
    assert_eq!(essence(&again), essence(&read), "{plain}");
    assert!(read.refresh.is_none_or(|address| !address.is_empty()));
}

type Essence = (String, String, Vec<(String, String, String, bool)>);

fn essence_of(form: &forms::Form) -> Essence {
    let controls = form
        .controls
        .iter()
        .map(|control| (control.name.clone(), control.value.clone(), control.kind.clone(), control.checked));
    (form.action.clone(), form.method.clone(), controls.collect())
}

fn page_of(form: &forms::Form) -> String {
    let inputs = form.controls.iter().map(|control| {
        let ticked = if control.checked { " checked" } else { "" };
        let [name, value, kind] = [&control.name, &control.value, &control.kind].map(|text| quoted(text));
        format!("<input name={name} value={value} type={kind}{ticked}>")
    });
    let inputs: String = inputs.collect();
    format!("<form action={} method={}>{inputs}</form>", quoted(&form.action), quoted(&form.method))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('&', "&amp;").replace('"', "&quot;").replace('\r', "&#13;"))
}

/// Any text as a JWT, and its first two lines as header and claims of one. The reader agrees with another base64 and finds
/// what the writer wrote.
pub fn jwt(text: &str) {
    for segment in 0..3 {
        assert_eq!(part_of_jwt(text, segment), part(text, segment), "segment {segment}");
    }
    let (header, claims) = text.split_once('\n').unwrap_or((text, "{}"));
    let token = jws(header, claims, Some(b"key"));
    assert_eq!(part_of_jwt(&token, 0), serde_json::from_str(header).ok());
    assert_eq!(part_of_jwt(&token, 1), serde_json::from_str(claims).ok());
    assert_ne!(jws(header, &format!("{claims} "), Some(b"key")).rsplit('.').next(), token.rsplit('.').next());
}

fn part(token: &str, segment: usize) -> Option<Map<String, Value>> {
    let part = token.split('.').nth(segment)?.trim_end_matches('=');
    serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).ok()?).ok()
}

/// Any bytes as a metadata document. What the target file says stays; what is added comes from the document and only adds;
/// reading it a second time changes nothing.
pub fn metadata(bytes: &[u8]) {
    static TARGETS: LazyLock<[Target; 2]> =
        LazyLock::new(|| [reference(), Target::from_toml("x", "issuer = \"http://h\"").expect("a good file")]);
    let Ok(document) = serde_json::from_slice::<Document>(bytes) else { return };
    for before in &*TARGETS {
        let mut after = before.clone();
        merge(&mut after, &document);
        assert!(before.endpoints.iter().all(|(name, url)| after.endpoints.get(name) == Some(url)));
        assert_eq!(before.issuer, after.issuer);
        assert!(after.supports.starts_with(&before.supports));
        let new = after.endpoints.iter().filter(|(name, _)| !before.endpoints.contains_key(*name));
        new.for_each(|(name, url)| assert!(document.values().any(|value| value == url), "{name} = {url}"));
        let once = (after.endpoints.clone(), after.supports.clone());
        merge(&mut after, &document);
        assert_eq!(once, (after.endpoints, after.supports));
    }
}
