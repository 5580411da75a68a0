//! hyper around the provider: sockets, framing, the real clock. What an answer says is decided elsewhere.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::oneshot;

use crate::desk::{Desk, Harm};
use crate::{Conduct, Config, Provider, Random, Request, Response, admin};

/// Larger bodies are answered with 413.
const BODY_LIMIT: usize = 1 << 20;
/// A client that takes longer to send its head is cut off.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// A provider with a bound socket that does not answer yet.
pub struct Listening {
    socket: TcpListener,
    provider: Arc<Provider>,
    watched: Option<Watched>,
}

/// A provider that a test acts on from outside.
#[derive(Clone)]
struct Watched {
    desk: Arc<Desk>,
    admin: bool,
}

impl Listening {
    /// Binds `host:port` (port 0 takes a free one); the issuer becomes the address that was bound.
    pub fn bind(host: &str, port: u16, mut config: Config, conduct: Conduct) -> std::io::Result<Self> {
        let socket = TcpListener::bind((host, port))?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        config.issuer = issuer(host, address);
        let provider = Arc::new(Provider::new(config, conduct, Random::os()));
        Ok(Self { socket, provider, watched: None })
    }

    /// Lets a desk act on it; `admin` opens the desk to this machine over HTTP.
    #[must_use]
    pub fn at(self, desk: Arc<Desk>, admin: bool) -> Self {
        Self { watched: Some(Watched { desk, admin }), ..self }
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.provider.config().issuer
    }
}

/// A running provider: ready when it is made, gone when it is dropped.
pub struct Server {
    issuer: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    /// Starts a provider on a free loopback port, on a thread of its own.
    pub fn start(config: Config, conduct: Conduct) -> std::io::Result<Self> {
        Self::start_on(1, config, conduct)
    }

    /// Starts a provider on a free loopback port that answers on so many threads.
    pub fn start_on(threads: usize, config: Config, conduct: Conduct) -> std::io::Result<Self> {
        Self::of(threads, Listening::bind("127.0.0.1", 0, config, conduct)?)
    }

    /// Starts a provider on a free loopback port that a desk acts on.
    pub(crate) fn start_at(
        threads: usize,
        config: Config,
        conduct: Conduct,
        desk: Arc<Desk>,
        admin: bool,
    ) -> std::io::Result<Self> {
        Self::of(threads, Listening::bind("127.0.0.1", 0, config, conduct)?.at(desk, admin))
    }

    fn of(threads: usize, listening: Listening) -> std::io::Result<Self> {
        let issuer = listening.issuer().to_owned();
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime(threads)?;
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = accept(listening) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self { issuer, stop: Some(stop), thread: Some(thread) })
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers until the process ends. One thread answers soonest, several answer most.
pub fn run(listening: Listening, threads: usize) -> std::io::Result<()> {
    runtime(threads)?.block_on(accept(listening))
}

fn runtime(threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = match threads {
        0 | 1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    if threads > 1 {
        builder.worker_threads(threads);
    }
    builder.enable_all().build()
}

/// A bad connection ends itself and no other.
async fn accept(listening: Listening) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listening.socket)?;
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of file descriptors, most likely: existing connections must end first.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (provider, watched) = (listening.provider.clone(), listening.watched.clone());
        tokio::spawn(async move {
            let here = peer.ip().is_loopback();
            let service = service_fn(|request| answer(provider.clone(), watched.clone(), here, request));
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .serve_connection(TokioIo::new(stream), service);
            let _ = connection.await;
        });
    }
}

/// The connection is closed without an answer, as a test asked for.
#[derive(Debug, thiserror::Error)]
#[error("dropped")]
struct Dropped;

async fn answer(
    provider: Arc<Provider>,
    watched: Option<Watched>,
    here: bool,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Dropped> {
    let (head, body) = request.into_parts();
    let response = match (Limited::new(body, BODY_LIMIT).collect().await, watched) {
        (Err(_), _) => Response { status: 413, ..Response::default() },
        (Ok(body), None) => provider.handle(&plain(&head, body.to_bytes()), now()),
        (Ok(body), Some(watched)) => watched.answer(&provider, plain(&head, body.to_bytes()), here).await?,
    };
    if response.stall_ms > 0 {
        tokio::time::sleep(Duration::from_millis(response.stall_ms)).await;
    }
    Ok(framed(response))
}

impl Watched {
    async fn answer(&self, provider: &Provider, request: Request, here: bool) -> Result<Response, Dropped> {
        if self.admin && here && request.path().starts_with(admin::PATH) {
            return Ok(admin::handle(&self.desk, &request));
        }
        let harm = self.desk.harm(&request);
        if let Some(Harm::Delay(pause)) = harm {
            tokio::time::sleep(pause).await;
        }
        if harm == Some(Harm::Drop) {
            self.desk.note(request, None);
            return Err(Dropped);
        }
        let answer = || provider.handle(&request, now() + self.desk.ahead_ms());
        let response = harm.and_then(|harm| harm.answer()).unwrap_or_else(answer);
        self.desk.note(request, Some(response.status));
        Ok(response)
    }
}

fn plain(head: &hyper::http::request::Parts, body: Bytes) -> Request {
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    Request {
        method: head.method.as_str().to_owned(),
        target: target.to_owned(),
        headers: headers.collect(),
        body: body.to_vec(),
    }
}

/// A field that HTTP cannot carry is left out: only a defect makes one.
fn framed(response: Response) -> hyper::Response<Full<Bytes>> {
    let mut framed = hyper::Response::new(Full::new(Bytes::from(response.body)));
    *framed.status_mut() =
        hyper::StatusCode::from_u16(response.status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        let name = hyper::header::HeaderName::from_bytes(name.as_bytes());
        let value = hyper::header::HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            framed.headers_mut().append(name, value);
        }
    }
    framed
}

fn issuer(host: &str, address: SocketAddr) -> String {
    let shown = match (host, address) {
        ("0.0.0.0" | "::", SocketAddr::V4(_)) => "127.0.0.1".into(),
        (_, SocketAddr::V6(address)) => format!("[{}]", address.ip()),
        (host, _) => host.to_owned(),
    };
    format!("http://{shown}:{}", address.port())
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_is_an_address_that_a_browser_on_this_machine_can_open() {
        for (host, address, wanted) in [
            ("0.0.0.0", "0.0.0.0:1", "http://127.0.0.1:1"),
            ("localhost", "127.0.0.1:2", "http://localhost:2"),
            ("::1", "[::1]:3", "http://[::1]:3"),
        ] {
            assert_eq!(issuer(host, address.parse().expect("an address")), wanted);
        }
    }
}
