//! TLS in front of the provider, with a certificate made at the start and forgotten at the end. What a request may do
//! that came without TLS is decided elsewhere (`cleartext.rs`).

use std::io::{Cursor, Error, Result};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::{Conduct, Defect, flaws};

/// What ends TLS for one host.
pub struct Tls {
    acceptor: TlsAcceptor,
    authority: String,
    conduct: Conduct,
}

/// Something to talk over.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A connection in which TLS was agreed to.
pub type Connection = TlsStream<Box<dyn Stream>>;

impl Tls {
    /// For this host, a name or an address, with an authority and a certificate of its own.
    pub fn new(host: &str, conduct: Conduct) -> Result<Self> {
        let (chain, authority) = certificate(host, &conduct).map_err(Error::other)?;
        let versions = flaws::tls_versions(&conduct);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions);
        let builder = builder.map_err(Error::other)?.with_no_client_auth();
        let config = builder.with_single_cert(vec![chain.0], chain.1.into()).map_err(Error::other)?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), authority, conduct })
    }

    /// The certificate of the authority, in PEM: whoever trusts it trusts this provider.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Agrees on TLS over a stream, or says why that came to nothing.
    pub async fn accept(&self, stream: impl Stream + 'static) -> Result<Connection> {
        let mut stream: Box<dyn Stream> = Box::new(stream);
        if !flaws::reads_hellos(&self.conduct) {
            return self.acceptor.accept(stream).await;
        }
        let hello = record(&mut stream).await?;
        if let Some(answer) = flaws::careless_hello(&self.conduct, &hello) {
            stream.write_all(&answer).await?;
            stream.shutdown().await?;
            return Err(Error::other("it agreed to what nobody should agree to"));
        }
        let (reading, writing) = tokio::io::split(stream);
        let again = Box::new(tokio::io::join(Cursor::new(hello).chain(reading), writing));
        self.acceptor.accept(again as Box<dyn Stream>).await
    }
}

/// The first record of a connection, its head included; no more than a record can hold.
async fn record(stream: &mut Box<dyn Stream>) -> Result<Vec<u8>> {
    let mut record = vec![0; HEAD];
    stream.read_exact(&mut record).await?;
    record.resize(HEAD + usize::from(u16::from_be_bytes([record[3], record[4]])), 0);
    stream.read_exact(&mut record[HEAD..]).await?;
    Ok(record)
}

/// The head of a record: its type, its version, its length.
const HEAD: usize = 5;

type Chain = (rustls::pki_types::CertificateDer<'static>, PrivatePkcs8KeyDer<'static>);

/// A certificate for the host with its key, and the authority that signed it.
fn certificate(host: &str, conduct: &Conduct) -> std::result::Result<(Chain, String), rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "reference-server, for tests only");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let named = if conduct.breaks(Defect::CertificateNotValid) { "elsewhere.example" } else { host };
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([named.to_owned()])?.signed_by(&key, &authority)?;
    Ok(((certificate.der().clone(), key.serialize_der().into()), authority.pem()))
}
