//! A request and its answer as text, in the manner of `curl -v`: `>` was sent, `<` came back.

use super::plain::{cut, plain};
use crate::exchange::{Answer, Exchange, Response};

/// Longer bodies are cut.
const BODY_LIMIT: usize = 2 << 10;

/// Answer fields that matter to OAuth; `--verbose` shows the others as well.
const RELEVANT: &[&str] = &[
    "allow",
    "cache-control",
    "content-security-policy",
    "content-type",
    "dpop-nonce",
    "location",
    "pragma",
    "referrer-policy",
    "refresh",
    "retry-after",
    "set-cookie",
    "www-authenticate",
    "x-frame-options",
];

/// Request, answer and how long it took, line by line.
pub fn in_full(exchange: &Exchange, every_header: bool) -> String {
    let request = &exchange.request;
    let mut lines = vec![format!("> {} {}", plain(&request.method), plain(&request.url))];
    lines.extend(request.headers.iter().map(|field| format!("> {}", header(field))));
    lines.extend(body(">", &request.body));
    match &exchange.answer {
        Answer::Nothing(reason) => lines.push(format!("< no answer: {}", plain(reason))),
        Answer::Response(response) => lines.extend(answer(response, every_header, exchange.took_ms)),
    }
    lines.join("\n")
}

/// One line: what was asked and what came, without the query.
pub fn in_short(exchange: &Exchange) -> String {
    let target = exchange.request.url.split(['?', '#']).next().unwrap_or_default();
    line(exchange, target)
}

/// The same line with the query.
pub fn in_short_with_query(exchange: &Exchange) -> String {
    line(exchange, &exchange.request.url)
}

/// Whether it carries the parameters of an authorization request in its query.
pub fn asks_for_authorization(exchange: &Exchange) -> bool {
    let query = exchange.request.url.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "response_type" || name == "client_id")
}

fn line(exchange: &Exchange, target: &str) -> String {
    let came = match &exchange.answer {
        Answer::Response(response) => response.status.to_string(),
        Answer::Nothing(reason) => format!("no answer: {}", plain(reason)),
    };
    format!("{} {} → {came}", plain(&exchange.request.method), plain(target))
}

fn answer(response: &Response, every_header: bool, took_ms: u64) -> Vec<String> {
    let mut lines = vec![format!("< {} (after {took_ms} ms)", response.status)];
    let shown = response.headers.iter().filter(|(name, _)| every_header || RELEVANT.contains(&name.as_str()));
    lines.extend(shown.map(|field| format!("< {}", header(field))));
    lines.extend(body("<", &response.body));
    lines
}

fn header((name, value): &(String, String)) -> String {
    format!("{}: {}", plain(name), plain(value))
}

fn body(mark: &str, bytes: &[u8]) -> Vec<String> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(bytes);
    let (text, more) = cut(&text, BODY_LIMIT);
    let mut lines = vec![mark.to_owned()];
    lines.extend(text.lines().map(|line| format!("{mark} {}", plain(line))));
    lines.extend((more > 0).then(|| format!("{mark} … ({more} more bytes; --json has them)")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Request;

    #[test]
    fn a_body_is_cut_and_harmless() {
        let body = format!("\u{1b}[2J\r\n{}", "x".repeat(5000)).into_bytes();
        let response = Response { status: 200, headers: vec![("server".into(), "s".into())], body };
        let request = Request { method: "GET".into(), url: "http://a/".into(), ..Request::default() };
        let text = in_full(&Exchange { took_ms: 3, ..Exchange::of(request, Answer::Response(response)) }, false);
        assert!(text.starts_with("> GET http://a/\n< 200 (after 3 ms)\n<\n< \\u{1b}[2J\n< xxx"), "{text}");
        assert!(text.ends_with("x\n< … (2958 more bytes; --json has them)") && text.len() < 2300, "{text}");
    }
}
