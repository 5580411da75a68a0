//! TLS for exact bytes: the system's roots, no old versions.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;

/// The configuration that all raw connections share.
pub fn configuration() -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let verified = builder.and_then(|builder| builder.with_platform_verifier()).map_err(|error| error.to_string())?;
    Ok(Arc::new(verified.with_no_client_auth()))
}
