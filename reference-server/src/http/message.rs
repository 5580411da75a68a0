//! Requests and answers between hyper's types and the provider's, copied as little as can be.

use std::borrow::Cow;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue,
    InvalidHeaderName, PRAGMA, USER_AGENT,
};

use crate::{Request, Response};

/// Larger bodies are answered with 413.
const BODY_LIMIT: usize = 1 << 20;

/// A body as it arrives, unless it is too large or breaks off.
pub async fn whole(mut body: Incoming) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else { break };
        if let Ok(data) = frame.ok()?.into_data() {
            whole.extend_from_slice(&data);
        }
        if whole.len() > BODY_LIMIT {
            return None;
        }
    }
    Some(whole)
}

/// A request as the provider takes it.
pub fn plain(head: &hyper::http::request::Parts, body: Vec<u8>) -> Request {
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let headers = head.headers.iter().map(|(name, value)| (spelled(name), value.as_bytes().to_vec()));
    Request {
        method: head.method.as_str().to_owned(),
        target: target.to_owned(),
        headers: headers.collect(),
        body,
        ..Request::default()
    }
}

/// The names of every token request need not be copied.
fn spelled(name: &HeaderName) -> Cow<'static, str> {
    match *name {
        ACCEPT => "accept".into(),
        AUTHORIZATION => "authorization".into(),
        CONTENT_LENGTH => "content-length".into(),
        CONTENT_TYPE => "content-type".into(),
        HOST => "host".into(),
        USER_AGENT => "user-agent".into(),
        _ => name.as_str().to_owned().into(),
    }
}

/// A field that HTTP cannot carry is left out: only a defect makes one.
pub fn framed(response: Response) -> hyper::Response<Full<Bytes>> {
    let mut framed = hyper::Response::new(Full::new(Bytes::from(response.body)));
    *framed.status_mut() =
        hyper::StatusCode::from_u16(response.status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        let name = field_name(&name);
        let value = match value {
            Cow::Borrowed(fixed) => Bytes::from_static(fixed.as_bytes()),
            Cow::Owned(made) => made.into(),
        };
        let value = HeaderValue::from_maybe_shared(value);
        if let (Ok(name), Ok(value)) = (name, value) {
            framed.headers_mut().append(name, value);
        }
    }
    framed
}

/// The names of every token answer need not be looked for.
fn field_name(name: &str) -> Result<HeaderName, InvalidHeaderName> {
    match name {
        "Content-Type" => Ok(CONTENT_TYPE),
        "Cache-Control" => Ok(CACHE_CONTROL),
        "Pragma" => Ok(PRAGMA),
        _ => name.parse(),
    }
}
