//! A very small browser and client for the tests of the provider.

use reference_server::{Params, Provider, Request, Response};
use serde_json::Value;

pub const NOW: u64 = 1_800_000_000_000;
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const APP: &str = "client_id=app&client_secret=app-secret-6f1d2c9a8b7e4f50";
pub const OTHER: &str = "client_id=other&client_secret=other-secret-0a9b8c7d6e5f4321";

/// The value between two pieces of text.
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = text.split_once(start)?.1;
    rest.split_once(end).map(|(value, _)| value)
}

pub fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

pub fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or(Value::Null)
}

/// The parameters of a redirect, from its query or its fragment.
pub fn redirected(response: &Response) -> Params<'_> {
    let location = response.header("location").unwrap_or_default();
    let at = location.find('#').or(location.rfind('?')).map_or(location.len(), |at| at + 1);
    Params::parse(&location.as_bytes()[at..])
}

/// One browser with its cookie.
#[derive(Default)]
pub struct Browser {
    pub cookie: String,
}

impl Browser {
    pub fn open(&mut self, provider: &Provider, target: &str) -> Response {
        self.send(provider, Request::get(target))
    }

    /// Submits the only form of a page with these fields besides the hidden ones.
    pub fn submit(&mut self, provider: &Provider, page: &Response, fields: &str) -> Response {
        let html = text(page);
        let action = between(&html, "action=\"", "\"").unwrap_or("/").to_owned();
        let ticket = between(&html, "name=\"csrf\" value=\"", "\"").unwrap_or_default();
        self.send(provider, Request::post(&action, &format!("csrf={ticket}&{fields}")))
    }

    /// Logs in and approves the whole scope.
    pub fn authorize(&mut self, provider: &Provider, query: &str) -> Response {
        let page = self.log_in(provider, query);
        if page.status != 200 { page } else { self.submit(provider, &page, "scope=read&scope=write&decision=approve") }
    }

    pub fn log_in(&mut self, provider: &Provider, query: &str) -> Response {
        let page = self.open(provider, &format!("/authorize?{query}"));
        if !text(&page).contains("password") {
            return page;
        }
        self.submit(provider, &page, "username=alice&password=wonderland-4711")
    }

    fn send(&mut self, provider: &Provider, request: Request) -> Response {
        let response = provider.handle(&request.with("Cookie", &self.cookie), NOW);
        if let Some(cookie) = response.header("set-cookie") {
            self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        response
    }
}

pub fn member(response: &Response, name: &str) -> String {
    json(response)[name].as_str().unwrap_or_default().to_owned()
}
