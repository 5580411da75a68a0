//! Form bodies and queries: the provider's reading of parameters against that of two other readers.

use reference_server::{Params, Request};

use super::session::{NOW, ask, provider};

/// Any bytes as a form body. What the provider reads is what `form_urlencoded` reads, it survives being written and read
/// again, and what it sets aside cannot be read.
pub fn form_body(bytes: &[u8]) {
    let read = Params::parse(bytes);
    let other: Vec<_> = form_urlencoded::parse(bytes).collect();
    assert_eq!(read.pairs().len() + read.malformed().len(), other.len(), "a pair was lost");
    assert_eq!(read.malformed().is_empty(), is_readable(bytes), "{read:?}");
    if read.malformed().is_empty() {
        assert_eq!(read.pairs(), other);
    }
    let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(read.pairs()).finish();
    assert_eq!(Params::parse(written.as_bytes()).pairs(), read.pairs(), "{written}");
    let doubled = |name: &str| name != "resource" && read.pairs().iter().filter(|(known, _)| known == name).count() > 1;
    assert_eq!(read.repeated().is_some(), read.pairs().iter().any(|(name, _)| doubled(name)));
}

/// Any text as a request target. Path and query are its two parts, a browser's URL reader finds the same parameters, and
/// endpoints that want a form take nothing from there.
pub fn query(text: &str) {
    let request = Request::get(text);
    let (path, query) = (request.path(), request.query());
    assert!(text == path || text == format!("{path}?{query}"), "{path:?} {query:?}");
    let read = request.query_params();
    if read.malformed().is_empty() && !query.contains(|letter: char| letter.is_control() || letter == '#') {
        let url = url::Url::parse(&format!("http://h/?{}", query.trim_end())).expect("any query is good");
        let other: Vec<_> = url.query_pairs().collect();
        let trimmed = Params::parse(query.trim_end().as_bytes());
        assert_eq!(trimmed.pairs(), other);
    }
    let provider = provider();
    for path in ["/token", "/introspect", "/revoke"] {
        let response = ask(&provider, &Request::post(&format!("{path}?{query}"), ""), NOW);
        assert!(matches!(response.status, 400 | 401), "{} from the query at {path}", response.status);
    }
    let response = ask(&provider, &Request::get(&format!("/resource?{query}")), NOW);
    assert_eq!(response.status, 401, "a token from the query");
}

/// Every escape has two hexadecimal digits, and what comes out is UTF-8.
pub fn is_readable(bytes: &[u8]) -> bool {
    if !bytes.contains(&b'%') {
        return std::str::from_utf8(bytes).is_ok();
    }
    let escapes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    let whole = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit));
    escapes.into_iter().all(|(at, _)| whole(at)) && percent_encoding::percent_decode(bytes).decode_utf8().is_ok()
}
