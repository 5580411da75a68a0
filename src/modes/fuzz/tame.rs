//! Whether a request is one that HTTP and the form encoding allow, so that the server itself has to answer it and no
//! parser in front of it may.

use crate::exchange::Request;

/// Longer addresses, fields and bodies may be refused before anybody reads them.
const LONG: usize = 2_000;
const LARGE: usize = 8_000;

/// A POST of one well-formed form of moderate length, with plain header fields.
pub fn is_tame(request: &Request) -> bool {
    let named = |name: &str| request.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).count();
    let form = request
        .headers
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("content-type") && value == "application/x-www-form-urlencoded");
    is_plain(request) && request.method == "POST" && form && named("content-type") == 1 && named("authorization") <= 1
}

/// Moderate lengths, plain header fields, well-formed query and body.
pub fn is_plain(request: &Request) -> bool {
    let plain = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let framing = ["host", "content-length", "transfer-encoding", "connection", "cookie"];
    let field = |(name, value): &(String, String)| {
        plain(name) && plain(value) && value.len() < LONG && !framing.contains(&name.to_ascii_lowercase().as_str())
    };
    let query = request.url.split_once('?').map_or("", |(_, query)| query);
    ["GET", "POST"].contains(&request.method.as_str())
        && request.url.len() < LONG
        && request.body.len() < LARGE
        && request.headers.iter().all(field)
        && is_well_formed(query)
        && std::str::from_utf8(&request.body).is_ok_and(is_well_formed)
}

/// Percent sequences are whole, and what they stand for is text without control characters.
fn is_well_formed(form: &str) -> bool {
    let whole = form.match_indices('%').all(|(at, _)| {
        form.get(at + 1..at + 3).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    });
    let decoded = percent_encoding::percent_decode_str(form).decode_utf8();
    whole && decoded.is_ok_and(|text| !text.contains(char::is_control))
}

/// URL, header fields and body as text, decoded once.
pub fn text_of(request: &Request) -> String {
    let fields: String = request.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{fields}{}", parameters_of(request))
}

/// URL and body. What a header field names as the server's own host no page of another site can set.
pub fn parameters_of(request: &Request) -> String {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    format!("{}\n{}", decoded(&request.url), decoded(&String::from_utf8_lossy(&request.body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Request {
        let headers = vec![("Content-Type".into(), "application/x-www-form-urlencoded".into())];
        Request {
            method: "POST".into(),
            url: "http://h/token".into(),
            headers,
            body: body.into(),
            ..Request::default()
        }
    }

    #[test]
    fn only_what_http_and_forms_allow_is_tame() {
        assert!(is_tame(&form("grant_type=x&scope=%C3%A9+a")));
        for body in ["a=%", "a=%zz", "a=%ff", "a=%00", "a=%0d%0a"] {
            assert!(!is_tame(&form(body)), "{body}");
        }
        assert!(!is_tame(&form(&"a".repeat(9_000))));
        assert!(!is_tame(&Request { method: "PUT".into(), ..form("a=b") }));
    }
}
