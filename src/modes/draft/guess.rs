//! Endpoints at the usual places, for a server without a metadata document: what answers there as such an endpoint does.

use indexmap::IndexMap;

use crate::exchange::{Answer, Request, Response};
use crate::wire::Wire;

/// Places by endpoint, the most usual first.
const PLACES: &[(&str, &[&str])] = &[
    (
        "authorization",
        &[
            "/authorize",
            "/oauth/authorize",
            "/oauth2/authorize",
            "/o/authorize/",
            "/connect/authorize",
            "/auth",
            "/oauth2/auth",
            "/oauth/auth",
            "/login/oauth/authorize",
            "/dialog/authorize",
            "/authorization",
            "/oauth2/authorization",
            "/oauth2/v1/authorize",
            "/api/oauth/authorize",
        ],
    ),
    (
        "token",
        &[
            "/token",
            "/oauth/token",
            "/oauth2/token",
            "/o/token/",
            "/connect/token",
            "/oauth/access_token",
            "/login/oauth/access_token",
            "/oauth2/v1/token",
            "/api/oauth/token",
        ],
    ),
    (
        "introspection",
        &["/introspect", "/oauth/introspect", "/oauth2/introspect", "/o/introspect/", "/token/introspection"],
    ),
    ("revocation", &["/revoke", "/oauth/revoke", "/oauth2/revoke", "/o/revoke_token/", "/token/revocation"]),
    ("registration", &["/register", "/oauth/register", "/oauth2/register", "/reg", "/connect/register"]),
    (
        "resource",
        &["/userinfo", "/oauth/userinfo", "/oauth2/userinfo", "/me", "/api/me", "/api", "/resource", "/secret"],
    ),
    ("error_page", &["/error", "/oauth/error", "/oauth2/error"]),
];

/// A path that no server has.
const NOWHERE: &str = "/grantcheck-asks-for-nothing";

/// The endpoints of these names that answer, all when none is named, and what is worth telling about it.
pub async fn guess(base: &str, names: &[&str], wire: &Wire) -> (IndexMap<String, String>, Vec<String>) {
    let nothing = [ask("GET", base, NOWHERE, wire).await, ask("POST", base, NOWHERE, wire).await];
    let mut found = IndexMap::new();
    let mut notes = Vec::new();
    for (endpoint, places) in PLACES.iter().filter(|(name, _)| names.is_empty() || names.contains(name)) {
        for place in *places {
            let method = if matches!(*endpoint, "authorization" | "resource" | "error_page") { "GET" } else { "POST" };
            let query = if *endpoint == "error_page" { "?error=invalid_request" } else { "" };
            let answer = ask(method, base, &format!("{place}{query}"), wire).await;
            let like_nothing =
                answer.as_ref().map(status) == nothing[usize::from(method == "POST")].as_ref().map(status);
            if answer.is_some_and(|answer| !like_nothing && speaks(endpoint, &answer)) {
                notes.push(format!("{base}{place} answers as the {endpoint} endpoint"));
                found.insert((*endpoint).to_owned(), (*place).to_owned());
                break;
            }
        }
    }
    (found, notes)
}

fn status(response: &Response) -> u16 {
    response.status
}

/// Whether an answer to an empty request is what this endpoint would say.
fn speaks(endpoint: &str, answer: &Response) -> bool {
    match endpoint {
        // Some servers end in an error where nothing is asked of them.
        "authorization" => matches!(answer.status, 200 | 301..=303 | 307 | 400 | 401 | 403 | 500),
        "resource" | "introspection" if answer.status == 403 => true,
        "resource" => matches!(answer.status, 400 | 401),
        "error_page" => answer.is_html() && answer.text().contains("invalid_request"),
        _ => matches!(answer.status, 200 | 201 | 400 | 401 | 415),
    }
}

async fn ask(method: &str, base: &str, place: &str, wire: &Wire) -> Option<Response> {
    let form = ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    // Some servers end in an error where a form is empty.
    let (headers, body) =
        if method == "POST" { (vec![form], b"grant_type=none&token=none".to_vec()) } else { (Vec::new(), Vec::new()) };
    let request = Request { method: method.into(), url: format!("{base}{place}"), headers, body, ..Request::default() };
    match wire.send(&request).await.answer {
        Answer::Response(response) => Some(response),
        Answer::Nothing(_) => None,
    }
}
