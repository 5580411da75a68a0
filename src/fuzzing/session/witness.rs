//! The witness sees every request and every answer of a session, keeps its own account of who proved what, and objects to an
//! answer that this account does not allow. It shares no code with the provider, only the configuration.
//!
//! What it knows: an answer is below 500 and not torn; errors are well-formed; nobody is asked for consent who did not log
//! in; an answer goes to a registered redirect URI of the client that asked, with its `state`; codes and tokens are given
//! for a credential that fits, and for no more resource servers than were named; what ended is refused, and what did not is good.

mod browser;
mod issuing;
mod registering;
mod using;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use reference_server::{Config, Request, Response};
use serde_json::Value;

use super::found::Found;
use super::kept::{Ask, Browser, Code, Family, Life, Token};
use super::reading::Seen;

/// Fine, or what is wrong.
pub type Testimony = Result<(), &'static str>;

/// What was seen so far.
pub struct Witness {
    /// The configuration, and in it the clients that registered themselves.
    config: Arc<Config>,
    browsers: HashMap<String, Browser>,
    asks: HashMap<String, Ask>,
    codes: HashMap<String, Code>,
    access: HashMap<String, Token>,
    refresh: HashMap<String, Token>,
    families: Vec<Family>,
    signatures: HashSet<String>,
    /// Everything that a request may refer to.
    pub found: Found,
}

impl Witness {
    /// Of a provider with this configuration.
    pub fn new(config: Arc<Config>) -> Self {
        let (browsers, asks, codes, access, refresh) = Default::default();
        let (families, signatures, found) = Default::default();
        Self { config, browsers, asks, codes, access, refresh, families, signatures, found }
    }

    /// Looks at an answer, and objects or keeps it.
    pub fn see(&mut self, request: &Request, response: &Response, now: u64) -> Testimony {
        let seen = Seen::of(request, response, now);
        in_one_piece(response)?;
        if response.status == 405 {
            return holds(response.header("allow").is_some(), "405 without Allow");
        }
        match seen.path {
            "/authorize" | "/oauth/authorize" | "/login" | "/consent" => self.browser(&seen),
            "/token" | "/oauth/token" => self.issuing(&seen),
            "/introspect" => self.introspection(&seen),
            "/revoke" => self.revocation(&seen),
            "/register" => self.registering(&seen),
            "/logout" => self.logout(&seen),
            "/resource" => self.resource(&seen, "/resource", if request.method == "POST" { "write" } else { "read" }),
            "/resource/write" => self.resource(&seen, "/resource", "write"),
            "/userinfo" => self.resource(&seen, "/resource", "read"),
            "/archive" => self.resource(&seen, "/archive", "read"),
            _ => holds(response.header("location").is_none(), "a redirect of an endpoint that has none"),
        }
    }

    /// The access tokens that were issued, the newest first, as many as a look at the end may try.
    pub fn access_tokens(&self) -> Vec<String> {
        (0..8).filter_map(|before| self.found.earlier("access_token", before).map(str::to_owned)).collect()
    }

    fn life_of(&self, token: &Token, refresh: bool) -> Life {
        let family = &self.families[token.family];
        token.life.max(if refresh { family.refresh } else { family.access })
    }
}

fn in_one_piece(response: &Response) -> Testimony {
    holds((200..500).contains(&response.status), "a status of the provider's own failure")?;
    let breaks = |text: &str| text.as_bytes().contains(&b'\r') || text.as_bytes().contains(&b'\n');
    holds(!response.headers.iter().any(|(name, value)| breaks(name) || breaks(value)), "a header field is torn")
}

/// An error of RFC 6749 section 5.2: a known code, words of its alphabet, out of caches, a challenge beside 401.
fn refusal(seen: &Seen<'_>, body: &Value) -> Testimony {
    let field = |name: &str| seen.response.header(name);
    let error = body.get("error").and_then(Value::as_str).ok_or("an error without a code")?;
    let words = body.get("error_description").map_or("", |words| words.as_str().unwrap_or("\""));
    let allowed = |letter: char| matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\');
    holds(CODES.contains(&error), "an error code that does not exist")?;
    holds(words.chars().all(allowed), "a description with characters that have no place there")?;
    holds(matches!(seen.response.status, 400 | 401 | 403 | 429 | 503), "a status that is no refusal")?;
    holds(field("cache-control").is_some_and(|value| value.contains("no-store")), "an error that caches may keep")?;
    holds(seen.response.status != 401 || field("www-authenticate").is_some(), "401 without a challenge")
}

const CODES: &[&str] = &[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_target",
    "invalid_client_metadata",
    "invalid_redirect_uri",
    "temporarily_unavailable",
];

fn holds(truth: bool, otherwise: &'static str) -> Testimony {
    if truth { Ok(()) } else { Err(otherwise) }
}
