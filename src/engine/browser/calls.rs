//! Targets whose pages are for scripts: the requests that those would send, in place of forms. What comes as a page is
//! answered like any other.

use url::{Url, form_urlencoded::byte_serialize};

use super::{Browser, Visit};
use crate::exchange::{Answer, Observation, Request};
use crate::scenario::{Consent, Until};
use crate::target::{Call, LoginRequests};
use crate::wire::Wire;

impl Browser {
    /// Logs in, unless this browser did before, and decides about a device where one is asked about; then the visit is over.
    pub(super) async fn call(
        &mut self,
        wire: &Wire,
        calls: &LoginRequests,
        visit: &Visit<'_>,
        seen: &mut Observation,
    ) -> bool {
        let name = Some(&visit.user.username);
        let log_in = calls.log_in.as_ref().filter(|_| visit.until != Until::Page && self.user.as_ref() != name);
        if let Some(call) = log_in {
            if !self.made(wire, call, visit, seen).await {
                seen.stuck = Some(format!("`{}` did not let the user in", call.url));
                return true;
            }
            self.user = name.cloned();
        }
        if visit.user_code.is_none() {
            return false;
        }
        for call in about_device(calls, visit) {
            self.made(wire, call, visit, seen).await;
        }
        self.page = seen.exchanges.last().cloned();
        seen.asked = true;
        true
    }

    /// Whether the call was answered with success.
    async fn made(&mut self, wire: &Wire, call: &Call, visit: &Visit<'_>, seen: &mut Observation) -> bool {
        let Some(request) = request(call, visit) else { return false };
        let exchange = self.send(wire, &request, visit).await;
        let good = matches!(&exchange.answer, Answer::Response(response) if response.status < 400);
        seen.exchanges.push(exchange);
        good
    }
}

fn about_device<'c>(calls: &'c LoginRequests, visit: &Visit<'_>) -> impl Iterator<Item = &'c Call> {
    let decision = match visit.consent {
        Consent::Approve => &calls.approve_device,
        Consent::Deny => &calls.deny_device,
    };
    // Who goes on from the page of another browser opens none.
    let (opens, decides) = (visit.page.is_none(), visit.until == Until::Redirect);
    let open = calls.open_device.as_ref().filter(|_| opens);
    open.into_iter().chain(decision.as_ref().filter(|_| decides))
}

fn request(call: &Call, visit: &Visit<'_>) -> Option<Request> {
    let url = filled(&call.url, visit, |value| byte_serialize(value.as_bytes()).collect());
    let url = Url::parse(&visit.request.url).ok()?.join(&url).ok()?;
    let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
    let body = call.json.as_ref().map(|json| filled(json, visit, in_json));
    if body.is_some() {
        headers.push(("Content-Type".into(), "application/json".into()));
        headers.push(("Origin".into(), url.origin().ascii_serialization()));
    }
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.unwrap_or_default().into_bytes();
    Some(Request { method: method.into(), url: url.into(), headers, body, ..Request::default() })
}

fn filled(text: &str, visit: &Visit<'_>, written: fn(&str) -> String) -> String {
    let user_code = visit.user_code.as_deref().unwrap_or_default();
    let values =
        [("username", visit.user.username.as_str()), ("password", &visit.user.password), ("user_code", user_code)];
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &written(value)))
}

/// Within the quotes of a JSON string.
fn in_json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_quotes_stays_one_json_string() {
        let written = format!("\"{}\"", in_json("a\"b\\\""));
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), "a\"b\\\"");
    }
}
