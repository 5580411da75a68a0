//! The bodies of the fuzz targets, hidden from the documentation. What they assert holds for any input; the targets
//! in `fuzz/` are one line each and the corpus replays under `cargo test`.

use crate::{Conduct, Config, Provider, Random, Request};

/// 2026-01-01, in Unix milliseconds.
const NOW: u64 = 1_767_225_600_000;

/// Several requests, separated by a line that holds only `---`, each as HTTP would write it (lines may end in `\n`
/// alone): the provider answers each below 500, and no header field can be split.
pub fn requests(bytes: &[u8]) {
    let provider = Provider::new(Config::default(), Conduct::default(), Random::seeded(1));
    for (index, part) in split(bytes, b"\n---\n").into_iter().take(8).enumerate() {
        let request = read(part);
        let response = provider.handle(&request, NOW + index as u64 * 1000);
        assert!((200..500).contains(&response.status), "{} for {request:?}", response.status);
        let torn = |(name, value): &(String, String)| name.contains(['\r', '\n']) || value.contains(['\r', '\n']);
        assert!(!response.headers.iter().any(torn), "{:?}", response.headers);
        well_formed(&request, &response);
    }
}

/// An error of the token endpoint is a JSON object with a code, and never comes with a token.
fn well_formed(request: &Request, response: &crate::Response) {
    if request.path() != "/token" || request.method != "POST" {
        return;
    }
    let body: serde_json::Value = serde_json::from_slice(&response.body).expect("the token endpoint speaks JSON");
    let has = |name: &str| body.get(name).is_some_and(serde_json::Value::is_string);
    assert!(has("error") != has("access_token"), "{body}");
    assert_eq!(has("access_token"), response.status == 200, "{body}");
}

/// A request line, header fields, an empty line, a body. Whatever is missing is empty.
fn read(bytes: &[u8]) -> Request {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(bytes.len());
    let (head, body) = (&bytes[..end], bytes.get(end + 2..).unwrap_or_default());
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let (method, target) = lines.next().and_then(|line| line.split_once(' ')).unwrap_or(("GET", "/"));
    let fields = lines.filter_map(|line| line.split_once(':'));
    let headers = fields.map(|(name, value)| (name.to_owned(), value.trim().as_bytes().to_vec())).collect();
    Request { method: method.into(), target: target.into(), headers, body: body.to_vec() }
}

fn split<'a>(bytes: &'a [u8], separator: &[u8]) -> Vec<&'a [u8]> {
    let (mut parts, mut rest) = (Vec::new(), bytes);
    while let Some(at) = rest.windows(separator.len()).position(|window| window == separator) {
        parts.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    parts.push(rest);
    parts
}
