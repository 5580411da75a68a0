//! Liberties that concern every answer alike: how headers, pages and JSON are written.

mod delivery;
mod json;

use crate::{Liberty, Provider, Request, Response};

/// The same answer, written differently where the specifications do not care. The classic dialect leaves no such freedom.
pub fn in_answer(provider: &Provider, request: &Request, response: Response) -> Response {
    let path = request.path();
    if path.starts_with("/oauth/") {
        return written(provider, response);
    }
    let response = delivery::delivered(provider, path, response);
    written(provider, json::reworded(provider, path, headers(provider, path, response)))
}

fn written(provider: &Provider, mut response: Response) -> Response {
    for (name, value) in &mut response.headers {
        match &**name {
            "WWW-Authenticate" => *value = challenge(provider, value).into(),
            "Cache-Control" if provider.takes(Liberty::MoreCacheDirectives) => {
                value.to_mut().push_str(", no-cache, max-age=0, must-revalidate")
            }
            "Set-Cookie" if provider.takes(Liberty::StrictSessionCookie) => {
                *value = value.replace("SameSite=Lax", "SameSite=Strict").into()
            }
            _ => {}
        }
    }
    if provider.takes(Liberty::PrettyJson) {
        response.body = pretty(&response).unwrap_or(response.body);
    }
    response
}

type Field = (&'static str, &'static str);

/// Header fields that somebody's proxy or framework adds.
fn headers(provider: &Provider, path: &str, response: Response) -> Response {
    let page = response.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let (token, metadata) = (path.ends_with("/token"), path.contains("/.well-known/"));
    let refused = response.header("www-authenticate").is_some();
    let more: [(Liberty, bool, &[Field]); 7] = [
        (Liberty::ExtraHeaders, true, &[("X-Request-Id", "r-1"), ("Vary", "Accept, Origin"), ("Server", "x")]),
        (Liberty::ExpiresHeader, response.header("pragma").is_some(), &[("Expires", "0")]),
        (
            Liberty::MoreCookies,
            page,
            &[("Set-Cookie", "seen=1; Path=/; SameSite=Lax"), ("Set-Cookie", "gone=; Max-Age=0")],
        ),
        (Liberty::TokenCookie, token, &[("Set-Cookie", "lb=a1; Path=/; HttpOnly; Secure; SameSite=Strict")]),
        (Liberty::CorsOpenToken, token, &[("Access-Control-Allow-Origin", "*")]),
        (Liberty::MetadataCached, metadata, &[("Cache-Control", "public, max-age=3600"), ("ETag", "\"1\"")]),
        (Liberty::ChallengesInTwoFields, refused, &[("WWW-Authenticate", "Example realm=\"x\"")]),
    ];
    let fields = more.into_iter().filter(|(liberty, applies, _)| *applies && provider.takes(*liberty));
    fields.flat_map(|(_, _, fields)| fields).fold(response, |response, (name, value)| response.with(*name, *value))
}

fn challenge(provider: &Provider, value: &str) -> String {
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    let lower = provider.takes(Liberty::LowerCaseChallenge);
    let scheme = if lower { scheme.to_lowercase() } else { scheme.to_owned() };
    let more = match scheme.eq_ignore_ascii_case("Bearer") {
        true if provider.takes(Liberty::SecondChallenge) => ", Example realm=\"x\"",
        true if provider.takes(Liberty::ChallengeWithMoreParameters) => {
            ", resource_metadata=\"https://as.example/.well-known/oauth-protected-resource\""
        }
        _ => "",
    };
    format!("{scheme} {rest}{more}").trim_end().to_owned()
}

fn pretty(response: &Response) -> Option<Vec<u8>> {
    response.header("content-type").filter(|kind| kind.starts_with("application/json"))?;
    let value: serde_json::Value = serde_json::from_slice(&response.body).ok()?;
    serde_json::to_vec_pretty(&value).ok()
}
