//! hyper around the provider: sockets, framing, the real clock. What an answer says is decided elsewhere.

mod message;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;

use crate::desk::Desk;
use crate::tls::{Stream, Tls};
use crate::watched::{Dropped, Watched};
use crate::{Conduct, Config, Provider, Random, Request, Response};

use message::{framed, plain, whole};

/// A client that sends no whole head in this time, or in twice this time when the last answer was in it, is cut off.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// A provider with a bound socket that does not answer yet.
pub struct Listening {
    socket: TcpListener,
    cleartext: Option<TcpListener>,
    door: Door,
}

/// What a connection meets.
#[derive(Clone)]
struct Door {
    provider: Arc<Provider>,
    tls: Option<Arc<Tls>>,
    /// Whether requests come without TLS to a provider that has it.
    cleartext: bool,
    /// Who acts on the provider from outside.
    watched: Option<Watched>,
    /// Whether the other end is this machine.
    here: bool,
}

impl Listening {
    /// Binds `host:port` (port 0 takes a free one); the issuer becomes the address that was bound.
    pub fn bind(host: &str, port: u16, mut config: Config, conduct: Conduct) -> std::io::Result<Self> {
        let socket = bind(host, port)?;
        config.issuer = issuer("http", host, socket.local_addr()?);
        let provider = Arc::new(Provider::new(config, conduct, Random::os()));
        Ok(Self { socket, cleartext: None, door: Door::of(provider, None) })
    }

    /// Lets a desk act on it; `admin` opens the desk to this machine over HTTP.
    #[must_use]
    pub fn at(mut self, desk: Arc<Desk>, admin: bool) -> Self {
        self.door.watched = Some(Watched { desk, admin });
        self
    }

    /// The same with TLS, and with another port that is there to show that nothing is served without it.
    pub fn bind_tls(
        host: &str,
        port: u16,
        cleartext: Option<u16>,
        mut config: Config,
        conduct: Conduct,
    ) -> std::io::Result<Self> {
        let socket = bind(host, port)?;
        config.issuer = issuer("https", host, socket.local_addr()?);
        let named = config.issuer.trim_start_matches("https://").rsplit_once(':').map_or(host, |(named, _)| named);
        let tls = Some(Arc::new(Tls::new(named.trim_matches(['[', ']']), conduct.clone())?));
        let cleartext = cleartext.map(|port| bind(host, port)).transpose()?;
        let provider = Arc::new(Provider::new(config, conduct, Random::os()));
        Ok(Self { socket, cleartext, door: Door::of(provider, tls) })
    }

    /// The address of the port without TLS, when there is one beside TLS.
    pub fn cleartext(&self) -> Option<SocketAddr> {
        self.cleartext.as_ref()?.local_addr().ok()
    }

    /// The certificate of the authority in PEM, when there is TLS.
    pub fn authority(&self) -> Option<&str> {
        self.door.tls.as_ref().map(|tls| tls.authority())
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.door.provider.config().issuer
    }
}

fn bind(host: &str, port: u16) -> std::io::Result<TcpListener> {
    let socket = TcpListener::bind((host, port))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

impl Door {
    fn of(provider: Arc<Provider>, tls: Option<Arc<Tls>>) -> Self {
        Self { provider, tls, cleartext: false, watched: None, here: false }
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
        Self::serve(threads, Listening::bind("127.0.0.1", 0, config, conduct)?)
    }

    /// Starts a provider on a free loopback port that a desk acts on.
    pub(crate) fn start_at(
        threads: usize,
        config: Config,
        conduct: Conduct,
        desk: Arc<Desk>,
        admin: bool,
    ) -> std::io::Result<Self> {
        Self::serve(threads, Listening::bind("127.0.0.1", 0, config, conduct)?.at(desk, admin))
    }

    /// Answers on what is bound, on so many threads.
    pub fn serve(threads: usize, listening: Listening) -> std::io::Result<Self> {
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

/// How many threads answer best when those who ask are on the same machine: half of its cores, and the others ask.
pub fn usual_threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2))
}

/// Answers until the process ends.
pub fn run(listening: Listening, threads: usize) -> std::io::Result<()> {
    runtime(threads)?.block_on(accept(listening))
}

fn runtime(threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    match threads {
        0 | 1 => tokio::runtime::Builder::new_current_thread().enable_all().build(),
        _ => tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build(),
    }
}

async fn accept(listening: Listening) -> std::io::Result<()> {
    let Listening { socket, cleartext, door } = listening;
    let beside = Door { tls: None, cleartext: true, ..door.clone() };
    let beside = async {
        match cleartext {
            Some(socket) => accept_on(socket, beside).await,
            None => Ok(()),
        }
    };
    tokio::try_join!(accept_on(socket, door), beside).map(|_| ())
}

/// A bad connection ends itself and no other.
async fn accept_on(socket: TcpListener, door: Door) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(socket)?;
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of file descriptors, most likely: existing connections must end first.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let door = Door { here: peer.ip().is_loopback(), ..door.clone() };
        tokio::spawn(async move {
            match door.tls.clone() {
                None => converse(stream, door).await,
                Some(tls) => {
                    // A stream that stops in the middle of the handshake must not stay for ever.
                    if let Ok(Ok(stream)) = tokio::time::timeout(HEAD_TIMEOUT, tls.accept(stream)).await {
                        converse(stream, door).await;
                    }
                }
            }
        });
    }
}

async fn converse(stream: impl Stream + 'static, door: Door) {
    let steps = AtomicU64::new(0);
    let service = service_fn(|request| counted(&steps, answer(&door, request)));
    // Half a close is no close: looking out for one takes another buffer with each request that has a body. Answers are
    // small: to write one piece costs less than to write two.
    let connection =
        http1::Builder::new().half_close(true).writev(false).serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = connection => {}
        () = idle(&steps) => {}
    }
}

/// Counts when an answer is begun and when it is done: the number is odd in between.
async fn counted<T>(steps: &AtomicU64, answer: impl Future<Output = T>) -> T {
    steps.fetch_add(1, Ordering::Relaxed);
    let answer = answer.await;
    steps.fetch_add(1, Ordering::Relaxed);
    answer
}

/// Ends when nothing was asked for a whole period, be it that no head came or none that has an end. A timer for each
/// request would cost as much as the store.
async fn idle(steps: &AtomicU64) {
    loop {
        let before = steps.load(Ordering::Relaxed);
        tokio::time::sleep(HEAD_TIMEOUT).await;
        if before.is_multiple_of(2) && steps.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

async fn answer(door: &Door, request: hyper::Request<Incoming>) -> Result<hyper::Response<Full<Bytes>>, Dropped> {
    let (head, body) = request.into_parts();
    let response = match whole(body).await {
        Some(body) => {
            let request = Request { cleartext: door.cleartext, ..plain(&head, body) };
            match &door.watched {
                None => door.provider.handle(&request, now()),
                Some(watched) => watched.answer(&door.provider, request, now(), door.here).await?,
            }
        }
        None => Response { status: 413, ..Response::default() },
    };
    stall(response.stall_ms).await;
    Ok(framed(response))
}

/// Only a defect makes an answer wait; the others do without a timer.
async fn stall(millis: u64) {
    if millis != 0 {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

fn issuer(scheme: &str, host: &str, address: SocketAddr) -> String {
    let shown = match (host, address) {
        ("0.0.0.0", SocketAddr::V4(_)) => "127.0.0.1".into(),
        (_, SocketAddr::V6(address)) if address.ip().is_unspecified() => "[::1]".into(),
        (_, SocketAddr::V6(address)) => format!("[{}]", address.ip()),
        (host, _) => host.to_owned(),
    };
    format!("{scheme}://{shown}:{}", address.port())
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
            ("::", "[::]:4", "http://[::1]:4"),
            ("2001:db8::1", "[2001:db8::1]:5", "http://[2001:db8::1]:5"),
        ] {
            assert_eq!(issuer("http", host, address.parse().expect("an address")), wanted);
        }
    }

    #[test]
    fn it_answers_on_as_many_threads_as_it_is_told() {
        use tokio::runtime::RuntimeFlavor::{CurrentThread, MultiThread};
        for (threads, flavor, workers) in
            [(0, CurrentThread, 1), (1, CurrentThread, 1), (2, MultiThread, 2), (7, MultiThread, 7)]
        {
            let runtime = runtime(threads).expect("a runtime");
            let handle = runtime.handle();
            assert_eq!((handle.runtime_flavor(), handle.metrics().num_workers()), (flavor, workers), "{threads}");
        }
    }

    /// On a clock that stands still while there is something to do.
    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_when_nothing_was_asked_for_a_whole_period() {
        let begun = tokio::time::Instant::now();
        let steps = AtomicU64::new(0);
        idle(&steps).await;
        assert_eq!(begun.elapsed(), HEAD_TIMEOUT, "no request came");
        let asking = async {
            for _ in 0..3 {
                tokio::time::sleep(HEAD_TIMEOUT / 2).await;
                counted(&steps, async {}).await;
            }
            counted(&steps, tokio::time::sleep(5 * HEAD_TIMEOUT)).await;
            steps.load(Ordering::Relaxed)
        };
        tokio::select! {
            counted = asking => assert_eq!(counted, 8),
            () = idle(&steps) => panic!("it was asked, or it was answering"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_waits_as_long_as_a_defect_says() {
        for millis in [0, 1, 3000] {
            let begun = tokio::time::Instant::now();
            stall(millis).await;
            assert_eq!(begun.elapsed(), Duration::from_millis(millis));
        }
    }
}
