//! What must hold of every answer to an edited request, whatever the server makes of the edit. A server that keeps to the
//! specifications breaks none of these.

mod challenge;
mod error;
mod reasons;
mod redirect;
mod ruling;

pub use reasons::REASONS;

use super::credential::{Values, credentials};
use super::edits::{Ruling, endpoint};
use super::tame::{is_plain, text_of};
use crate::exchange::{Answer, Exchange, Observation, Request, Response};
use crate::judge::{page, select};
use crate::plan::PlannedStep;
use crate::scenario::Selector;
use crate::target::Target;

/// One invariant that an answer seems to break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Its name.
    pub invariant: &'static str,
    /// What it is about, where it can be about several things: which credential, which member.
    pub about: String,
    /// The fact that holds on a conforming server.
    pub title: String,
    /// The lines of `[vary.expect]` that are broken.
    pub expect: String,
    /// The row of the catalogue that says so, where it is one.
    pub row: Option<&'static str>,
}

/// What an answer is judged by.
pub struct Judged<'a> {
    /// The edited step.
    pub step: &'a PlannedStep,
    /// Whom it asked.
    pub target: &'a Target,
    /// The names of parameters that were edited, with their part.
    pub edited: Vec<&'a str>,
    /// Whether a step before it was edited as well.
    pub after: bool,
    /// What the specifications say of the edited request.
    pub ruling: Option<Ruling>,
    /// Whether it was accepted like the unchanged one; asked only where the specifications say something.
    pub accepted: bool,
    /// What came.
    pub observation: &'a Observation,
}

/// How long an answer may take, in milliseconds.
const SLOW_MS: u64 = 3_000;
/// The element that the edits put into requests.
const ELEMENT: &str = "gc-x";

/// Every invariant that seems to be broken.
pub fn suspects(judged: &Judged<'_>) -> Vec<Suspect> {
    let Some(exchange) = judged.observation.exchanges.last() else { return Vec::new() };
    let sent = &judged.observation.exchanges[0].request;
    let mut found = Vec::new();
    let slow = judged.observation.exchanges.iter().any(is_slow);
    if slow {
        found.push(suspect(
            "hang",
            "",
            "is answered at once",
            &format!("answered = true\ntook = {{ at_most = {SLOW_MS} }}"),
            judged,
        ));
    }
    match &exchange.answer {
        Answer::Nothing(_) if slow || !is_plain(sent) => {}
        Answer::Nothing(_) => found.push(suspect("no-answer", "", "is answered", "answered = true", judged)),
        Answer::Response(response) => {
            found.extend(of_status(response, judged));
            found.extend(challenge::of_challenge(response, judged));
            found.extend(of_script(response, judged, exchange));
            found.extend(of_issue(judged, sent, response));
            found.extend(of_text(judged, sent, response));
            found.extend(error::of_error(judged, sent, response));
            found.extend(ruling::of_ruling(judged, response));
        }
    }
    // Only a browser is sent anywhere; other requests may be told that an endpoint has moved.
    let browses = judged.step.step.authorize.is_some() || endpoint(judged.step) == "classic_authorize";
    let redirect = judged.observation.redirect.as_ref().filter(|_| browses);
    found.extend(redirect.into_iter().flat_map(|redirect| redirect::of_redirect(judged, sent, redirect)));
    found
}

fn is_slow(exchange: &Exchange) -> bool {
    exchange.took_ms > SLOW_MS || exchange.answer == Answer::Nothing("no answer in time".into())
}

fn suspect(invariant: &'static str, about: &str, says: &str, expect: &str, judged: &Judged<'_>) -> Suspect {
    let title = format!("A request to the {} endpoint {says}, whatever is in it", endpoint(judged.step));
    Suspect { invariant, about: about.to_owned(), title, expect: expect.to_owned(), row: None }
}

/// 501 and 505 say that the server is right and the request strange; 503 that it is busy.
fn of_status(response: &Response, judged: &Judged<'_>) -> Vec<Suspect> {
    let mut found = Vec::new();
    if response.status >= 500 && !matches!(response.status, 501 | 503 | 505) {
        found.push(suspect("server-error", "", "never ends in a server error", "status = { at_most = 499 }", judged));
    }
    found
}

/// Scripts of other sites do not read the authorization endpoint (RFC 9700 section 2.6).
fn of_script(response: &Response, judged: &Judged<'_>, exchange: &Exchange) -> Option<Suspect> {
    let own = judged.target.endpoints.get("authorization").is_some_and(|url| exchange.request.url.starts_with(url));
    let open = response.header("access-control-allow-origin").is_some();
    let expect = "header.access-control-allow-origin = { present = false }";
    let row = Some("rfc9700-2.6-no-cors-at-authorize");
    let closed = || Suspect { row, ..suspect("cors", "", "is answered for no script of another site", expect, judged) };
    (own && open && endpoint(judged.step) == "authorization").then(closed)
}

/// Nothing is given when a credential is broken.
fn of_issue(judged: &Judged<'_>, sent: &Request, response: &Response) -> Vec<Suspect> {
    let Some((given, expect)) = issued(judged, response) else { return Vec::new() };
    // An edited step before may have bound what is redeemed to another client or to no challenge.
    if judged.edited.contains(&"as") && !judged.after {
        let title = format!("A request to the {} endpoint by another client {given}", endpoint(judged.step));
        return vec![Suspect { title, ..suspect("credential", "client", "", expect, judged) }];
    }
    let values: &Values = &judged.observation.values;
    let mut broken = credentials(judged.step, judged.target, values);
    broken.retain(|credential| credential.is_broken(sent, judged.step, judged.target));
    let revoked = endpoint(judged.step) == "revocation";
    broken.retain(|credential| !revoked || credential.what == super::credential::SECRET);
    broken.retain(|credential| !judged.after || credential.what == "code");
    let first = broken.into_iter().next();
    first
        .map(|credential| {
            let says = format!("without the right {} {given}", credential.what);
            Suspect {
                title: format!("A request to the {} endpoint {says}", endpoint(judged.step)),
                ..suspect("credential", credential.what, "", expect, judged)
            }
        })
        .into_iter()
        .collect()
}

/// What an answer gives: in words, and the expectation that it does not.
fn issued(judged: &Judged<'_>, response: &Response) -> Option<(&'static str, &'static str)> {
    let one = |selector: &str| {
        let selector = Selector::parse(selector).ok()?;
        select(&selector, judged.observation).into_iter().next()
    };
    let well = (200..300).contains(&response.status);
    match endpoint(judged.step).as_str() {
        "token" | "classic_token" => {
            let token = one("json.access_token")?;
            token.as_str().filter(|token| !token.is_empty())?;
            Some(("gives no token", "json.access_token = { present = false }"))
        }
        "introspection" => {
            (one("json.active")? == true).then_some(("tells nothing of a token", "json.active = { not = true }"))
        }
        "resource" | "otp_verify" if well && !judged.edited.contains(&"method") => {
            Some(("opens nothing", "status = { at_least = 300 }"))
        }
        "authorization" | "classic_authorize" => {
            one("redirect.param.code").or_else(|| one("redirect.param.access_token"))?;
            let neither =
                "redirect.param.code = { present = false }\nredirect.param.access_token = { present = false }";
            Some(("gives no code", neither))
        }
        "registration" if well => {
            one("json.client_id")?;
            Some(("registers nothing", "json.client_id = { present = false }"))
        }
        "revocation" if well => Some(("revokes nothing", "status = { at_least = 300 }")),
        _ => None,
    }
}

/// What no answer repeats: secrets in an error, line ends of the request as header fields, its markup as markup.
fn of_text(judged: &Judged<'_>, sent: &Request, response: &Response) -> Vec<Suspect> {
    let mut found = Vec::new();
    if response.header("x-grantcheck").is_some() {
        found.push(suspect(
            "header-injection",
            "",
            "adds no header field to the answer",
            "header.x-grantcheck = { present = false }",
            judged,
        ));
    }
    let body = response.text();
    if body.contains(&format!("<{ELEMENT}>")) && text_of(sent).contains(ELEMENT) && has_element(response) {
        let expect = format!("page.elements = {{ not = \"{ELEMENT}\" }}");
        found.push(suspect("markup", "", "comes back escaped in a page", &expect, judged));
    }
    if response.status >= 400 {
        found.extend(lasting(judged).into_iter().filter(|(_, value)| body.contains(value.as_str())).map(
            |(name, _)| {
                let expect = format!("body = {{ excludes = \"{{{{{name}}}}}\" }}");
                suspect("echo", &name, "is refused without its secrets being repeated", &expect, judged)
            },
        ));
    }
    found
}

fn has_element(response: &Response) -> bool {
    page::property(response, "elements").iter().any(|element| element == ELEMENT)
}

/// Secrets that live on after an error, long enough not to be there by chance.
fn lasting(judged: &Judged<'_>) -> Vec<(String, String)> {
    let client = judged.target.client(&judged.step.role).and_then(|client| client.secret.clone());
    let user = judged.target.user("default").map(|user| user.password.clone());
    let values = &judged.observation.values;
    let value = |name: &str| values.get(name).cloned();
    let named = [
        ("client.secret", client),
        ("user.password", user),
        ("access_token", value("access_token")),
        ("refresh_token", value("refresh_token")),
    ];
    let strong = |text: &String| text.len() >= 12 && text.contains(|letter: char| letter.is_ascii_digit());
    named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.filter(strong)?))).collect()
}
