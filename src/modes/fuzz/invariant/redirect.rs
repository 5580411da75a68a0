//! Whether a redirect goes where it may, and says what it may.

use std::fmt::Write as _;

use super::super::tame::parameters_of;
use super::error::MEMBERS;
use super::{Judged, Suspect, suspect};
use crate::exchange::{Redirect, Request};
use crate::judge::select;
use crate::scenario::Selector;

/// A redirect to an address that came from the request goes to a registered one, and is as the grammar says.
pub fn of_redirect(judged: &Judged<'_>, sent: &Request, redirect: &Redirect) -> Vec<Suspect> {
    let mut found = Vec::new();
    let one = |selector: &str| {
        let values = Selector::parse(selector).map(|selector| select(&selector, judged.observation));
        values.ok()?.first()?.as_str().map(str::to_owned)
    };
    let (allowed, to) = (registered(judged), one("redirect.to").unwrap_or_default());
    let came_from_the_request = || {
        let host = one("redirect.host").filter(|host| !host.is_empty());
        parameters_of(sent).to_lowercase().contains(&host.unwrap_or_else(|| to.clone()).to_lowercase())
    };
    let goes = |about: &str, expect: &str| {
        suspect("redirect", about, "redirects to registered addresses only", expect, judged)
    };
    if !allowed.is_empty() && !allowed.iter().any(|uri| is(uri, &to)) && came_from_the_request() {
        found.push(goes("address", &format!("redirect.to = {{ matches = '{}', optional = true }}", pattern(&allowed))));
    }
    if one("redirect.query.gc").is_some() {
        found.push(goes("query", "redirect.query.gc = { present = false }"));
    }
    if redirect.url.contains("#gc") {
        found.push(goes("fragment", "redirect.raw_fragment = { excludes = \"gc\" }"));
    }
    for (member, grammar) in MEMBERS {
        if one(&format!("redirect.param.{member}")).is_some_and(|text| !grammar.holds(&text)) {
            let expect = format!("redirect.param.{member} = {{ matches = '{}', optional = true }}", grammar.pattern);
            let says = format!("is refused with `{member}` in its grammar");
            found.push(suspect("error-shape", member, &says, &expect, judged));
        }
    }
    found
}

/// The addresses that the answer may go to, without their queries: the client's own, or, when the edit may have named
/// another client, those of all.
fn registered(judged: &Judged<'_>) -> Vec<String> {
    let named = judged.edited.iter().any(|place| place.contains("client_id"));
    let own = judged.target.client(&judged.step.role).into_iter();
    let all = judged.target.clients.values().filter(|_| named);
    let uris = own.chain(all).flat_map(|client| &client.redirect_uris);
    let read = |uri: &String| url::Url::parse(uri).map_or_else(|_| uri.clone(), String::from);
    uris.map(|uri| read(uri).split(['?', '#']).next().unwrap_or_default().to_owned()).collect()
}

/// Whether an address is this one; RFC 8252 leaves the port of a loopback address to the client.
fn is(uri: &str, to: &str) -> bool {
    if uri == to {
        return true;
    }
    let (Ok(mut known), Ok(mut asked)) = (url::Url::parse(uri), url::Url::parse(to)) else { return false };
    let loopback = matches!(known.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let bare = |url: &mut url::Url| url.set_port(None).is_ok();
    loopback && bare(&mut known) && bare(&mut asked) && known == asked
}

fn pattern(allowed: &[String]) -> String {
    let mut pattern = String::new();
    for uri in allowed {
        let escaped = escape(uri);
        let loopback = ["127\\.0\\.0\\.1", "\\[::1\\]", "localhost"].iter().find(|host| escaped.contains(**host));
        let ported = loopback.map(|host| escaped.replacen(host, &format!("{host}(:[0-9]+)?"), 1));
        let separator = if pattern.is_empty() { "" } else { "|" };
        let _ = write!(pattern, "{separator}{}", ported.unwrap_or(escaped));
    }
    pattern
}

fn escape(text: &str) -> String {
    let special = |letter: char| r".+*?()|[]{}^$\".contains(letter);
    text.chars().flat_map(|letter| special(letter).then_some('\\').into_iter().chain([letter])).collect()
}
