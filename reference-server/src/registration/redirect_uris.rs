//! Which redirect URIs can be registered: complete ones that lead to nobody but the client. `https` for every client, for
//! native ones also `http` on a loopback address and private-use schemes that are reversed domain names (RFC 8252).

use std::net::Ipv4Addr;

use crate::redirect_uri::after_port;
use crate::refusal::Refusal;
use crate::{Defect, Liberty, Provider, flaws};

const MOST: usize = 10;
const LONGEST: usize = 500;

/// Refuses the whole request when one of them cannot be registered, or when there is none.
pub fn check(provider: &Provider, uris: &[String], native: bool) -> Result<(), Refusal> {
    let refuse = |description: &str| Err(Refusal::new("invalid_redirect_uri", description));
    if uris.is_empty() && !provider.breaks(Defect::CodeClientRegisteredWithoutRedirectUri) {
        return refuse("a client that is answered by a redirect registers where that leads");
    }
    if uris.len() > MOST || uris.iter().any(|uri| uri.len() > LONGEST) {
        return refuse("there are too many redirect URIs, or one is too long");
    }
    let good = |uri: &String| {
        is_registrable(uri, native)
            || takes_anyway(provider, uri, native)
            || flaws::registers_anyway(provider, uri, native)
    };
    match uris.iter().all(good) {
        true => Ok(()),
        false => refuse("a redirect URI is incomplete, or leads to where others may listen"),
    }
}

fn is_registrable(uri: &str, native: bool) -> bool {
    let plain = uri.bytes().all(|byte| byte.is_ascii_graphic() && !br#"#*\<>"{}|^`"#.contains(&byte));
    let Some((scheme, rest)) = uri.split_once(':').filter(|_| plain) else { return false };
    match scheme {
        "https" => rest.strip_prefix("//").is_some_and(names_host_and_path),
        "http" => native && ["http://127.0.0.1", "http://[::1]"].iter().any(|base| after_port(uri, base).is_some()),
        _ => native && is_reversed_domain(scheme) && rest.len() > 1 && rest.starts_with('/'),
    }
}

/// A host that browsers read as it stands, and a port if any: no escapes, no number that only looks like an address.
fn names_host_and_path(rest: &str) -> bool {
    let Some((authority, _)) = rest.split_once('/') else { return false };
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let named = host.split('.').all(label) && last.starts_with(|first: char| first.is_ascii_alphabetic());
    (named || host.parse::<Ipv4Addr>().is_ok()) && port.parse::<u16>().is_ok()
}

/// At least two labels as domain names have them.
fn is_reversed_domain(scheme: &str) -> bool {
    let label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !label.is_empty() && letters && !label.starts_with('-') && !label.ends_with('-')
    };
    scheme.contains('.')
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.split('.').all(label)
}

/// What a provider may register that takes such URIs for nothing but themselves.
fn takes_anyway(provider: &Provider, uri: &str, native: bool) -> bool {
    let localhost = native && after_port(uri, "http://localhost").is_some();
    let host_alone = uri.strip_prefix("https://").is_some_and(|rest| !rest.contains('/'));
    let odd = uri.contains('*') || uri.ends_with(':') || host_alone;
    provider.takes(Liberty::LocalhostRegistered) && localhost
        || provider.takes(Liberty::OddRedirectUrisRegistered) && odd && !uri.starts_with("http:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_uris_of_their_client_alone_can_be_registered() {
        for good in ["https://a.example/cb", "https://a.example:8443/cb?x=1", "https://192.0.2.1/"] {
            assert!(is_registrable(good, false) && is_registrable(good, true), "{good}");
        }
        for native in ["http://127.0.0.1/cb", "http://[::1]:4711/cb", "com.example.app:/cb", "com.example.app://a/cb"] {
            assert!(is_registrable(native, true) && !is_registrable(native, false), "{native}");
        }
    }

    #[test]
    fn anything_else_cannot() {
        for bad in [
            "https://a.example",
            "https:///cb",
            "https://u@a.example/cb",
            "https://a.example?/cb",
            "https://*.example/cb",
            "https://a=%2F.example/cb",
            "https://a.example:https/cb",
            "https://192.0.2/cb",
            "https://a.example/cb#x",
            "https://a.example/\u{e9}",
            "http://a.example/cb",
            "http://localhost/cb",
            "http://127.0.0.1",
            "http://127.0.0.1.evil.test/cb",
            "myapp:/cb",
            "com..example:/cb",
            "com.example.-app:/cb",
            "com.example.app:",
            "com.example.app:cb",
            "com.example.app:/",
            "javascript:alert(1)",
            "/cb",
            "",
        ] {
            assert!(!is_registrable(bad, true), "{bad}");
        }
    }
}
