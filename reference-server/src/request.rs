//! The plain request and response that [`Provider::handle`](crate::Provider::handle) takes and gives.
//!
//! Bytes in, bytes out; finding headers, cookies and parameters in them lives here too. No socket:
//! `http.rs` turns these into HTTP. What a parameter means is not known here.

use std::borrow::Cow;

use crate::params::Params;

/// One HTTP request as the provider sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method, upper case as sent.
    pub method: String,
    /// Origin-form request target: path and query, as sent on the wire, not decoded.
    pub target: String,
    /// Header fields in order, names as sent, values as bytes.
    pub headers: Vec<(Cow<'static, str>, Vec<u8>)>,
    /// The body, whole.
    pub body: Vec<u8>,
    /// Whether it came without TLS although the issuer has it.
    pub cleartext: bool,
}

/// One HTTP response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header fields in order.
    pub headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    /// The body.
    pub body: Vec<u8>,
    /// Milliseconds that a broken provider takes for it; a healthy one takes none worth telling.
    pub stall_ms: u64,
}

impl Request {
    /// A GET of this target, without header or body.
    pub fn get(target: &str) -> Self {
        Self { method: "GET".into(), target: target.into(), ..Self::default() }
    }

    /// A POST of this form-encoded body.
    pub fn post(target: &str, form: &str) -> Self {
        let request = Self { method: "POST".into(), target: target.into(), ..Self::default() };
        Self { body: form.into(), ..request }.with("Content-Type", "application/x-www-form-urlencoded")
    }

    /// The same request with one more header field.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned().into(), value.into()));
        self
    }

    /// The path of the target, without its query.
    pub fn path(&self) -> &str {
        self.parts().0
    }

    /// The query of the target as sent; empty when there is none.
    pub fn query(&self) -> &str {
        self.parts().1
    }

    /// Path and query. The search of the standard library is made for longer texts.
    fn parts(&self) -> (&str, &str) {
        match self.target.bytes().position(|byte| byte == b'?') {
            Some(at) => (&self.target[..at], &self.target[at + 1..]),
            None => (&self.target, ""),
        }
    }

    /// The parameters in the query.
    pub fn query_params(&self) -> Params<'_> {
        Params::parse(self.query().as_bytes())
    }

    /// The parameters in the body, or `None` when the media type says that it is no form.
    pub fn form(&self) -> Option<Params<'_>> {
        self.is_form().then(|| Params::parse(&self.body))
    }

    /// Whether exactly one Content-Type says that the body is a form.
    pub fn is_form(&self) -> bool {
        let mut types = self.headers_named("content-type");
        let (Some(value), None) = (types.next(), types.next()) else {
            return false;
        };
        let essence = value.split(|byte| *byte == b';').next().unwrap_or_default();
        essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    }

    /// The first header field of this name, whatever its letter case.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers_named(name).next()
    }

    /// Every header field of this name, in order.
    pub fn headers_named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// The value of the first cookie of this name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let fields = self.headers_named("cookie").filter_map(|value| std::str::from_utf8(value).ok());
        let mut pairs = fields.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
    }
}

impl Response {
    /// A response without header or body.
    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// A JSON document.
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::document(status, value)
    }

    /// The same of anything that is written as JSON; what cannot be is left empty.
    pub(crate) fn document(status: u16, value: &impl serde::Serialize) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_default();
        Self { status, body, headers: Vec::with_capacity(4), ..Self::default() }
            .with("Content-Type", "application/json")
    }

    /// An HTML page.
    pub fn html(status: u16, page: String) -> Self {
        Self { status, body: page.into(), ..Self::default() }.with("Content-Type", "text/html; charset=utf-8")
    }

    /// The same response with one more header field. Line breaks cannot pass: they would split the response.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Self {
        let value = match value.into() {
            Cow::Owned(made) if !made.bytes().all(|byte| matches!(byte, b' '..=b'~')) => {
                made.chars().filter(|letter| !letter.is_control()).collect()
            }
            fixed_or_fine => fixed_or_fine,
        };
        self.headers.push((name.into(), value));
        self
    }

    /// The same response without any header field of this name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
        self
    }

    /// The same response, kept out of every cache.
    #[must_use]
    pub fn uncached(self) -> Self {
        self.with("Cache-Control", "no-store").with("Pragma", "no-cache")
    }

    /// The first header field of this name, whatever its letter case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_cannot_bring_another_one() {
        let field =
            |value: &str| Response::default().with("Location", value.to_owned()).header("location").map(str::to_owned);
        assert_eq!(field("/cb?x=1").as_deref(), Some("/cb?x=1"));
        assert_eq!(field("/\u{e9}\r\nSet-Cookie: a=b\u{7f}").as_deref(), Some("/\u{e9}Set-Cookie: a=b"));
    }
}
