//! What the witness keeps of a session: who is logged in, what was asked, and what was issued on which ground.

use reference_server::Config;

use super::reading::{Pairs, Seen};

/// A browser session.
#[derive(Clone, Debug)]
pub struct Browser {
    /// Who logged in.
    pub user: Option<String>,
    /// When it ends.
    pub ends: u64,
}

/// An authorization request, as it was sent.
#[derive(Clone, Debug)]
pub struct Ask {
    pub client: String,
    pub redirect_uri: Option<String>,
    pub state: Option<String>,
    pub response_type: String,
    pub scope: Vec<String>,
    /// The resource servers that tokens are to be for.
    pub servers: Vec<String>,
    /// The challenge, and whether it is the verifier itself.
    pub challenge: Option<(String, bool)>,
    pub classic: bool,
    /// Nothing in it was there twice or unreadable.
    pub clear: bool,
    /// Who is asked.
    pub user: Option<String>,
    /// The session that is asked.
    pub session: String,
}

/// An authorization code.
#[derive(Clone, Debug)]
pub struct Code {
    pub ask: Ask,
    pub ends: u64,
    pub family: usize,
    /// Whether it was redeemed.
    pub spent: bool,
}

/// Everything that comes from one approval.
#[derive(Clone, Debug)]
pub struct Family {
    pub client: String,
    pub user: Option<String>,
    pub scope: Vec<String>,
    pub servers: Vec<String>,
    pub access: Life,
    pub refresh: Life,
}

/// Whether something is good still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Life {
    Live,
    /// The specifications leave it open.
    Unclear,
    Dead,
}

/// A token.
#[derive(Clone, Debug)]
pub struct Token {
    pub family: usize,
    pub scope: Vec<String>,
    pub servers: Vec<String>,
    pub ends: u64,
    /// Withdrawn, or for a refresh token used up.
    pub life: Life,
}

impl Ask {
    /// What this request asks.
    pub fn of(seen: &Seen<'_>, config: &Config) -> Self {
        let asked = seen.asked();
        let classic = seen.path == "/oauth/authorize";
        let text = |name: &str| asked.get(name).map(str::to_owned);
        let plain = asked.get("code_challenge_method") != Some("S256");
        Self {
            client: text("client_id").unwrap_or_default(),
            redirect_uri: text("redirect_uri"),
            state: text("state"),
            response_type: text("response_type").unwrap_or(if classic { "code".into() } else { String::new() }),
            scope: words(asked, classic),
            servers: if classic { servers(config) } else { aim(asked, servers(config)) },
            challenge: text("code_challenge").filter(|_| !classic).map(|challenge| (challenge, plain)),
            classic,
            clear: asked.is_clear(),
            user: None,
            session: String::new(),
        }
    }
}

/// The resource servers that there are.
pub fn servers(config: &Config) -> Vec<String> {
    ["/resource", "/archive"].map(|path| server(config, path)).into()
}

/// The resource server at this path.
pub fn server(config: &Config, path: &str) -> String {
    format!("{}{path}", config.issuer)
}

/// The resource servers that are named, or all these.
pub fn aim(asked: &Pairs, all: Vec<String>) -> Vec<String> {
    let named: Vec<String> = asked.all("resource").filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if named.is_empty() { all } else { named }
}

/// The scope that is asked for; what the provider gives when none is, and in the classic dialect beside it.
fn words(asked: &Pairs, classic: bool) -> Vec<String> {
    let named = asked.get("scope").unwrap_or_default().split(' ').filter(|word| !word.is_empty());
    let mut words: Vec<String> = named.map(str::to_owned).collect();
    if words.is_empty() || classic {
        words.push("read".into());
    }
    words
}
