//! A browser as far as OAuth needs one: cookies, redirects on the target's own origin, forms. It stops at the redirect
//! to the client and never requests it.

mod calls;
mod hop;

use std::cmp::Reverse;

use cookie_store::{Cookie, CookieStore, RawCookie};
use url::Url;

pub use super::redirect::read_redirect;
use crate::exchange::{Answer, Exchange, Observation, Redirect, Request};
use crate::scenario::{Consent, Until};
use crate::target::{Login, User};
use crate::wire::Wire;

use hop::{FOREIGN, Hop, prepared};

/// One user agent with its cookies.
#[derive(Clone, Default)]
pub struct Browser {
    jar: CookieStore,
    /// The page at which it stopped.
    page: Option<Exchange>,
    /// Whom it logged in by a request of its own.
    user: Option<String>,
}

/// A visit to the authorization endpoint.
pub struct Visit<'a> {
    /// The authorization request.
    pub request: Request,
    /// How one logs in.
    pub login: &'a Option<Login>,
    /// As whom.
    pub user: &'a User,
    /// How far to go.
    pub until: Until,
    /// What to answer.
    pub consent: Consent,
    /// Scopes left ticked.
    pub approve_scopes: Option<&'a [String]>,
    /// Whether another site answers the consent page.
    pub forged: bool,
    /// What is typed where a page asks for the code of a device.
    pub user_code: Option<String>,
    /// Put in place of addresses in hidden fields of the login page.
    pub detour: Option<String>,
    /// Whether cookies that are taken back are kept.
    pub hoards: bool,
    /// The page to go on from, in place of the request.
    pub page: Option<Exchange>,
    /// Addresses of clients, where the browser stops though they may be on the target's origin.
    pub stops: Vec<String>,
}

/// More hops than any login takes.
const HOPS: usize = 20;

impl Browser {
    /// A browser without cookies.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another browser with the same cookies, at no page yet.
    pub fn copy(&self) -> Self {
        Self { jar: self.jar.clone(), ..Self::default() }
    }

    /// The page at which it stopped.
    pub fn page(&self) -> Option<&Exchange> {
        self.page.as_ref()
    }

    /// The `Cookie` field for a URL, the cookies of longer paths first.
    pub fn cookies_for(&self, url: &str) -> Option<String> {
        self.cookies(url, |_| true)
    }

    fn cookies(&self, url: &str, sent: fn(&Cookie<'_>) -> bool) -> Option<String> {
        let mut cookies = self.jar.matches(&Url::parse(url).ok()?);
        cookies.retain(|cookie| sent(cookie));
        cookies.sort_by_key(|cookie| Reverse(cookie.path.len()));
        let pairs = cookies.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value()));
        let pairs: Vec<String> = pairs.collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps the cookies of an answer. As browsers do, those marked `Secure` are kept and sent on loopback too.
    pub fn store(&mut self, exchange: &Exchange) {
        self.keep(exchange, |_| true);
    }

    fn keep(&mut self, exchange: &Exchange, kept: fn(&RawCookie<'_>) -> bool) {
        let Answer::Response(response) = &exchange.answer else {
            return;
        };
        let Ok(url) = Url::parse(&exchange.request.url) else {
            return;
        };
        let fields = response.headers.iter().filter(|(name, _)| name == "set-cookie");
        let cookies = fields.filter_map(|(_, value)| RawCookie::parse(value.clone()).ok()).filter(kept);
        self.jar.store_response_cookies(cookies, &url);
    }

    /// Goes through the pages until the redirect that leaves the target, or until nothing is left to answer.
    pub async fn authorize(&mut self, wire: &Wire, visit: Visit<'_>) -> Observation {
        if let (Some(Login::Command(command)), Until::Redirect) = (visit.login, visit.until) {
            return super::command::run(command, visit.request.clone(), &visit).await;
        }
        if let (Some(Login::Webdriver(driver)), Until::Redirect) = (visit.login, visit.until) {
            return super::webdriver::run(driver, visit.request.clone(), &visit, wire).await;
        }
        let mut seen = Observation::default();
        if let Some(Login::Requests(calls)) = visit.login
            && self.call(wire, calls, &visit, &mut seen).await
        {
            return seen;
        }
        let mut request = prepared(&visit);
        let mut answered = Vec::new();
        if let Some(page) = &visit.page {
            match visit.after(&page.request, page, &mut answered) {
                Hop::Next(next) => request = next,
                _ => return Observation { stuck: Some("the page has nothing to answer".into()), ..seen },
            }
        }
        for _ in 0..HOPS {
            let exchange = self.send(wire, &request, &visit).await;
            let hop = visit.after(&request, &exchange, &mut answered);
            self.page = Some(exchange.clone());
            seen.exchanges.push(exchange);
            seen.asked = answered.iter().any(|page| !page.login);
            match hop {
                Hop::Next(next) => request = next,
                Hop::Left(redirect) => {
                    return Observation { redirect: Some(redirect), ..seen };
                }
                Hop::Stuck(reason) => {
                    return Observation { stuck: Some(reason), ..seen };
                }
                Hop::Done => return seen,
            }
        }
        let stuck = Some(format!("more than {HOPS} hops without an end"));
        Observation { stuck, ..seen }
    }

    /// The request with the cookies of the jar and what the login driver adds to each request.
    async fn send(&mut self, wire: &Wire, request: &Request, visit: &Visit<'_>) -> Exchange {
        let mut request = request.clone();
        let foreign = request.headers.iter().any(|(name, value)| name == "Origin" && value == FOREIGN);
        let sent = if foreign { crosses_sites } else { |_: &Cookie<'_>| true };
        let mut cookies: Vec<String> = self.cookies(&request.url, sent).into_iter().collect();
        match (visit.login, &visit.user.credential) {
            (Some(Login::Cookie(driver)), Some(value)) => cookies.push(format!("{}={value}", driver.name)),
            (Some(Login::Header(driver)), Some(value)) => request.headers.push((driver.name.clone(), value.clone())),
            _ => {}
        }
        if !cookies.is_empty() {
            request.headers.push(("Cookie".into(), cookies.join("; ")));
        }
        let exchange = wire.send(&request).await;
        self.keep(&exchange, if visit.hoards { is_given } else { |_| true });
        exchange
    }
}

/// Whether the field gives a cookie, and does not take one back.
fn is_given(cookie: &RawCookie<'_>) -> bool {
    let ended = cookie.max_age().is_some_and(|age| !age.is_positive());
    !ended && !cookie.value().is_empty()
}

/// Whether a browser sends this cookie with a form that another site posts.
fn crosses_sites(cookie: &Cookie<'_>) -> bool {
    !cookie.same_site().is_some_and(|site| site.is_lax() || site.is_strict())
}

/// Whether the user had no say: a server may remember consent, and then there was none to deny or to forge.
pub fn went_through_unasked(seen: &Observation) -> bool {
    let refused =
        |redirect: &Redirect| redirect.read.contains("error=") || redirect.form.iter().any(|(name, _)| name == "error");
    !seen.asked && seen.redirect.as_ref().is_some_and(|redirect| !refused(redirect))
}

#[cfg(test)]
mod tests;
