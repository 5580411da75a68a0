//! The pages for people: login, consent, errors, and the form that posts itself. Plain HTML that works with a
//! keyboard and without scripts; nothing on them is loaded from elsewhere, and no other site may frame them.

mod device;

pub use device::{device_done, enter_code};

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::authorize::Pending;
use crate::destination::Mode;
use crate::refusal::Refusal;
use crate::{Defect, Liberty, Provider, Request, Response, flaws, second_factor};

const STYLE: &str = "body{font:1rem/1.5 sans-serif;max-width:30rem;margin:2rem auto;padding:0 1rem}\
label{display:block;margin:.5rem 0}input:not([type=checkbox]){display:block;font:inherit;width:100%;box-sizing:border-box}\
button{font:inherit;padding:.3rem 1rem;margin:.5rem .5rem 0 0}.wrong{border-left:.3rem solid #b00;padding-left:.5rem}";

const OTP: &str =
    "<label>Code <input name=\"otp\" inputmode=\"numeric\" autocomplete=\"one-time-code\" required></label>";

const SUBMIT: &str = "document.forms[0].submit()";

/// Puts the page together where `scripted_pages` is on: nothing shows without a script.
const DRAW: &str = "const main=document.querySelector('main');main.innerHTML=main.dataset.page";

/// The login page, after a failed attempt with the reason.
pub fn login(provider: &Provider, pending: &Pending, ticket: &str, failed: Option<&Refusal>) -> Response {
    let status = failed.map_or(200, |refusal| refusal.status);
    let main = format!(
        "<h1>Log in</h1><p>to continue to <strong>{client}</strong></p>{complaint}{reflected}\
<form method=\"post\" action=\"{base}/login\">{hidden}{return_to}\
<label>User name <input name=\"username\" autocomplete=\"username\" required autofocus></label>\
<label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>{otp}\
<button type=\"submit\">Log in</button></form>",
        client = escape(&pending.title),
        complaint = complaint(failed),
        reflected = reflected_state(provider, pending),
        return_to = flaws::return_to(provider),
        base = escape(provider.base_path()),
        hidden = hidden("csrf", ticket),
        otp = failed.filter(|refusal| refusal.error == second_factor::REQUIRED).map_or("", |_| OTP),
    );
    let frameable = if is_of_device(pending) { Defect::DevicePageFrameable } else { Defect::LoginPageFrameable };
    dressed(page(provider, status, "Log in", &main, frameable), failed)
}

/// The consent page: who asks, and for what.
pub fn consent(provider: &Provider, pending: &Pending, ticket: &str) -> Response {
    if is_of_device(pending) {
        return device::connect(provider, pending, ticket);
    }
    let main = format!(
        "<h1>Allow access?</h1><p>{client} asks for access to your account:</p>{warning}{form}",
        client = who_asks(provider, pending),
        warning = cleartext_warning(&pending.destination.uri),
        form = decision_form(provider, pending, ticket),
    );
    page(provider, 200, "Allow access?", &main, Defect::ConsentPageCanBeFramed)
}

/// The client in its own words, which are not to be trusted.
fn who_asks(provider: &Provider, pending: &Pending) -> String {
    let name = match provider.breaks(Defect::RegisteredNameShownAsMarkup) {
        true => pending.title.clone(),
        false => escape(&pending.title),
    };
    let is_web = |link: &&String| link.starts_with("https://") || link.starts_with("http://");
    match &pending.link.as_ref().filter(|link| is_web(link) || provider.breaks(Defect::RegisteredLinkIsAScript)) {
        Some(link) => format!("<strong>{name}</strong> (<a href=\"{}\">its page</a>)", escape(link)),
        None => format!("<strong>{name}</strong>"),
    }
}

fn decision_form(provider: &Provider, pending: &Pending, ticket: &str) -> String {
    let words = pending.ask.as_ref().map_or(&[][..], |ask| ask.scope.words());
    let choices: String = words.iter().map(|word| checkbox(provider, word)).collect();
    format!(
        "<form method=\"post\" action=\"{base}/consent\">{hidden}<fieldset><legend>Access</legend>{choices}</fieldset>\
<button name=\"decision\" value=\"approve\">Allow</button><button name=\"decision\" value=\"deny\">Deny</button></form>",
        base = escape(provider.base_path()),
        hidden = hidden("csrf", ticket),
    )
}

fn is_of_device(pending: &Pending) -> bool {
    pending.destination.mode == Mode::Device
}

/// A page with the headers that a failed attempt brings along.
fn dressed(page: Response, failed: Option<&Refusal>) -> Response {
    match failed {
        Some(refusal) => refusal.dress(page),
        None => page,
    }
}

fn complaint(failed: Option<&Refusal>) -> String {
    failed.map_or(String::new(), |refusal| {
        format!("<p class=\"wrong\" role=\"alert\">{}</p>", escape(&refusal.description))
    })
}

/// The page for errors that must not travel to the client.
pub fn error(provider: &Provider, refusal: &Refusal) -> Response {
    let status = match refusal.status {
        400 if provider.takes(Liberty::ErrorPageStatus200) => 200,
        status => status,
    };
    let main = format!(
        "<h1>This did not work</h1><p class=\"wrong\" role=\"alert\">{}</p><p>Error: <code>{}</code></p>",
        escape(&refusal.description),
        escape(&refusal.error)
    );
    refusal.dress(page(provider, status, "Error", &main, Defect::ErrorPageFrameable))
}

/// The page for an error that its address names, as proxies and other pages lead to it.
pub fn told(provider: &Provider, request: &Request) -> Response {
    let query = request.query_params();
    let error = query.get("error").unwrap_or("unknown");
    let shown = match provider.breaks(Defect::ErrorPageShowsMarkup) {
        true => error.to_owned(),
        false => escape(error),
    };
    let main = format!("<h1>This did not work</h1><p>Error: <code>{shown}</code></p>");
    page(provider, 400, "Error", &main, Defect::ErrorPageFrameable)
}

/// The page that leads nowhere.
pub fn done(provider: &Provider) -> Response {
    page(provider, 200, "Done", "<h1>Done</h1><p>You may close this page.</p>", Defect::ErrorPageFrameable)
}

/// The page that posts an authorization response to the client.
pub fn form_post(provider: &Provider, uri: &str, members: &[(&'static str, String)]) -> Response {
    let raw = provider.breaks(Defect::FormPostXss);
    let input = |(name, value): &(&str, String)| match raw {
        true => format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"),
        false => hidden(name, value),
    };
    let inputs: String = members.iter().map(input).collect();
    let main = format!(
        "<form method=\"post\" action=\"{}\">{inputs}<button type=\"submit\">Continue</button></form><script>{SUBMIT}</script>",
        escape(uri)
    );
    page(provider, 200, "Continue", &main, Defect::ErrorPageFrameable)
}

/// The page whose script sends an authorization response to the window that opened it, if that is of this origin.
pub fn web_message(provider: &Provider, origin: &str, members: &[(&'static str, String)]) -> Response {
    let members: Map<String, Value> = members.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let message = json!({ "type": "authorization_response", "response": members });
    // Within a script element only `<` could end it.
    let [message, origin] = [message, json!(origin)].map(|value| value.to_string().replace('<', "\\u003c"));
    let script = format!("(window.opener||window.parent).postMessage({message},{origin})");
    let main = format!("<p>You may close this page.</p><script>{script}</script>");
    page_with(provider, 200, "Done", &main, Defect::ErrorPageFrameable, &source(&script))
}

/// Text made safe for an element or a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' => safe.push_str("&#10;"),
            '\r' => safe.push_str("&#13;"),
            other => safe.push(other),
        }
    }
    safe
}

fn page(provider: &Provider, status: u16, title: &str, main: &str, frameable: Defect) -> Response {
    static SUBMITS: LazyLock<String> = LazyLock::new(|| source(SUBMIT));
    page_with(provider, status, title, main, frameable, &SUBMITS)
}

/// A page with the source of its script.
fn page_with(provider: &Provider, status: u16, title: &str, main: &str, frameable: Defect, script: &str) -> Response {
    let foreign = match provider.breaks(Defect::ThirdPartyScriptOnLoginPage) {
        true => "<script src=\"https://cdn.example/track.js\"></script>",
        false => "",
    };
    let scripted = provider.config.scripted_pages && !main.contains("<script>");
    let main = match scripted {
        true => format!("<main data-page=\"{}\"></main><script>{DRAW}</script>", escape(main)),
        false => format!("<main>{main}</main>"),
    };
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head>\
<body>{main}{foreign}</body></html>"
    );
    protect(provider, Response::html(status, html).uncached(), frameable, script)
}

/// No frames, no foreign content, no referrer.
fn protect(provider: &Provider, mut response: Response, frameable: Defect, script: &str) -> Response {
    let frameable = provider.breaks(frameable);
    let ancestors =
        if frameable || provider.breaks(Defect::NoCspFrameAncestors) { "" } else { "frame-ancestors 'none'; " };
    static STYLES: LazyLock<String> = LazyLock::new(|| source(STYLE));
    let draw = if provider.config.scripted_pages { format!(" {}", source(DRAW)) } else { String::new() };
    let policy =
        format!("default-src 'none'; {ancestors}base-uri 'none'; style-src {}; script-src {script}{draw}", *STYLES);
    response = response.with("Content-Security-Policy", policy).with("X-Content-Type-Options", "nosniff");
    if !frameable && !provider.breaks(Defect::CspWithoutFrameOptions) {
        response = response.with("X-Frame-Options", "DENY");
    }
    if !provider.breaks(Defect::NoReferrerPolicy) {
        response = response.with("Referrer-Policy", "no-referrer");
    }
    response
}

fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
}

fn checkbox(provider: &Provider, word: &str) -> String {
    let (value, label) = (escape(word), escape(word));
    if provider.breaks(Defect::ConsentPageHidesScope) {
        return hidden("scope", word);
    }
    format!("<label><input type=\"checkbox\" name=\"scope\" value=\"{value}\" checked> {label}</label>")
}

fn cleartext_warning(uri: &str) -> &'static str {
    let loopback = ["http://127.0.0.1", "http://[::1]"].iter().any(|base| uri.starts_with(base));
    if uri.starts_with("http:") && !loopback {
        return "<p class=\"wrong\">This application does not protect its connection: others may read what it receives.</p>";
    }
    ""
}

fn reflected_state(provider: &Provider, pending: &Pending) -> String {
    let broken = provider.breaks(Defect::StateReflectedUnescapedInPage);
    pending.destination.state.clone().filter(|_| broken).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conduct, Config, Random};

    #[test]
    fn the_policy_allows_what_the_pages_bring_along_and_nothing_else() {
        let provider = Provider::new(Config::default(), Conduct::default(), Random::seeded(1));
        let page = form_post(&provider, "https://app.example/cb", &[("code", "x".into())]);
        let policy = page.header("content-security-policy").unwrap();
        for text in [STYLE, SUBMIT] {
            assert!(policy.contains(&STANDARD.encode(Sha256::digest(text))), "{policy}");
            assert!(String::from_utf8_lossy(&page.body).contains(text));
        }
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    }

    #[test]
    fn an_application_without_tls_is_warned_of_unless_it_is_on_this_machine() {
        let warned =
            ["http://app.example/cb", "https://app.example/cb", "http://127.0.0.1:1/cb", "http://[::1]/cb", "x:/cb"]
                .map(|uri| cleartext_warning(uri).contains("does not protect"));
        assert_eq!(warned, [true, false, false, false, false]);
        assert_eq!(cleartext_warning("https://app.example/cb"), "");
    }

    #[test]
    fn markup_and_quotes_are_escaped() {
        assert_eq!(escape("<a href='x'>\"&"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;");
    }
}
