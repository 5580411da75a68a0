//! Servers that misbehave in one way each, for tests: loopback, a free port, stopped on drop.
//! They know nothing of OAuth; a test that needs more than a manner gives a function of its own.
#![allow(dead_code)] // each test uses its part

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a server says to everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// 400 and an OAuth error.
    BadRequest,
    /// 401 and a challenge.
    Unauthorized,
    /// 429.
    TooManyRequests,
    /// 500.
    InternalError,
    /// 200 without a body.
    Empty,
    /// 200 and a login page.
    LoginPage,
    /// Bytes that are no HTTP.
    Garbage,
    /// Nothing, until the client gives up.
    Silence,
    /// Closes the connection after the request.
    Closed,
    /// 200 and a body without an end.
    EndlessBody,
    /// 200, and now and then a byte of a head that never ends.
    SlowBytes,
    /// 302 to itself.
    RedirectLoop,
}

impl Manner {
    /// All of them.
    pub const ALL: [Manner; 12] = [
        Manner::BadRequest,
        Manner::Unauthorized,
        Manner::TooManyRequests,
        Manner::InternalError,
        Manner::Empty,
        Manner::LoginPage,
        Manner::Garbage,
        Manner::Silence,
        Manner::Closed,
        Manner::EndlessBody,
        Manner::SlowBytes,
        Manner::RedirectLoop,
    ];

    /// Those that give an HTTP answer.
    pub fn answers(self) -> bool {
        use Manner::{Closed, Garbage, Silence, SlowBytes};
        !matches!(self, Garbage | Silence | Closed | SlowBytes)
    }
}

/// A running server.
pub struct Stub {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    asked: Mutex<Vec<String>>,
}

impl Stub {
    /// A server of this manner.
    pub fn of(manner: Manner) -> Self {
        Self::serving(move |_, stream, stopped| behave(manner, stream, stopped))
    }

    /// A server that gives these bytes for each request (head and body as text).
    pub fn answering(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::serving(move |request, stream, _| drop(stream.write_all(&answer(request))))
    }

    /// The same, but where there are no bytes nothing comes until the client gives up.
    pub fn answering_or_silent(answer: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self::serving(move |request, stream, _| match answer(request) {
            Some(bytes) => drop(stream.write_all(&bytes)),
            None => until_closed(stream),
        })
    }

    fn serving(serve: impl Fn(&str, &mut TcpStream, &AtomicBool) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared::default());
        let (serve, inner) = (Arc::new(serve), shared.clone());
        let accepting = std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                if inner.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (serve, inner) = (serve.clone(), inner.clone());
                std::thread::spawn(move || {
                    let request = request(&mut stream);
                    let asked = inner.asked.lock();
                    asked.unwrap_or_else(PoisonError::into_inner).push(request.clone());
                    serve(&request, &mut stream, &inner.stopped);
                });
            }
        });
        Self { address, shared, accepting: Some(accepting) }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An address on it.
    pub fn url(&self, target: &str) -> String {
        format!("{}{target}", self.origin())
    }

    /// The requests that came so far, head and body as text.
    pub fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(accepting)) = (woken, self.accepting.take()) {
            drop(accepting.join());
        }
    }
}

/// An HTTP/1.1 answer that ends the connection.
pub fn http(status: &str, fields: &[(&str, &str)], body: &str) -> Vec<u8> {
    let fields: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nConnection: close\r\n{fields}Content-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// A page.
pub fn page(body: &str) -> Vec<u8> {
    http("200 OK", &[("Content-Type", "text/html; charset=utf-8")], body)
}

/// A redirect.
pub fn found(location: &str) -> Vec<u8> {
    http("302 Found", &[("Location", location)], "")
}

/// A login page like many.
pub const LOGIN: &str = "<!doctype html><title>Log in</title><h1>Log in</h1><form method=post>\
<input type=hidden name=csrf value=0123456789abcdef><input name=username><input name=password type=password>\
<button>Log in</button></form>";

fn behave(manner: Manner, stream: &mut TcpStream, stopped: &AtomicBool) {
    let json = [("Content-Type", "application/json"), ("Cache-Control", "no-store")];
    let basic = [("Content-Type", "application/json"), ("WWW-Authenticate", "Basic realm=\"x\"")];
    let whole = match manner {
        Manner::BadRequest => http("400 Bad Request", &json, "{\"error\":\"invalid_request\"}"),
        Manner::Unauthorized => http("401 Unauthorized", &basic, "{\"error\":\"invalid_client\"}"),
        Manner::TooManyRequests => http("429 Too Many Requests", &[], ""),
        Manner::InternalError => http("500 Internal Server Error", &[], "oops"),
        Manner::Empty => http("200 OK", &[], ""),
        Manner::LoginPage => page(LOGIN),
        Manner::Garbage => b"\x16\x03\x01\x00\xff no HTTP at all\r\n\r\n".to_vec(),
        Manner::RedirectLoop => found("?again"),
        Manner::Closed => Vec::new(),
        Manner::Silence => return until_closed(stream),
        Manner::EndlessBody => return flood(stream, stopped),
        Manner::SlowBytes => return drip(stream, stopped),
    };
    drop(stream.write_all(&whole));
}

/// Head and, by its `Content-Length`, body.
fn request(stream: &mut TcpStream) -> String {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    while missing(&bytes) {
        match stream.read(&mut chunk) {
            Ok(count @ 1..) => bytes.extend_from_slice(&chunk[..count]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn missing(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return true;
    };
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    bytes.len() < end + 4 + length.unwrap_or(0)
}

fn until_closed(stream: &mut TcpStream) {
    while stream.read(&mut [0; 64]).is_ok_and(|count| count > 0) {}
}

fn flood(stream: &mut TcpStream, stopped: &AtomicBool) {
    let mut written = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
    while written.is_ok() && !stopped.load(Ordering::Relaxed) {
        written = stream.write_all(&[b'a'; 4096]);
    }
}

fn drip(stream: &mut TcpStream, stopped: &AtomicBool) {
    let mut written = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ");
    while written.is_ok() && !stopped.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(10));
        written = stream.write_all(b"a");
    }
}
