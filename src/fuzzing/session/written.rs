//! A session as text: requests as HTTP would write them (lines may end in `\n` alone), separated by a line that holds only
//! `---`. `{{code}}` and the like stand for what was issued; a part `+61` lets so many seconds pass.

use reference_server::Request;

use super::found::{Found, filled};
use super::run::Session;

/// Any text as a session, judged by the witness.
pub fn provider_request(bytes: &[u8]) {
    let mut session = Session::new();
    for part in split(bytes).into_iter().take(24) {
        match pause(part) {
            Some(seconds) => session.wait(seconds.into()),
            None => drop(session.send(read(&filled(part, session.found())))),
        }
    }
    session.end();
}

/// A request as a part of such a text, with placeholders for what was found before it.
pub fn written(request: &Request, found: &Found) -> String {
    let mut text = format!("{} {}\n", request.method, request.target);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value)));
    }
    text.push('\n');
    text.push_str(&String::from_utf8_lossy(&request.body));
    found.abstracted(&text)
}

/// One line and one request of the record of a finding.
pub fn shown((now, request, status): &(u64, Request, u16)) -> String {
    format!("--- at {now}, answered {status}\n{}\n", written(request, &Found::default()))
}

fn pause(part: &[u8]) -> Option<u32> {
    std::str::from_utf8(part.strip_prefix(b"+")?).ok()?.trim().parse().ok()
}

/// A request line, header fields, an empty line, a body. Whatever is missing is empty.
fn read(bytes: &[u8]) -> Request {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(bytes.len());
    let (head, body) = (&bytes[..end], bytes.get(end + 2..).unwrap_or_default());
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let (method, target) = lines.next().and_then(|line| line.split_once(' ')).unwrap_or(("GET", "/"));
    let fields = lines.filter_map(|line| line.split_once(':'));
    let headers = fields.map(|(name, value)| (name.to_owned().into(), value.trim().as_bytes().to_vec())).collect();
    Request { method: method.into(), target: target.into(), headers, body: body.to_vec(), cleartext: false }
}

const SEPARATOR: &[u8] = b"\n---\n";

fn split(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut parts, mut rest) = (Vec::new(), bytes);
    while let Some(at) = rest.windows(SEPARATOR.len()).position(|window| window == SEPARATOR) {
        parts.push(&rest[..at]);
        rest = &rest[at + SEPARATOR.len()..];
    }
    parts.push(rest);
    parts
}
