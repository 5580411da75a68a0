//! Whether a redirect goes where it may, and says what it may.

use std::fmt::Write as _;

use super::super::tame::{is_plain, parameters_of};
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
    if one("redirect.param.error").is_some_and(|error| error == "server_error") {
        let expect = "redirect.param.error = { not = \"server_error\" }";
        found.push(suspect("server-error", "redirect", "never ends in a server error", expect, judged));
    }
    if allowed.iter().any(|uri| is(uri, &to)) {
        found.extend(of_state(judged, sent, one("redirect.param.state")));
        found.extend(of_issuer(judged, one("redirect.param.iss")));
        found.extend(of_query(judged, redirect));
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

/// RFC 9207 section 2.4: `iss` is the issuer, character by character.
fn of_issuer(judged: &Judged<'_>, got: Option<String>) -> Option<Suspect> {
    let issuer = judged.target.issuer.as_deref()?;
    // A server may be called by another name.
    let renamed = judged.edited.iter().any(|place| place.starts_with("header."));
    let expect = format!("redirect.param.iss = {{ matches = '{}', optional = true }}", escape(issuer));
    let other = got.is_some_and(|got| got != issuer) && !renamed;
    other.then(|| suspect("issuer", "", "is answered in the name of the issuer", &expect, judged))
}

/// RFC 6749 section 3.1.2: the query of the redirect URI is kept.
fn of_query(judged: &Judged<'_>, redirect: &Redirect) -> Option<Suspect> {
    let [uri] = &judged.target.client(&judged.step.role)?.redirect_uris[..] else { return None };
    let pairs = |url: &str| url::Url::parse(url).ok().map(|url| url.query_pairs().into_owned().collect::<Vec<_>>());
    let (registered, got) = (pairs(uri)?, pairs(&redirect.url)?);
    let (name, value) = registered.into_iter().find(|pair| !got.contains(pair))?;
    let asked = judged.edited.iter().any(|place| place.contains("redirect_uri") || place.contains("client_id"));
    let expect = format!("redirect.query.{name} = {value:?}");
    let keeps = || suspect("redirect", "kept", "redirects with the query of the redirect URI", &expect, judged);
    (!asked).then(keeps)
}

/// RFC 6749 section 4.1.2 asks for the exact value; its grammar knows visible ASCII and the space.
fn of_state(judged: &Judged<'_>, sent: &Request, got: Option<String>) -> Option<Suspect> {
    let query = sent.url.split_once('?')?.1;
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let named = |wanted: &str| pairs.iter().filter(|(name, _)| name == wanted).count();
    let state = pairs.iter().find(|(name, _)| name == "state").map(|(_, value)| value.as_str())?;
    let own = judged.observation.values.get("state");
    // What a request object says goes before; what was made of a value of this run cannot be named in a file.
    let nameable = own.is_some_and(|own| own == state || !state.contains(own.as_str()));
    let clear = named("state") == 1 && named("request") + named("request_uri") == 0 && is_plain(sent);
    let visible = !state.is_empty() && state.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if sent.method != "GET" || !clear || !visible || !nameable || got.as_deref() == Some(state) {
        return None;
    }
    let wanted = if own.is_some_and(|own| own == state) { "{{state}}" } else { state };
    let expect = format!("redirect.param.state = {wanted:?}");
    Some(suspect("state", "", "is answered with the state that it had", &expect, judged))
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
