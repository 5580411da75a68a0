//! One request of any bytes to one endpoint, after enough has happened there that a right request would be answered well.
//! Placeholders such as `{{code}}` stand for what was issued; the witness of the session judges all answers.

use reference_server::Request;

use super::session::{Session, filled};

/// The query, or behind a first `!` the body, of an authorization request in a browser that is logged in. What it leads to
/// is approved, and a code is redeemed with whatever the request said.
pub fn authorize_request(bytes: &[u8]) {
    let mut session = Session::new();
    session.log_in();
    let request = match bytes.strip_prefix(b"!") {
        Some(body) => Request { body: body.to_vec(), ..Request::post("/authorize", "") },
        None => Request::get(&format!("/authorize?{}", String::from_utf8_lossy(bytes))),
    };
    let request = session.with_cookie(request);
    session.send(request);
    session.approve();
    session.end();
}

/// The Authorization header (the first line) and the body of a token request.
pub fn token_request(bytes: &[u8]) {
    direct("/token", bytes);
}

/// The Authorization header (the first line) and the body of an introspection request.
pub fn introspect_request(bytes: &[u8]) {
    direct("/introspect", bytes);
}

/// The Authorization header (the first line) and the body of a revocation request.
pub fn revoke_request(bytes: &[u8]) {
    direct("/revoke", bytes);
}

fn direct(path: &str, bytes: &[u8]) {
    let mut session = Session::new();
    session.password_grant();
    if path == "/token" {
        session.code_grant();
    }
    let target = session.timely(path);
    let bytes = filled(bytes, session.found());
    let line = bytes.iter().position(|byte| *byte == b'\n');
    let (header, body) = line.map_or((&b""[..], &bytes[..]), |at| (&bytes[..at], &bytes[at + 1..]));
    let mut request = Request::post(&target, "");
    body.clone_into(&mut request.body);
    if !header.is_empty() {
        request.headers.push(("Authorization".into(), header.to_vec()));
    }
    session.send(request);
    session.end();
}
