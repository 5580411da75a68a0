//! Servers that misbehave in one way each, for tests: loopback, a free port, stopped on drop.
//! They know nothing of OAuth; a test that needs more than a manner gives a function of its own.
#![allow(dead_code)] // each test uses its part

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
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
    /// 302 to a file of the machine.
    RedirectToFile,
    /// 200 and ten thousand header fields.
    ManyFields,
    /// 200 and a small body that says it unpacks to a huge one.
    PackedBody,
    /// 200 and JSON with bytes that are no UTF-8, and NUL.
    BrokenText,
    /// 200 and JSON a hundred thousand deep.
    DeepJson,
    /// 200 and a form of a thousand fields.
    HugeForm,
    /// 200 and fields that contradict each other.
    Contradiction,
    /// 200, and the connection ends in the middle of the body.
    HalfBody,
    /// Two answers to one request.
    TwoAnswers,
    /// A page and fields full of terminal control sequences.
    ControlSequences,
}

impl Manner {
    /// All of them.
    pub const ALL: [Manner; 22] = [
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
        Manner::RedirectToFile,
        Manner::ManyFields,
        Manner::PackedBody,
        Manner::BrokenText,
        Manner::DeepJson,
        Manner::HugeForm,
        Manner::Contradiction,
        Manner::HalfBody,
        Manner::TwoAnswers,
        Manner::ControlSequences,
    ];

    /// Those that give an HTTP answer.
    pub fn answers(self) -> bool {
        use Manner::{Closed, Contradiction, Garbage, HalfBody, ManyFields, Silence, SlowBytes};
        !matches!(self, Garbage | Silence | Closed | SlowBytes | ManyFields | Contradiction | HalfBody)
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
        Manner::RedirectToFile => found("file:///etc/passwd"),
        Manner::ManyFields => http("200 OK", &[("X-Field", "a"); 10_000], ""),
        Manner::PackedBody => PACKED.clone(),
        Manner::BrokenText => with_body("application/json", b"{\"error\":\"\xff\xfe\0\",\"access_token\":\"\xc3\x28\"}"),
        Manner::DeepJson => http("200 OK", &json, &"[".repeat(100_000)),
        Manner::HugeForm => page(&format!("<form method=post>{}<button>Go</button></form>", "<input name=user value=x>".repeat(1_000))),
        Manner::Contradiction => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 40\r\nContent-Type: text/html\r\nContent-Type: application/json\r\n\r\n{}".to_vec(),
        Manner::HalfBody => b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"access".to_vec(),
        Manner::TwoAnswers => [alive("{}"), alive("{\"access_token\":\"of-somebody-else\",\"token_type\":\"Bearer\"}")].concat(),
        Manner::ControlSequences => http("400 Bad Request", &[("X-A", "\u{9b}31m\u{202e}"), ("Content-Type", "text/html")], "\u{1b}[31m<title>\u{202e}\u{1b}c</title>\r\n\u{9b}1m"),
        Manner::Closed => Vec::new(),
        Manner::Silence => return until_closed(stream),
        Manner::EndlessBody => return flood(stream, stopped),
        Manner::SlowBytes => return drip(stream, stopped),
    };
    drop(stream.write_all(&whole));
}

/// An answer whose body is no text.
fn with_body(kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// 64 MiB of zeros, packed a thousandfold.
static PACKED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    (0..64).for_each(|_| drop(encoder.write_all(&[0; 1 << 20])));
    let body = encoder.finish().unwrap_or_default();
    let head = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
});

/// An answer after which the connection stays open.
fn alive(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
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
