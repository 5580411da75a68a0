//! TLS as the harness speaks it: whom it trusts, who it says it is, and no old versions.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_platform_verifier::Verifier;

use super::lenient::Lenient;
use crate::target::{Identity, Tls};

/// What is agreed on over TLS: HTTP/1.1 alone where bytes count and for a load, either where a library speaks.
pub const EXACT: &[&[u8]] = &[b"http/1.1"];
pub const EITHER: &[&[u8]] = &[b"h2", b"http/1.1"];

/// Whose certificates prove something, and with which one the harness proves itself.
#[derive(Clone)]
pub struct Trust {
    verifier: Arc<dyn ServerCertVerifier>,
    identity: Option<Own>,
    insecure: bool,
}

/// A chain of certificates and the key of the first one.
type Own = (Vec<CertificateDer<'static>>, Arc<PrivateKeyDer<'static>>);

impl Trust {
    /// As a target file says: the system's roots, its authority if it names one, and its certificate for clients.
    pub fn of(tls: &Tls) -> Result<Self, String> {
        let extra = tls.authority.as_deref().map(certificates).transpose()?.unwrap_or_default();
        let verifier = Verifier::new_with_extra_roots(extra, provider()).map_err(|error| error.to_string())?;
        let identity = tls.identity.as_ref().map(own).transpose()?;
        Ok(Self { verifier: Arc::new(verifier), identity, insecure: tls.insecure })
    }

    /// This authority (PEM) and nobody else.
    pub fn only(authority: &str) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates(authority)?);
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
        let verifier = verifier.map_err(|error| error.to_string())?;
        Ok(Self { verifier, identity: None, insecure: false })
    }

    /// Whether a certificate that proves nothing is put up with.
    pub fn is_insecure(&self) -> bool {
        self.insecure
    }

    /// A client that trusts them and agrees on one of these protocols.
    pub fn client(&self, protocols: &[&[u8]]) -> Result<ClientConfig, String> {
        let mut config = self.observed(rustls::ALL_VERSIONS)?.0;
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(config)
    }

    /// A client that speaks these versions, and where it goes on with a certificate that proves nothing: who noticed.
    pub fn observed(
        &self,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<(ClientConfig, Option<Arc<Lenient>>), String> {
        let lenient = self.insecure.then(|| Arc::new(Lenient::over(self.verifier.clone())));
        let verifier: Arc<dyn ServerCertVerifier> = match &lenient {
            Some(lenient) => lenient.clone(),
            None => self.verifier.clone(),
        };
        let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(versions);
        let builder = builder.map_err(|error| error.to_string())?.dangerous();
        // Dangerous only where the target file or the command line says so: the others check chain, name and time.
        let builder = builder.with_custom_certificate_verifier(verifier);
        let config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => builder
                .with_client_auth_cert(chain.clone(), key.clone_key())
                .map_err(|error| format!("the certificate for clients cannot be used: {error}"))?,
        };
        Ok((config, lenient))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn own(identity: &Identity) -> Result<Own, String> {
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes());
    let key = key.map_err(|error| format!("the key of the certificate for clients cannot be read: {error}"))?;
    Ok((certificates(&identity.certificate)?, Arc::new(key)))
}

/// Why no connection came about.
pub fn words(error: &std::io::Error) -> String {
    use rustls::{AlertDescription, Error};
    match error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()) {
        Some(Error::NoApplicationProtocol | Error::AlertReceived(AlertDescription::NoApplicationProtocol)) => {
            "the server speaks no HTTP/1.1, over which exact bytes, races and loads travel".into()
        }
        _ => error.to_string(),
    }
}

/// The certificates of a file in PEM; at least one.
pub fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let read = read.map_err(|error| error.to_string())?;
    if read.is_empty() { Err("there is no certificate in it".into()) } else { Ok(read) }
}
