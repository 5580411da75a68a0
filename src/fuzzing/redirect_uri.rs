//! Redirect URIs: what the provider takes for registered, read as a browser reads it.

use reference_server::Request;
use reference_server::config::Client;
use url::Url;

use super::session::{NOW, ask, provider};

/// Any text as the redirect URI of each client. The provider goes on only when a browser would end up at a registered
/// place; and it does go on with each registered URI.
pub fn redirect_uri(text: &str) {
    let provider = provider();
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    for client in provider.config().clients.iter().filter(|client| !client.id.contains(' ')) {
        let target = format!("/authorize?response_type=code&client_id={}&redirect_uri={encoded}", client.id);
        let goes_on = ask(&provider, &Request::get(&target), NOW).status != 400;
        if text.is_empty() {
            assert_eq!(goes_on, client.redirect_uris.len() == 1, "{}", client.id);
            continue;
        }
        assert!(!goes_on || is_registered(client, text), "{} goes to {text:?}", client.id);
        assert!(goes_on || !client.redirect_uris.iter().any(|uri| uri == text), "{} refuses {text:?}", client.id);
    }
}

/// Whether a browser would end up at a registered place: same scheme, host, path and query, and the same port unless it is
/// the loopback address of a native application.
pub fn is_registered(client: &Client, uri: &str) -> bool {
    if client.redirect_uris.iter().any(|registered| registered == uri) {
        return true;
    }
    let Ok(asked) = Url::parse(uri) else { return false };
    let same = |registered: &str| Url::parse(registered).is_ok_and(|registered| is_same(client, &registered, &asked));
    client.redirect_uris.iter().any(|registered| same(registered))
}

fn is_same(client: &Client, registered: &Url, asked: &Url) -> bool {
    let loopback = matches!(registered.host_str(), Some("127.0.0.1" | "[::1]")) && client.native;
    let place = |url: &Url| {
        let text = |part: Option<&str>| part.map(str::to_owned);
        (url.scheme().to_owned(), text(url.host_str()), url.path().to_owned(), text(url.query()))
    };
    place(registered) == place(asked)
        && (loopback || registered.port() == asked.port())
        && asked.fragment().is_none()
        && asked.username().is_empty()
        && asked.password().is_none()
}
