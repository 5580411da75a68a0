//! Which redirect URI an authorization request goes back to: a registered one, compared character by
//! character. Only loopback URIs of native clients may vary, and only in their port (RFC 8252 section 7.3).

use crate::config::Client;
use crate::{Defect, Params, Provider, flaws};

/// The redirect URI of this request, or `None` when it names none that is good.
pub fn choose(provider: &Provider, client: &Client, params: &Params) -> Option<String> {
    let named = named(provider, params);
    if params.is_unclear("redirect_uri") && !provider.breaks(Defect::AuthorizeChecksFirstRedirectUriUsesLast) {
        return None;
    }
    let Some(uri) = named else {
        return only_registered(provider, client);
    };
    if provider.breaks(Defect::AuthorizeChecksFirstRedirectUriUsesLast) && is_good(provider, client, uri, params) {
        return params.all("redirect_uri").next_back().map(Into::into);
    }
    if provider.breaks(Defect::RedirectAlwaysGoesToFirstRegistered) && is_good(provider, client, uri, params) {
        return client.redirect_uris.first().cloned();
    }
    is_good(provider, client, uri, params).then(|| uri.to_owned())
}

fn named<'a>(provider: &Provider, params: &'a Params) -> Option<&'a str> {
    if provider.breaks(Defect::EmptyRedirectUriTakenLiterally) {
        return params.literal("redirect_uri");
    }
    params.get("redirect_uri")
}

/// A request may leave the redirect URI out where there is only one to choose from.
fn only_registered(provider: &Provider, client: &Client) -> Option<String> {
    match client.redirect_uris.as_slice() {
        [only] => (!provider.breaks(Defect::SingleRedirectUriStillDemanded)).then(|| only.clone()),
        [first, ..] if provider.breaks(Defect::AmbiguousRedirectUriDefaultsToFirst) => Some(first.clone()),
        _ => None,
    }
}

fn is_good(provider: &Provider, client: &Client, uri: &str, params: &Params) -> bool {
    if provider.breaks(Defect::PrivateUseSchemeRefused) && !uri.contains("://")
        || provider.breaks(Defect::HttpLoopbackRedirectRefused) && uri.starts_with("http://")
        || provider.breaks(Defect::LoopbackIpv6Refused) && uri.starts_with("http://[::1]")
    {
        return false;
    }
    client
        .redirect_uris
        .iter()
        .any(|registered| registered == uri || is_same_loopback(provider, client, registered, uri))
        || client.redirect_uris.iter().any(|registered| flaws::is_confused_with(provider, registered, uri))
        || client.redirect_uris.iter().any(|registered| flaws::stands_for(provider, registered, uri))
        || flaws::is_let_through(provider, client, uri, params)
        || flaws::is_let_through_by_message(provider, client, uri, params)
}

/// The loopback exception: `http`, the literal address or `localhost`, any port, everything else the same.
fn is_same_loopback(provider: &Provider, client: &Client, registered: &str, uri: &str) -> bool {
    let applies = client.native && !provider.breaks(Defect::LoopbackPortMustMatch);
    let same = |base: &str| match (after_port(registered, base), after_port(uri, base)) {
        (Some(_), Some(_)) if provider.breaks(Defect::LoopbackExceptionIgnoresPath) => true,
        (Some(registered), Some(asked)) => registered == asked,
        _ => false,
    };
    let free = |base: &&str| !provider.breaks(Defect::LoopbackIpv6PortMustMatch) || !base.contains("::1");
    applies && ["http://127.0.0.1", "http://[::1]", "http://localhost"].into_iter().filter(free).any(same)
}

/// What follows scheme, host and optional port.
pub fn after_port<'a>(uri: &'a str, base: &str) -> Option<&'a str> {
    let rest = uri.strip_prefix(base)?;
    let rest = match rest.strip_prefix(':') {
        Some(port) => {
            let digits = port.bytes().take_while(u8::is_ascii_digit).count();
            port[..digits].parse::<u16>().ok()?;
            &port[digits..]
        }
        None => rest,
    };
    rest.starts_with('/').then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_port_of_a_loopback_address_may_vary() {
        let after = |uri| after_port(uri, "http://127.0.0.1");
        assert_eq!(after("http://127.0.0.1:4711/cb"), Some("/cb"));
        assert_eq!(after("http://127.0.0.1/cb"), Some("/cb"));
        for bad in [
            "http://127.0.0.1.evil.test/cb",
            "http://127.0.0.1:1@evil.test/",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:/cb",
        ] {
            assert_eq!(after(bad), None, "{bad}");
        }
    }
}
