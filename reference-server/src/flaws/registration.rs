//! Broken promises of the registration endpoint, and of redirect URIs that it should not have registered.

use data_encoding::HEXLOWER;
use serde_json::Value;

use crate::config::Client;
use crate::{Defect, Provider, Request, Response, params};

/// The answer on its way out.
pub fn registration_response(provider: &Provider, response: Response) -> Response {
    match provider.breaks(Defect::RegistrationResponseCacheable) {
        true => response.without("Cache-Control").without("Pragma"),
        false => response,
    }
}

/// An identifier that is taken, or that the client chose.
pub fn odd_client_id(provider: &Provider, request: &Request) -> Option<String> {
    if provider.breaks(Defect::RegistrationReusesClientId) {
        return Some("registered".into());
    }
    let broken = provider.breaks(Defect::ClientChoosesOwnClientId);
    let chosen = || serde_json::from_slice::<Value>(&request.body).ok()?["client_id"].as_str().map(str::to_owned);
    broken.then(chosen).flatten()
}

/// A secret that is no secret.
pub fn poor_secret(provider: &Provider, client: &Client) -> Option<String> {
    if client.native && native_as_confidential(provider) {
        return Some("the-secret-in-every-copy-of-the-app".into());
    }
    provider.breaks(Defect::ClientSecretLowEntropy).then(|| HEXLOWER.encode(&provider.random.bytes::<6>()))
}

/// Whether native clients are given a secret, which is the same for all.
pub fn native_as_confidential(provider: &Provider) -> bool {
    provider.breaks_any(&[Defect::NativeClientRegisteredAsConfidential, Defect::NativeClientGetsSharedSecret])
}

/// A secret for a client that has no use for it.
pub fn needless_secret(provider: &Provider) -> Option<String> {
    provider.breaks(Defect::DcrPublicClientGetsSecret).then(|| provider.random.value())
}

/// Whether this is the path of the registration endpoint in another spelling, where that endpoint is switched off.
pub fn registers_all_the_same(provider: &Provider, path: &str) -> bool {
    let decoded = params::decode(path.as_bytes()).unwrap_or_default().to_ascii_lowercase();
    let spelt_alike = decoded.split('/').filter(|part| !matches!(*part, "" | ".")).eq(["register"]);
    provider.breaks(Defect::SwitchedOffPathComparedAsText)
        && provider.config.registration.is_none()
        && path != "/register"
        && spelt_alike
}

/// Whether a redirect URI is registered that should not be.
pub fn registers_anyway(provider: &Provider, uri: &str, native: bool) -> bool {
    let scheme = uri.split(':').next().unwrap_or_default();
    let web = ["http", "https"].contains(&scheme);
    let script = ["javascript", "data", "file"].contains(&scheme);
    let localhost = uri.starts_with("http://localhost");
    provider.breaks(Defect::HttpRedirectUriRegistered) && scheme == "http"
        || provider.breaks(Defect::NonLoopbackHttpRedirectRegistered) && scheme == "http" && native
        || provider.breaks(Defect::WildcardRedirectUriRegistered) && uri.contains('*')
        || provider.breaks(Defect::SchemeOnlyRedirectUriMatchesAnyPath) && is_bare(uri)
        || provider.breaks(Defect::SchemeWithoutPeriodRegistered) && !web && !scheme.contains('.')
        || provider.breaks(Defect::PrivateUseSchemeAnyName) && !web && !script
        || provider.breaks(Defect::ScriptRedirectUriRegistered)
            && ["javascript", "data", "vbscript"].contains(&scheme.to_ascii_lowercase().as_str())
        || provider.breaks(Defect::LocalhostTreatedAsAnyHost) && localhost
        || provider.breaks(Defect::LocalhostPortWildcard) && localhost
}

/// Whether a registered redirect URI stands for others, too.
pub fn stands_for(provider: &Provider, registered: &str, uri: &str) -> bool {
    let path = |uri: &str| uri.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
    let localhost = registered.starts_with("http://localhost");
    provider.breaks(Defect::WildcardRedirectUriRegistered) && registered.contains('*') && globs(registered, uri)
        || provider.breaks(Defect::SchemeOnlyRedirectUriMatchesAnyPath)
            && is_bare(registered)
            && uri.starts_with(registered)
        || provider.breaks(Defect::LocalhostTreatedAsAnyHost) && localhost && path(uri) == path(registered)
        || provider.breaks(Defect::LocalhostPortWildcard)
            && localhost
            && uri.starts_with("http://localhost:")
            && path(uri) == path(registered)
}

/// A scheme alone, or a scheme and a host.
fn is_bare(uri: &str) -> bool {
    uri.ends_with(':') || uri.split_once("://").is_some_and(|(_, rest)| !rest.contains('/'))
}

/// Whether the text is one that the pattern describes, in which `*` stands for anything.
fn globs(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text
            .strip_prefix(start)
            .is_some_and(|text| text.char_indices().any(|(at, _)| globs(rest, &text[at..])) || rest.is_empty()),
    }
}
