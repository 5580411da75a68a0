//! Liberties that concern every answer alike: how headers and JSON are written.

use crate::{Liberty, Provider, Response};

/// The same answer, written differently where the specifications do not care.
pub fn in_headers(provider: &Provider, mut response: Response) -> Response {
    for (name, value) in &mut response.headers {
        match name.as_str() {
            "WWW-Authenticate" => *value = challenge(provider, value),
            "Cache-Control" if provider.takes(Liberty::MoreCacheDirectives) => {
                value.push_str(", no-cache, max-age=0, must-revalidate")
            }
            _ => {}
        }
    }
    if provider.takes(Liberty::PrettyJson) {
        response.body = pretty(&response).unwrap_or(response.body);
    }
    response
}

fn challenge(provider: &Provider, value: &str) -> String {
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    let lower = provider.takes(Liberty::LowerCaseChallenge);
    let scheme = if lower { scheme.to_lowercase() } else { scheme.to_owned() };
    let more = if provider.takes(Liberty::SecondChallenge) && scheme.eq_ignore_ascii_case("Bearer") {
        ", Example realm=\"x\""
    } else {
        ""
    };
    format!("{scheme} {rest}{more}").trim_end().to_owned()
}

fn pretty(response: &Response) -> Option<Vec<u8>> {
    response.header("content-type").filter(|kind| kind.starts_with("application/json"))?;
    let value: serde_json::Value = serde_json::from_slice(&response.body).ok()?;
    serde_json::to_vec_pretty(&value).ok()
}
