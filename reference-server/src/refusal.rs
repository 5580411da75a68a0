//! Why a request is refused: an error code of the specification, a status, and words for the developer.
//! The words are fixed text: nothing of the request is ever echoed.

use serde_json::{Map, Value, json};

use crate::Response;

/// A refusal, before it is written as JSON, as a page or as a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status where the answer is not a redirect.
    pub status: u16,
    /// The error code.
    pub error: String,
    /// What went wrong, for the developer.
    pub description: String,
    /// The `WWW-Authenticate` header.
    pub challenge: Option<String>,
    /// Seconds for the `Retry-After` header.
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal with status 400.
    pub fn new(error: &str, description: &str) -> Self {
        let (error, description) = (error.to_owned(), description.to_owned());
        Self { status: 400, error, description, challenge: None, retry_after: None }
    }

    /// The request is malformed or lacks something.
    pub fn invalid_request(description: &str) -> Self {
        Self::new("invalid_request", description)
    }

    /// A required parameter is not there.
    pub fn missing(parameter: &str) -> Self {
        Self::invalid_request(&format!("the parameter {parameter} is missing"))
    }

    /// The code, refresh token or password is not good, or not for this client.
    pub fn invalid_grant(description: &str) -> Self {
        Self::new("invalid_grant", description)
    }

    /// The scope is unknown, malformed or too wide.
    pub fn invalid_scope(description: &str) -> Self {
        Self::new("invalid_scope", description)
    }

    /// The client may not do this.
    pub fn unauthorized_client(description: &str) -> Self {
        Self::new("unauthorized_client", description)
    }

    /// The client did not prove who it is.
    pub fn invalid_client(description: &str, issuer: &str) -> Self {
        let challenge = Some(format!("Basic realm=\"{}\", charset=\"UTF-8\"", quotable(issuer)));
        Self { status: 401, challenge, ..Self::new("invalid_client", description) }
    }

    /// Too many wrong guesses.
    pub fn slow_down(seconds: u64) -> Self {
        let refusal = Self::new("temporarily_unavailable", "too many wrong attempts, try again later");
        Self { status: 429, retry_after: Some(seconds), ..refusal }
    }

    /// The provider has no room for another code or token.
    pub fn full() -> Self {
        let refusal = Self::new("temporarily_unavailable", "too much is stored already, try again later");
        Self { status: 503, retry_after: Some(60), ..refusal }
    }

    /// The same refusal with another status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The members of the answer, in order.
    pub fn members(&self) -> Vec<(&'static str, String)> {
        let mut members = vec![("error", self.error.clone())];
        members.extend((!self.description.is_empty()).then(|| ("error_description", self.description.clone())));
        members
    }

    /// The refusal as JSON, in the form of RFC 6749 section 5.2.
    pub fn json(&self) -> Response {
        let members: Map<_, _> =
            self.members().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        self.dress(Response::json(self.status, &Value::Object(members)).uncached())
    }

    /// Adds the headers that this refusal brings along.
    pub fn dress(&self, mut response: Response) -> Response {
        if let Some(challenge) = &self.challenge {
            response = response.with("WWW-Authenticate", challenge.clone());
        }
        if let Some(seconds) = self.retry_after {
            response = response.with("Retry-After", seconds.to_string());
        }
        response
    }
}

impl From<crate::shelf::Full> for Refusal {
    fn from(_: crate::shelf::Full) -> Self {
        Self::full()
    }
}

/// Text for a quoted string of an HTTP header.
pub fn quotable(text: &str) -> String {
    text.chars().filter(|letter| matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_has_to_wait_is_told_how_long() {
        for (refusal, status, seconds) in [(Refusal::slow_down(7), 429, "7"), (Refusal::full(), 503, "60")] {
            let answer = refusal.json();
            assert_eq!((answer.status, answer.header("retry-after")), (status, Some(seconds)));
        }
    }

    #[test]
    fn quotes_backslashes_and_what_is_not_printable_have_no_place_in_a_quoted_string() {
        assert_eq!(quotable("a \"b\"\\ \u{7f}\u{e9}\r\n~"), "a b ~");
    }
}
