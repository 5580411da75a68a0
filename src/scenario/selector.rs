//! Selectors: the name of a value of an answer, `json.access_token`, `redirect.query.code`.

use std::fmt;

use thiserror::Error;

/// One value of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// The endpoint's name.
    Endpoint,
    /// The request's method.
    Method,
    /// The status code.
    Status,
    /// Whether the request was refused and nothing issued.
    Refused,
    /// Whether an answer came.
    Answered,
    /// Whether the user was asked.
    Asked,
    /// Milliseconds.
    Took,
    /// The body as text.
    Body,
    /// A header field, lower case.
    Header(String),
    /// A parameter (`*`: the names of all) of the challenges of a scheme; both lower case.
    Challenge(String, String),
    /// Whether the challenges keep to the grammar.
    ChallengesParse,
    /// A JSON member, or a pointer that starts with `/`.
    Json(String),
    /// A header parameter of the JWT in a JSON member or a parameter of the redirect.
    JwtHeader(String, String),
    /// A claim of the JWT in a JSON member or a parameter of the redirect.
    JwtClaim(String, String),
    /// `to`, `url`, `via`, `host`, `raw_query`, `raw_fragment`.
    Redirect(String),
    /// A parameter in the redirect's query.
    RedirectQuery(String),
    /// A parameter in the redirect's fragment.
    RedirectFragment(String),
    /// A parameter wherever it was delivered.
    RedirectParam(String),
    /// A cookie that is set; `*` is each.
    Cookie(String),
    /// A property of the page.
    Page(String),
    /// `agreed`, `suite`, `trusted`: what came of a handshake.
    Tls(String),
    /// A captured value.
    Captured(String),
}

/// A selector that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` selects nothing; a selector is status, refused, answered, asked, took, body, header.NAME, challenge.SCHEME.PARAMETER, challenges_parse, json.NAME, jwt.MEMBER.claims.NAME, redirect.to, redirect.query.NAME, redirect.fragment.NAME, redirect.param.NAME, cookie.NAME, page.NAME, tls.NAME or captured.NAME"
)]
pub struct SelectorError(String);

impl Selector {
    /// Reads a selector.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let wrong = || SelectorError(text.to_owned());
        let (root, rest) = text.split_once('.').unwrap_or((text, ""));
        let named = |of: fn(String) -> Selector| if rest.is_empty() { Err(wrong()) } else { Ok(of(rest.to_owned())) };
        match (root, rest) {
            ("endpoint", "") => Ok(Self::Endpoint),
            ("method", "") => Ok(Self::Method),
            ("status", "") => Ok(Self::Status),
            ("refused", "") => Ok(Self::Refused),
            ("answered", "") => Ok(Self::Answered),
            ("asked", "") => Ok(Self::Asked),
            ("took", "") => Ok(Self::Took),
            ("body", "") => Ok(Self::Body),
            ("header", _) => named(|name| Self::Header(name.to_ascii_lowercase())),
            ("challenges_parse", "") => Ok(Self::ChallengesParse),
            ("challenge", _) => challenge(rest).ok_or_else(wrong),
            ("json", _) => named(Self::Json),
            ("cookie", _) => named(Self::Cookie),
            ("page", _) if PAGE.contains(&rest) => named(Self::Page),
            ("tls", _) if TLS.contains(&rest) => named(Self::Tls),
            ("captured", _) => named(Self::Captured),
            ("redirect", _) => redirect(rest).ok_or_else(wrong),
            ("jwt", _) => jwt(rest).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

/// The properties of a page.
const PAGE: &[&str] =
    &["text", "title", "html", "login", "consent", "forms", "elements", "actions", "scripts", "foreign"];

/// What is known of a handshake.
const TLS: &[&str] = &["agreed", "suite", "trusted"];

fn redirect(rest: &str) -> Option<Selector> {
    match rest.split_once('.') {
        Some(("query", name)) => Some(Selector::RedirectQuery(name.into())),
        Some(("fragment", name)) => Some(Selector::RedirectFragment(name.into())),
        Some(("param", name)) => Some(Selector::RedirectParam(name.into())),
        Some(_) => None,
        None => ["to", "url", "via", "host", "raw_query", "raw_fragment"]
            .contains(&rest)
            .then(|| Selector::Redirect(rest.into())),
    }
}

fn challenge(rest: &str) -> Option<Selector> {
    let (scheme, name) = rest.split_once('.').filter(|(scheme, name)| !scheme.is_empty() && !name.is_empty())?;
    Some(Selector::Challenge(scheme.to_ascii_lowercase(), name.to_ascii_lowercase()))
}

fn jwt(rest: &str) -> Option<Selector> {
    let (member, rest) = rest.split_once('.')?;
    match rest.split_once('.')? {
        ("header", name) => Some(Selector::JwtHeader(member.into(), name.into())),
        ("claims", name) => Some(Selector::JwtClaim(member.into(), name.into())),
        _ => None,
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint => formatter.write_str("endpoint"),
            Self::Method => formatter.write_str("method"),
            Self::Status => formatter.write_str("status"),
            Self::Refused => formatter.write_str("refused"),
            Self::Answered => formatter.write_str("answered"),
            Self::Asked => formatter.write_str("asked"),
            Self::Took => formatter.write_str("took"),
            Self::Body => formatter.write_str("body"),
            Self::Header(name) => write!(formatter, "header.{name}"),
            Self::Challenge(scheme, name) => write!(formatter, "challenge.{scheme}.{name}"),
            Self::ChallengesParse => formatter.write_str("challenges_parse"),
            Self::Json(name) => write!(formatter, "json.{name}"),
            Self::JwtHeader(member, name) => write!(formatter, "jwt.{member}.header.{name}"),
            Self::JwtClaim(member, name) => write!(formatter, "jwt.{member}.claims.{name}"),
            Self::Redirect(name) => write!(formatter, "redirect.{name}"),
            Self::RedirectQuery(name) => write!(formatter, "redirect.query.{name}"),
            Self::RedirectFragment(name) => write!(formatter, "redirect.fragment.{name}"),
            Self::RedirectParam(name) => write!(formatter, "redirect.param.{name}"),
            Self::Cookie(name) => write!(formatter, "cookie.{name}"),
            Self::Page(name) => write!(formatter, "page.{name}"),
            Self::Tls(name) => write!(formatter, "tls.{name}"),
            Self::Captured(name) => write!(formatter, "captured.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_read_and_written_alike() {
        for text in [
            "status",
            "header.cache-control",
            "challenge.bearer.error",
            "challenge.bearer.*",
            "challenges_parse",
            "json./a/b",
            "jwt.access_token.claims.jti",
            "redirect.to",
            "redirect.query.code",
            "page.login",
            "tls.agreed",
        ] {
            assert_eq!(Selector::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_selects_nothing_is_an_error() {
        for text in [
            "",
            "status.x",
            "json.",
            "redirect.nowhere",
            "jwt.a.b",
            "challenge.bearer",
            "page.titel",
            "tls.x",
            "teapot.x",
        ] {
            assert!(Selector::parse(text).is_err(), "{text}");
        }
    }
}
