//! Broken promises of redirect URIs: one taken for another, or any let through.

use crate::config::Client;
use crate::{Defect, Params, Provider};

/// The mistakes that take one URI for another.
pub fn is_confused_with(provider: &Provider, registered: &str, uri: &str) -> bool {
    let base = registered.split('?').next().unwrap_or_default();
    provider.breaks(Defect::RedirectUriFragmentAccepted) && uri.split('#').next() == Some(registered)
        || provider.breaks(Defect::RedirectUriMayVaryInQuery) && uri.split('?').next() == Some(base)
        || provider.breaks(Defect::RedirectUriExtraQueryAccepted) && uri.split('?').next() == Some(base)
        || provider.breaks(Defect::RedirectUriMatchedByPrefix) && uri.starts_with(&format!("{registered}/"))
        || provider.breaks(Defect::RedirectUriMatchedByStringPrefix) && uri.starts_with(registered)
        || provider.breaks(Defect::RedirectUriNormalisedBeforeComparison) && normalised(uri) == normalised(registered)
        || provider.breaks(Defect::RedirectUriHostMatchedBySuffix) && uri.ends_with(after_scheme(registered))
        || provider.breaks(Defect::RedirectSchemeIgnored)
            && uri.split_once(':').map(|part| part.1) == registered.split_once(':').map(|part| part.1)
        || provider.breaks(Defect::PortIgnoredForEveryHost) && without_port(uri) == without_port(registered)
        || provider.breaks(Defect::PrivateUsePathIgnored)
            && !registered.contains("://")
            && uri.split(':').next() == registered.split(':').next()
        || provider.breaks(Defect::LoopbackLookalikeAccepted)
            && registered.starts_with("http://127.0.0.1")
            && uri.starts_with("http://127.0.0.1")
            && uri.ends_with(path(registered))
}

/// The mistakes that let any URI through.
pub fn is_let_through(provider: &Provider, client: &Client, uri: &str, params: &Params) -> bool {
    let unregistered = client.redirect_uris.is_empty();
    let implicit = params.get("response_type") == Some("token");
    let absolute = uri.split_once(':').is_some_and(|(scheme, _)| !scheme.contains('/'));
    let clients = &provider.config.clients;
    provider.breaks(Defect::RedirectUriNotChecked)
        || provider.breaks(Defect::ImplicitTokenSentToUnregisteredUri) && implicit
        || provider.breaks(Defect::PublicClientMayUseUnregisteredRedirect) && unregistered && client.is_public()
        || provider.breaks(Defect::ImplicitClientMayUseUnregisteredRedirect) && unregistered && implicit
        || provider.breaks(Defect::ConfidentialClientMayUseUnregisteredRedirect) && unregistered && !client.is_public()
        || provider.breaks(Defect::RelativeRedirectUriAccepted) && !absolute
        || provider.breaks(Defect::RedirectUriCheckedAgainstAllClients)
            && clients.iter().any(|other| other.redirect_uris.iter().any(|known| known == uri))
}

fn normalised(uri: &str) -> String {
    let plain = uri.to_lowercase().replace("%63", "c").replace("%2f", "/").replace("/./", "/").replace("/x/../", "/");
    let (scheme, rest) = plain.split_once("://").unwrap_or(("", &plain));
    let rest = rest.replace(":443/", "/").replace("//", "/").replace("./", "/");
    format!("{scheme}://{}", rest.trim_end_matches(['/', '?', '.']))
}

fn after_scheme(uri: &str) -> &str {
    uri.split_once("://").map_or(uri, |(_, rest)| rest)
}

fn host(uri: &str) -> &str {
    after_scheme(uri).split(['/', '?']).next().unwrap_or_default()
}

fn path(uri: &str) -> &str {
    after_scheme(uri).find('/').map_or("", |at| &after_scheme(uri)[at..])
}

fn without_port(uri: &str) -> String {
    let host = host(uri);
    uri.replacen(host, host.split(':').next().unwrap_or_default(), 1)
}
