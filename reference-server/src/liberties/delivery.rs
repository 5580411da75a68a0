//! How an answer reaches the browser: by redirect or by a page, with this status or that.

use crate::{Liberty, Provider, Response};

/// The same answer for a browser, sent another way.
pub fn delivered(provider: &Provider, path: &str, response: Response) -> Response {
    let elsewhere = response.header("location").filter(|location| !location.starts_with('/')).map(str::to_owned);
    match elsewhere {
        Some(location) if provider.takes(Liberty::MetaRefreshDelivery) => by_page(response, &refresh(&location)),
        Some(location) if provider.takes(Liberty::ScriptDelivery) => by_page(response, &script(&location)),
        Some(_) => response,
        None => with_status(provider, path, response),
    }
}

fn by_page(response: Response, page: &str) -> Response {
    let (old, page) = (response.without("Location"), Response::html(200, page.to_owned()));
    let headers = page.headers.into_iter().chain(old.headers).collect();
    Response { headers, ..Response { body: page.body, status: 200, stall_ms: old.stall_ms, headers: Vec::new() } }
}

fn refresh(location: &str) -> String {
    let escaped = location.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<!DOCTYPE html><title>On</title><meta http-equiv=\"refresh\" content=\"0; url={escaped}\">")
}

fn script(location: &str) -> String {
    let text = serde_json::Value::from(location).to_string().replace('<', "\\u003c");
    format!("<!DOCTYPE html><title>On</title><script>window.location.replace({text})</script>")
}

fn with_status(provider: &Provider, path: &str, mut response: Response) -> Response {
    let page = response.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let login = page && response.body.windows(8).any(|text| text == b"password");
    match response.status {
        200 if login && provider.takes(Liberty::LoginPageStatus403) => response.status = 403,
        429 if login && provider.takes(Liberty::LocksSayNothing) => {
            response = Response { status: 403, ..response.without("Retry-After") };
        }
        400..=499 if page && !login && provider.takes(Liberty::ErrorPageStatus403) => response.status = 403,
        400..=499 if page && !login && path.ends_with("/authorize") && provider.takes(Liberty::ErrorPageJson) => {
            let error = serde_json::json!({"error": "invalid_request", "error_description": "this did not work"});
            return Response::json(response.status, &error).uncached();
        }
        _ => {}
    }
    response
}
