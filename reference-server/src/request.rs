//! The plain request and response that [`Provider::handle`](crate::Provider::handle) takes and gives.
//!
//! Bytes in, bytes out; reading forms, queries and credentials lives here too, because RFC 6749 wants
//! doubled parameters seen and refused. No socket: `http.rs` turns these into HTTP.

/// One HTTP request as the provider sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method, upper case as sent.
    pub method: String,
    /// Origin-form request target: path and query, as sent on the wire, not decoded.
    pub target: String,
    /// Header fields in order, names as sent, values as bytes.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// One HTTP response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}
