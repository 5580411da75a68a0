//! A certificate that proves nothing is noticed and let pass: what `insecure` means. Who holds its key is still checked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

/// Goes on where another one would not.
#[derive(Debug)]
pub struct Lenient {
    strict: Arc<dyn ServerCertVerifier>,
    noticed: AtomicBool,
}

impl Lenient {
    pub fn over(strict: Arc<dyn ServerCertVerifier>) -> Self {
        Self { strict, noticed: AtomicBool::default() }
    }

    /// Whether a certificate was let pass that proved nothing.
    pub fn noticed(&self) -> bool {
        self.noticed.load(Ordering::Relaxed)
    }
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.strict.verify_server_cert(certificate, intermediates, name, ocsp, now).is_err() {
            self.noticed.store(true, Ordering::Relaxed);
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}
