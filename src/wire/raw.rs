//! Requests byte for byte, each over a connection of its own: what a client library would tidy up, and races.
//! Connections are not reused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::exchange::{Exchange, Request, Response};

use super::proxy::{Proxies, Proxy};
use super::tls::{self, Trust};
use super::{finish, incoming, words, written};

/// Opens connections.
pub struct Raw {
    timeout: Duration,
    tls: Arc<ClientConfig>,
    proxies: Proxies,
}

/// Bytes both ways, with TLS or without.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// An open connection.
pub type Connection = Box<dyn Stream>;

impl Raw {
    pub fn new(timeout_ms: u64, trust: &Trust, proxies: Proxies) -> Result<Self, String> {
        let timeout = Duration::from_millis(timeout_ms);
        Ok(Self { timeout, tls: Arc::new(trust.client(tls::EXACT)?), proxies })
    }

    /// How long an answer may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The proxy on the way to a URL.
    pub fn proxy(&self, url: &str) -> Option<String> {
        self.proxies.before(url).map(Proxy::name)
    }

    pub async fn send(&self, request: &Request) -> Exchange {
        let started = Instant::now();
        let attempt = async {
            let bytes = written::bytes(request)?;
            let mut connection = self.open(&request.url).await?;
            let sent = write(&mut connection, &bytes).await;
            answer(connection, sent, request).await
        };
        finish(request, self.bounded(attempt).await, started)
    }

    /// Opens all connections, sends all but the last byte of each request, then the last bytes back to back.
    pub async fn together(&self, requests: &[Request]) -> Vec<Exchange> {
        let prepare = |request| self.bounded(self.prepare(request));
        let ready = join_all(requests.iter().map(prepare)).await;
        let started = Instant::now();
        let release = |prepared| self.bounded(release(prepared));
        let released = join_all(ready.into_iter().map(release)).await;
        let answers = released.into_iter().zip(requests);
        let answers = answers.map(|(connection, request)| async move {
            let attempt = async { answer(connection?, Ok(()), request).await };
            finish(request, self.bounded(attempt).await, started)
        });
        join_all(answers).await
    }

    /// A connection that waits for the last byte of its request.
    async fn prepare(&self, request: &Request) -> Result<(Connection, u8), String> {
        let bytes = written::bytes(request)?;
        let (last, rest) = bytes.split_last().ok_or("an empty request")?;
        let mut connection = self.open(&request.url).await?;
        write(&mut connection, rest).await?;
        Ok((connection, *last))
    }

    /// A connection without TLS, and the host that it leads to.
    pub async fn connect(&self, url: &str) -> Result<(TcpStream, String), String> {
        let proxy = self.proxies.before(url);
        let url = url::Url::parse(url).map_err(|error| error.to_string())?;
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().unwrap_or(80);
        let tcp = match proxy {
            Some(proxy) => proxy.tunnel(&host, port).await?,
            None => TcpStream::connect((host.as_str(), port)).await.map_err(words)?,
        };
        tcp.set_nodelay(true).map_err(words)?;
        Ok((tcp, host))
    }

    /// Opens a connection to the host of a URL.
    pub async fn open(&self, url: &str) -> Result<Connection, String> {
        let (tcp, host) = self.connect(url).await?;
        if !url.starts_with("https:") {
            return Ok(Box::new(tcp));
        }
        let name = ServerName::try_from(host).map_err(|error| error.to_string())?;
        let connector = tokio_rustls::TlsConnector::from(self.tls.clone());
        Ok(Box::new(connector.connect(name, tcp).await.map_err(|error| tls::words(&error))?))
    }

    /// Work that takes no longer than an answer may.
    pub async fn bounded<T>(&self, work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
        let late = |_| Err("no answer in time".into());
        tokio::time::timeout(self.timeout, work).await.unwrap_or_else(late)
    }
}

async fn release(prepared: Result<(Connection, u8), String>) -> Result<Connection, String> {
    let (mut connection, last) = prepared?;
    write(&mut connection, &[last]).await?;
    Ok(connection)
}

/// Sends bytes over an open connection.
pub async fn write(connection: &mut Connection, bytes: &[u8]) -> Result<(), String> {
    connection.write_all(bytes).await.map_err(words)?;
    connection.flush().await.map_err(words)
}

/// A target may answer before it has read the whole request, so a failed write is not yet the end.
async fn answer(connection: Connection, sent: Result<(), String>, request: &Request) -> Result<Response, String> {
    let answer = incoming::read(connection, &request.method).await;
    answer.map_err(|reason| sent.err().unwrap_or(reason))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[tokio::test]
    async fn a_racer_holds_back_the_last_byte_until_it_is_released() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let raw = Raw::new(1_000, &Trust::of(&crate::target::Tls::default()).unwrap(), Proxies::default()).unwrap();
        let request = Request {
            method: "GET".into(),
            url: format!("http://{}/race", listener.local_addr().unwrap()),
            ..Request::default()
        };
        let whole = written::bytes(&request).unwrap();
        let prepared = raw.prepare(&request).await;
        let mut server = listener.accept().unwrap().0;
        let mut seen = vec![0; whole.len() - 1];
        server.read_exact(&mut seen).unwrap();
        assert_eq!(seen, whole[..whole.len() - 1]);
        server.set_nonblocking(true).unwrap();
        assert!(server.read(&mut [0]).is_err(), "nothing more has come");
        let connection = release(prepared).await.unwrap();
        server.set_nonblocking(false).unwrap();
        server.read_exact(&mut seen[..1]).unwrap();
        assert_eq!(seen[0], whole[whole.len() - 1]);
        drop(connection);
    }
}
