//! A request as bytes, and whether it takes these exact bytes to say it. Connections are not opened here.

use reqwest::header::{HeaderName, HeaderValue};
use url::Url;

use crate::exchange::Request;

use super::AGENT;

/// Whether a client library would change, refuse or complete this request on its way.
pub fn wanted(request: &Request) -> bool {
    rewritten(&request.url) || odd_method(request) || request.headers.iter().any(odd_field) || doubled(&request.headers)
}

/// The request on the wire. Everything goes as it is; only what would end a line too early is refused.
pub fn bytes(request: &Request) -> Result<Vec<u8>, String> {
    let (authority, target) = split(&request.url);
    if target.contains([' ', '\r', '\n']) {
        return Err("a space or a line end in the URL would end the request line; encode it".into());
    }
    if request.method.is_empty() || request.method.contains([' ', '\r', '\n']) {
        return Err(format!("`{:?}` is no method", request.method));
    }
    let mut head = format!("{} {target} HTTP/1.1\r\n", request.method);
    for (name, value) in added(request, authority).iter().chain(&request.headers) {
        if name.contains(['\r', '\n']) || value.contains(['\r', '\n']) {
            return Err(format!("a line end in the header field {name:?}"));
        }
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    Ok([head.as_bytes(), &request.body].concat())
}

/// The fields that every request needs and this one does not give.
fn added(request: &Request, authority: &str) -> Vec<(String, String)> {
    let given = |name: &str| names(&request.headers).any(|known| known == name);
    let host = authority.rsplit('@').next().unwrap_or_default();
    let mut added = vec![("Host", host.to_owned()), ("Connection", "close".into())];
    added.extend([("User-Agent", AGENT.into()), ("Accept", "*/*".into())]);
    let has_body = !request.body.is_empty() || request.method == "POST";
    if has_body && !given("transfer-encoding") {
        added.push(("Content-Length", request.body.len().to_string()));
    }
    added.retain(|(name, _)| !given(&name.to_ascii_lowercase()));
    let owned = added.into_iter();
    owned.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Authority and origin-form target of an absolute URL, as they stand.
pub fn split(url: &str) -> (&str, String) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (authority, target) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let target = target.split('#').next().unwrap_or_default();
    let slash = if target.starts_with('/') { "" } else { "/" };
    (authority, format!("{slash}{target}"))
}

/// The host of a URL, without port and brackets.
pub fn host(url: &str) -> String {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    host.trim_matches(['[', ']']).to_owned()
}

fn rewritten(url: &str) -> bool {
    let odd = |letter: char| !letter.is_ascii_graphic() || "\"<>\\^`{|}".contains(letter);
    let plain = |parsed: Url| parsed.as_str() == url && parsed.username().is_empty();
    url.contains(odd) || !Url::parse(url).is_ok_and(plain)
}

/// Bodies where libraries expect none, and the method that means a tunnel to them.
fn odd_method(request: &Request) -> bool {
    let bodiless = ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"];
    let carries = !request.body.is_empty() && bodiless.contains(&request.method.as_str());
    carries || request.method == "CONNECT"
}

fn odd_field((name, value): &(String, String)) -> bool {
    let framing = ["host", "connection", "content-length", "transfer-encoding"];
    framing.contains(&name.to_ascii_lowercase().as_str())
        || HeaderName::from_bytes(name.as_bytes()).is_err()
        || HeaderValue::from_bytes(value.as_bytes()).is_err()
}

fn doubled(headers: &[(String, String)]) -> bool {
    let mut names: Vec<String> = names(headers).collect();
    names.sort();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

fn names(headers: &[(String, String)]) -> impl Iterator<Item = String> {
    headers.iter().map(|(name, _)| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(url: &str) -> Request {
        Request { method: "GET".into(), url: url.into(), ..Request::default() }
    }

    fn with(mut request: Request, fields: &[(&str, &str)]) -> Request {
        let fields = fields.iter();
        request.headers = fields.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        request
    }

    #[test]
    fn ordinary_requests_need_no_exact_bytes() {
        for url in [
            "http://127.0.0.1:4000/authorize?scope=a+b&redirect_uri=https%3A%2F%2Fapp.example%2Fcb",
            "https://as.example/",
        ] {
            assert!(!wanted(&get(url)), "{url}");
        }
        let fields = [("Authorization", "Basic YTpi"), ("X-Name", "Zoë")];
        assert!(!wanted(&with(get("https://as.example/"), &fields)));
    }

    #[test]
    fn whatever_a_library_would_tidy_up_goes_byte_for_byte() {
        for url in [
            "https://as.example/a/../token",
            "https://as.example/%2e%2e/token",
            "https://as.example/a\\b",
            "https://AS.example/",
            "https://as.example:443/",
            "https://user@as.example/",
            "https://as.example/?q={a}|b",
            "https://as.example/?q=é",
            "https://as.example/?q=\0",
        ] {
            assert!(wanted(&get(url)), "{url}");
        }
        let plain = || get("https://as.example/token");
        let doubled = [("Authorization", "Basic YTpi"), ("authorization", "Bearer x")];
        assert!(wanted(&with(plain(), &doubled)));
        assert!(wanted(&with(plain(), &[("X", "a\u{1}b")])));
        assert!(wanted(&with(plain(), &[("Host", "evil.example")])));
        let body = b"a=1".to_vec();
        assert!(wanted(&Request { body, ..plain() }));
    }

    #[test]
    fn url_fields_and_body_are_written_as_they_stand() {
        let mut request = with(get("http://h:1/a/../b?x=%zz\\#f"), &[("X-Odd", "\u{1}")]);
        request.body = b"\x00\xff".to_vec();
        let written = bytes(&request).unwrap();
        let text = String::from_utf8_lossy(&written);
        assert!(text.starts_with("GET /a/../b?x=%zz\\ HTTP/1.1\r\nHost: h:1\r\n"), "{text}");
        assert!(text.contains("X-Odd: \u{1}\r\n") && text.contains("Content-Length: 2\r\n"));
        assert!(written.ends_with(b"\r\n\r\n\x00\xff"));
    }

    #[test]
    fn what_is_given_is_not_added() {
        let given = [("host", "other.example"), ("Content-Length", "7")];
        let post = Request { method: "POST".into(), ..with(get("http://h/t"), &given) };
        let text = String::from_utf8(bytes(&post).unwrap()).unwrap();
        assert!(text.contains("host: other.example") && text.contains("Content-Length: 7"));
        assert_eq!(text.to_lowercase().matches("host:").count(), 1, "{text}");
        assert_eq!(text.matches("Content-Length").count(), 1, "{text}");
    }

    #[test]
    fn line_ends_cannot_smuggle_a_second_request() {
        assert!(bytes(&get("http://h/a b")).is_err());
        assert!(bytes(&get("http://h/a\r\nX: y")).is_err());
        assert!(bytes(&with(get("http://h/"), &[("X", "a\r\nY: b")])).is_err());
        let method = "GET / HTTP/1.1\r\n".into();
        assert!(bytes(&Request { method, ..get("http://h/") }).is_err());
    }
}
