//! The provider behind TLS of a certain kind: which protocols it agrees on, under which name, whether it wants a certificate.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reference_server::{Conduct, Config, Provider, Random, Request};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// What is agreed on, under which name, and whether only those come in who have a certificate of the authority.
pub struct Manner {
    pub name: &'static str,
    pub protocols: &'static [&'static [u8]],
    pub wants_certificate: bool,
}

pub const H2: &[&[u8]] = &[b"h2"];
pub const EITHER: &[&[u8]] = &[b"h2", b"http/1.1"];

/// A running one, gone when it is dropped.
pub struct Front {
    pub address: SocketAddr,
    pub issuer: String,
    /// The authority in PEM.
    pub authority: String,
    /// A certificate for clients with its key, in PEM.
    pub client: (String, String),
    spoken: Arc<Mutex<Vec<String>>>,
    runtime: Option<Runtime>,
}

type Authority = CertifiedIssuer<'static, KeyPair>;

impl Front {
    pub fn start(manner: Manner) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let client = signed(&authority, "a client");
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        let local = manner.name == "127.0.0.1";
        let issuer = if local { format!("https://{address}") } else { format!("https://{}", manner.name) };
        let acceptor = TlsAcceptor::from(Arc::new(config(&manner, &authority)));
        let config = Config { issuer: issuer.clone(), ..Config::default() };
        let provider = Arc::new(Provider::new(config, Conduct::default(), Random::os()));
        let spoken = Arc::<Mutex<Vec<String>>>::default();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.spawn(accept(socket, acceptor, provider, spoken.clone()));
        let authority = authority.pem();
        Self { address, issuer, authority, client, spoken, runtime: Some(runtime) }
    }

    /// The protocols that were agreed on so far, without repetition.
    pub fn spoken(&self) -> Vec<String> {
        let mut all = self.spoken.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all.sort();
        all.dedup();
        all
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

/// A certificate for this name and its key, in PEM.
fn signed(authority: &Authority, name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(if name.contains(' ') { vec![] } else { vec![name.to_owned()] }).unwrap();
    (params.signed_by(&key, authority).unwrap().pem(), key.serialize_pem())
}

fn config(manner: &Manner, authority: &Authority) -> ServerConfig {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let (certificate, key) = signed(authority, manner.name);
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let builder = match manner.wants_certificate {
        true => builder.with_client_cert_verifier(verifier),
        false => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = manner.protocols.iter().map(|name| name.to_vec()).collect();
    config
}

async fn accept(
    socket: std::net::TcpListener,
    acceptor: TlsAcceptor,
    provider: Arc<Provider>,
    spoken: Arc<Mutex<Vec<String>>>,
) {
    let listener = TcpListener::from_std(socket).unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, acceptor.clone(), provider.clone(), spoken.clone()));
    }
}

async fn converse(stream: TcpStream, acceptor: TlsAcceptor, provider: Arc<Provider>, spoken: Arc<Mutex<Vec<String>>>) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let protocol = stream.get_ref().1.alpn_protocol().unwrap_or(b"none").to_vec();
    spoken.lock().unwrap_or_else(PoisonError::into_inner).push(String::from_utf8_lossy(&protocol).into_owned());
    let service = service_fn(move |request| answer(provider.clone(), request));
    let stream = TokioIo::new(stream);
    // A client that hangs up ends its own connection and nothing else.
    if protocol == b"h2" {
        drop(hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await);
    } else {
        drop(hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await);
    }
}

async fn answer(
    provider: Arc<Provider>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned().into(), value.as_bytes().to_vec()));
    let request = Request {
        method: head.method.as_str().to_owned(),
        target: head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers: headers.collect(),
        body: body.collect().await?.to_bytes().to_vec(),
        ..Request::default()
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let response = provider.handle(&request, u64::try_from(now).unwrap());
    let mut framed = hyper::Response::builder().status(response.status);
    for (name, value) in response.headers {
        framed = framed.header(&*name, &*value);
    }
    Ok(framed.body(Full::new(Bytes::from(response.body))).unwrap())
}
