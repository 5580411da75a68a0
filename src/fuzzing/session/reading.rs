//! A request and its answer as the witness reads them. Nothing of the provider's own reading is used here.

use reference_server::{Request, Response};

use crate::fuzzing::parameters::is_readable;

/// One request and its answer.
pub struct Seen<'a> {
    /// As it was sent.
    pub request: &'a Request,
    /// As it came.
    pub response: &'a Response,
    /// Unix milliseconds.
    pub now: u64,
    /// The endpoint, classic spellings brought to one.
    pub path: &'a str,
    /// The query.
    pub query: Pairs,
    /// The body.
    pub form: Pairs,
}

/// Parameters in order.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    pairs: Vec<(String, String)>,
    readable: bool,
}

impl<'a> Seen<'a> {
    /// Reads both.
    pub fn of(request: &'a Request, response: &'a Response, now: u64) -> Self {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let (query, form) = (Pairs::read(query.as_bytes()), Pairs::read(&request.body));
        Self { request, response, now, path: endpoint(path), query, form }
    }

    /// What an authorization endpoint reads: the query, or the body of a POST.
    pub fn asked(&self) -> &Pairs {
        if self.request.method == "POST" { &self.form } else { &self.query }
    }

    /// The only Authorization field.
    pub fn authorization(&self) -> Option<&'a str> {
        let mut fields = self.fields("authorization");
        let first = fields.next().filter(|_| fields.next().is_none())?;
        std::str::from_utf8(first).ok()
    }

    /// Every field of the request with this name.
    pub fn fields(&self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let named = self.request.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_slice())
    }

    /// Whether the only media type of the request is that of a form.
    pub fn says_form(&self) -> bool {
        let mut types = self.fields("content-type").map(|kind| kind.split(|byte| *byte == b';').next().unwrap_or(kind));
        let first = types.next().filter(|_| types.next().is_none());
        first.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded"))
    }

    /// The session cookies of the request.
    pub fn sessions(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let fields = self.fields("cookie").filter_map(|value| std::str::from_utf8(value).ok());
        fields.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().strip_prefix("session="))
    }

    /// The session that the answer begins.
    pub fn new_session(&self) -> Option<&'a str> {
        self.response.header("set-cookie")?.strip_prefix("session=")?.split(';').next()
    }

    /// The body of the answer, if it is a page.
    pub fn page(&self) -> Option<&'a str> {
        let html = self.response.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        std::str::from_utf8(&self.response.body).ok().filter(|_| html)
    }
}

fn endpoint(path: &str) -> &str {
    let bare = path.strip_suffix('/').unwrap_or(path);
    let bare = bare.strip_suffix("/v1").unwrap_or(bare);
    if bare.starts_with("/oauth/") { bare } else { path }
}

impl Pairs {
    /// Reads a query or a form.
    pub fn read(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::of(Vec::new());
        }
        Self { pairs: form_urlencoded::parse(bytes).into_owned().collect(), readable: is_readable(bytes) }
    }

    /// From pairs that were read otherwise.
    pub fn of(pairs: Vec<(String, String)>) -> Self {
        Self { pairs, readable: true }
    }

    /// The first value of this name that is not empty, if the first is not.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next().filter(|value| !value.is_empty())
    }

    /// Every value of this name.
    pub fn all<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// No name but `resource` twice, nothing that cannot be decoded.
    pub fn is_clear(&self) -> bool {
        let names = self.pairs.iter().map(|(name, _)| name.as_str());
        let mut names: Vec<&str> = names.filter(|name| *name != "resource").collect();
        names.sort_unstable();
        self.readable && names.windows(2).all(|pair| pair[0] != pair[1])
    }
}
