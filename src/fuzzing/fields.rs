//! Header fields: credentials, cookies, challenges.

use reference_server::Request;

use super::session::{Session, filled};
use crate::judge::{challenges, written};

/// Any bytes as an Authorization header, in front of three endpoints. Only credentials that are exactly right give a token
/// or open the resource; the witness of the session decides which those are.
pub fn authorization_header(bytes: &[u8]) {
    let mut session = Session::new();
    session.password_grant();
    let signed = session.timely("/token");
    let value = filled(bytes, session.found());
    let with = |mut request: Request| {
        request.headers.push(("Authorization".into(), value.clone()));
        request
    };
    session.send(with(Request::post(&signed, "grant_type=client_credentials")));
    session.send(with(Request::get("/resource")));
    session.send(with(Request::post("/introspect", "token=x")));
    session.end();
}

/// Any bytes as a Cookie header. What is found stands there; a cookie in front of the rest wins, one behind it counts when
/// the rest has none; and no header logs in that does not hold the session.
pub fn cookie(bytes: &[u8]) {
    let read = |value: Vec<u8>| {
        let request = Request { headers: vec![("cookie".into(), value)], ..Request::default() };
        request.cookie("session").map(str::to_owned)
    };
    let found = read(bytes.to_vec());
    if let Some(value) = &found {
        let text = String::from_utf8_lossy(bytes);
        assert!(text.contains(&format!("session={value}")) && !value.contains(';'), "{value:?}");
    }
    let good = |wanted: Option<&str>| wanted.filter(|_| std::str::from_utf8(bytes).is_ok()).map(str::to_owned);
    assert_eq!(read([b"session=first; ", bytes].concat()), good(Some("first")));
    assert_eq!(read([bytes, b"; session=last"].concat()), good(found.as_deref().or(Some("last"))));
    let mut session = Session::new();
    session.log_in();
    let value = filled(bytes, session.found());
    let mut request = Request::get("/authorize?response_type=code&client_id=app&state=s");
    request.headers.push(("Cookie".into(), value));
    session.send(request);
    session.end();
}

/// Any lines as `WWW-Authenticate` fields. What was read survives being written in canonical form and read again, and the
/// canonical form is well-formed.
pub fn challenge(text: &str) {
    let read = challenges(text.lines());
    let canonical: Vec<String> = read.list.iter().map(written).collect();
    let again = challenges(canonical.iter().map(String::as_str));
    assert_eq!(again.list, read.list, "{canonical:?}");
    assert!(!again.malformed, "{canonical:?}");
    let doubled: Vec<&str> = text.lines().chain(text.lines()).collect();
    assert_eq!(challenges(doubled.into_iter()).list.len(), 2 * read.list.len());
}
