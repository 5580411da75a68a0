//! What the browser does after an answer: the next request, or why there is none. Nothing is sent here.

use url::Url;

use super::super::driver::{Answers, Move, asks, asks_for_code, asks_to_log_in, decide, in_words};
use super::super::redirect::{hop, leaves};
use super::Visit;
use crate::exchange::{Answer, Exchange, Redirect, Request, Response};
use crate::judge::forms::{self, Page};
use crate::scenario::Until;
use crate::target::{Login, LoginForm};

/// What the browser does next.
pub enum Hop {
    /// Sends this.
    Next(Request),
    /// Stops at the redirect that leaves the target.
    Left(Redirect),
    /// Stops at a form that it cannot answer.
    Stuck(String),
    /// Stops: this is the result.
    Done,
}

/// A page that was answered.
#[derive(PartialEq, Eq)]
pub struct Answered {
    /// Whether it asked who the user is, not what the client may do.
    pub login: bool,
    shape: String,
}

impl Visit<'_> {
    /// The hop after an answer; `answered` are the pages that were answered before.
    pub fn after(&self, request: &Request, exchange: &Exchange, answered: &mut Vec<Answered>) -> Hop {
        if let Some(redirect) = hop(exchange, &self.stops) {
            return match leaves(&request.url, &redirect, &self.stops) {
                true => Hop::Left(redirect),
                false => Hop::Next(follow(request, exchange, &redirect)),
            };
        }
        match &exchange.answer {
            Answer::Response(response) if response.is_html() && self.until != Until::Page => {
                self.answer(request, response, answered)
            }
            _ => Hop::Done,
        }
    }

    /// Reads the page and answers its form. Only `[login.form]` can log in; a consent page anybody can answer.
    fn answer(&self, request: &Request, response: &Response, answered: &mut Vec<Answered>) -> Hop {
        let learns = LoginForm::default();
        let help = if let Some(Login::Form(help)) = self.login { help } else { &learns };
        let page = forms::read(&response.text());
        let login = asks_to_log_in(&page, help);
        let decides = asks(&page, help) && !asks_for_code(&page, help);
        if !login && (response.status >= 400 || (self.until == Until::Consent && decides)) {
            return Hop::Done;
        }
        if login && !matches!(self.login, Some(Login::Form(_))) {
            return Hop::Stuck(format!(
                "the page asks to log in, which only `[login.form]` does: {}",
                in_words::of(&page)
            ));
        }
        let Self { user, consent, approve_scopes, .. } = *self;
        let answers = Answers { user, user_code: self.user_code.as_deref(), consent, approve_scopes, help };
        let mut decided = decide(&page, &answers);
        if let (Move::Submit { fields, .. }, true, false) = (&mut decided, self.forged, login) {
            fields.retain(|(name, _)| !is_hidden(&page, name));
        }
        if let (Move::Submit { fields, .. }, Some(detour), true) = (&mut decided, &self.detour, login) {
            let leads = |(name, value): &&mut (String, String)| is_hidden(&page, name) && is_address(value);
            fields.iter_mut().filter(leads).for_each(|(_, value)| value.clone_from(detour));
        }
        let again = matches!(decided, Move::Submit { .. } | Move::Follow(_)) && seen(answered, &page, login);
        match (again, login) {
            (true, true) => Hop::Stuck(format!("the login page came back: {}", in_words::of(&page))),
            (true, false) => Hop::Stuck(format!("the same page came back: {}", in_words::of(&page))),
            (false, false) if self.forged => elsewhere(self.act(request, response, &page, decided)),
            (false, _) => self.act(request, response, &page, decided),
        }
    }

    fn act(&self, request: &Request, response: &Response, page: &Page, decided: Move) -> Hop {
        let (action, method, multipart, fields) = match decided {
            Move::Done => return Hop::Done,
            Move::Stuck(reason) => return Hop::Stuck(reason),
            Move::Follow(href) => (href, "GET".into(), false, Vec::new()),
            Move::Submit { action, method, multipart, fields } => (action, method, multipart, fields),
        };
        let Some(url) = resolve(request, page, &action) else {
            return Hop::Stuck(format!("the page leads to `{action}`, which is no address"));
        };
        let posts = method == "POST";
        let mut next = if posts { post(url, &fields, multipart) } else { get(url, &fields) };
        let (via, form) = if posts { ("form_post", fields) } else { ("link", Vec::new()) };
        let redirect = Redirect { url: action, read: next.url.clone(), via: via.into(), form };
        if leaves(&request.url, &redirect, &self.stops) {
            return Hop::Left(redirect);
        }
        if response.header("referrer-policy") != Some("no-referrer") {
            next.headers.push(("Referer".into(), without_fragment(&request.url)));
        }
        Hop::Next(next)
    }
}

/// The origin of a site that forges requests.
pub const FOREIGN: &str = "https://attacker.example";

/// The same request, but posted by a page of another site.
fn elsewhere(hop: Hop) -> Hop {
    let Hop::Next(mut next) = hop else { return hop };
    next.headers.retain(|(name, _)| name != "Origin" && name != "Referer");
    next.headers.push(("Origin".into(), FOREIGN.into()));
    Hop::Next(next)
}

/// A URL, or a path that is no token of letters and slashes.
fn is_address(value: &str) -> bool {
    value.starts_with("http:") || value.starts_with("https:") || value.starts_with('/')
}

fn is_hidden(page: &Page, name: &str) -> bool {
    let mut controls = page.forms.iter().flat_map(|form| &form.controls);
    controls.any(|control| control.name == name && control.kind == "hidden")
}

/// The first request, as the login driver wants it.
pub fn prepared(visit: &Visit<'_>) -> Request {
    let mut request = visit.request.clone();
    request.headers.push(html());
    if let Some(Login::Query(driver)) = visit.login {
        let credentials = [(&driver.username, &visit.user.username), (&driver.password, &visit.user.password)];
        let separator = if request.url.contains('?') { '&' } else { '?' };
        request.url = format!("{}{separator}{}", request.url, encoded(&credentials));
    }
    request
}

/// A redirect on the target's own origin: 307 and 308 repeat the request, forms post, all others become GET.
fn follow(request: &Request, exchange: &Exchange, redirect: &Redirect) -> Request {
    let url = without_fragment(&redirect.read);
    let keeps = matches!(&exchange.answer, Answer::Response(response) if matches!(response.status, 307 | 308));
    match Url::parse(&url) {
        _ if keeps && redirect.via == "header" => Request { url, endpoint: String::new(), ..request.clone() },
        Ok(url) if redirect.via == "form_post" => post(url, &redirect.form, false),
        _ => Request { method: "GET".into(), url, headers: vec![html()], ..Request::default() },
    }
}

/// Whether this page was answered before. A login page is known by its fields, others also by what they say.
fn seen(answered: &mut Vec<Answered>, page: &Page, login: bool) -> bool {
    let controls = page.forms.iter().flat_map(|form| &form.controls);
    let visible = controls.filter(|control| control.kind != "hidden");
    let names: Vec<String> = visible.map(|control| format!("{}:{}", control.kind, control.name)).collect();
    let text = if login { "" } else { &page.text };
    let page = Answered { login, shape: format!("{} {text}", names.join(" ")) };
    let known = answered.contains(&page);
    answered.push(page);
    known
}

fn resolve(request: &Request, page: &Page, action: &str) -> Option<Url> {
    let here = Url::parse(&request.url).ok()?;
    let base = page.base.as_ref().and_then(|base| here.join(base).ok());
    let base = base.as_ref().filter(|_| !action.is_empty()).unwrap_or(&here);
    let mut url = base.join(action).ok()?;
    url.set_fragment(None);
    Some(url)
}

fn get(mut url: Url, fields: &[(String, String)]) -> Request {
    if !fields.is_empty() {
        url.set_query(Some(&encoded(fields)));
    }
    Request { method: "GET".into(), url: url.into(), headers: vec![html()], ..Request::default() }
}

fn post(url: Url, fields: &[(String, String)], multipart: bool) -> Request {
    let (kind, body) = if multipart { in_parts(fields) } else { (FORM.to_owned(), encoded(fields)) };
    let origin = url.origin().ascii_serialization();
    let headers = vec![("Content-Type".into(), kind), ("Origin".into(), origin), html()];
    Request { method: "POST".into(), url: url.into(), headers, body: body.into_bytes(), ..Request::default() }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// `multipart/form-data` (RFC 7578), for pages that want it without a file.
fn in_parts(fields: &[(String, String)]) -> (String, String) {
    let boundary = "grantcheck-7f3a9c51e2b8d604";
    let part = |(name, value): &(String, String)| {
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts: String = fields.iter().map(part).collect();
    (format!("multipart/form-data; boundary={boundary}"), format!("{parts}--{boundary}--\r\n"))
}

fn encoded<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn html() -> (String, String) {
    ("Accept".into(), "text/html".into())
}

fn without_fragment(url: &str) -> String {
    url.split('#').next().unwrap_or_default().to_owned()
}
