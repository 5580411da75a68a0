//! For which resource servers a token is (RFC 8707): as the request says, and never for more than was granted.

use reference_server::{Conduct, Config, Provider, Random, Request, Response};

use crate::browser::*;

fn provider() -> Provider {
    Provider::new(Config::default(), Conduct::default(), Random::seeded(1))
}

/// A code for these servers.
fn code(provider: &Provider, resources: &str) -> String {
    let query = format!("response_type=code&client_id=app&scope=read{resources}");
    redirected(&Browser::default().authorize(provider, &query)).get("code").unwrap_or_default().to_owned()
}

fn exchanged(provider: &Provider, granted: &str, asked: &str) -> Response {
    let code = code(provider, granted);
    provider.handle(&Request::post("/token", &format!("{APP}&grant_type=authorization_code&code={code}{asked}")), NOW)
}

/// Whether the two servers open to what was issued.
fn opened(provider: &Provider, issued: &Response) -> [bool; 2] {
    let token = member(issued, "access_token");
    ["/resource", "/archive"].map(|path| {
        let request = Request::get(path).with("Authorization", &format!("Bearer {token}"));
        provider.handle(&request, NOW).status == 200
    })
}

#[test]
fn a_token_is_for_the_servers_that_the_exchange_names_among_the_granted_ones() {
    let provider = provider();
    let issuer = provider.config().issuer.clone();
    let [resource, archive] = ["resource", "archive"].map(|server| format!("&resource={issuer}/{server}"));
    let both = format!("{resource}{archive}");
    for (granted, asked, opens) in [
        ("", "", [true, true]),
        ("", archive.as_str(), [false, true]),
        (both.as_str(), resource.as_str(), [true, false]),
        (resource.as_str(), "", [true, false]),
        (resource.as_str(), resource.as_str(), [true, false]),
    ] {
        assert_eq!(opened(&provider, &exchanged(&provider, granted, asked)), opens, "{granted:?} {asked:?}");
    }
    for asked in [&archive, &both] {
        assert_eq!(member(&exchanged(&provider, &resource, asked), "error"), "invalid_target", "{asked}");
    }
}
