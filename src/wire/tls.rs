//! TLS as the harness speaks it: whom it trusts, and no old versions.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_platform_verifier::Verifier;

/// Whose certificates prove something.
#[derive(Clone)]
pub struct Trust(Arc<dyn ServerCertVerifier>);

impl Trust {
    /// The system's roots, and this authority (PEM) if there is one.
    pub fn system(authority: Option<&str>) -> Result<Self, String> {
        let extra = authority.map(certificates).transpose()?.unwrap_or_default();
        let verifier = Verifier::new_with_extra_roots(extra, provider()).map_err(|error| error.to_string())?;
        Ok(Self(Arc::new(verifier)))
    }

    /// This authority (PEM) and nobody else.
    pub fn only(authority: &str) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates(authority)?);
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
        Ok(Self(verifier.map_err(|error| error.to_string())?))
    }

    /// A client that trusts them and speaks these versions.
    pub fn client(&self, versions: &[&'static SupportedProtocolVersion]) -> Result<Arc<ClientConfig>, String> {
        let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(versions);
        let builder = builder.map_err(|error| error.to_string())?.dangerous();
        // Not dangerous at all: both verifiers check chain, name and time.
        Ok(Arc::new(builder.with_custom_certificate_verifier(self.0.clone()).with_no_client_auth()))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// The certificates of a file in PEM; at least one.
pub fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let read = read.map_err(|error| error.to_string())?;
    if read.is_empty() { Err("there is no certificate in it".into()) } else { Ok(read) }
}
