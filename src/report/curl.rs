//! A `curl` line that repeats a request. Where a secret was masked it names a shell variable.

use super::shell::quote;
use crate::exchange::Request;
use crate::secret::MASK;

/// The line for a request whose secrets are masked already.
pub fn curl(request: &Request) -> String {
    let mut words = vec!["curl -i".to_owned()];
    let (url, body) = (&request.url, String::from_utf8_lossy(&request.body));
    words.extend(url.contains(['{', '}', '[', ']']).then(|| "-g".to_owned()));
    words.extend((url.contains("/./") || url.contains("/../")).then(|| "--path-as-is".to_owned()));
    let implied = if body.is_empty() { "GET" } else { "POST" };
    words.extend((request.method != implied).then(|| format!("-X {}", quote(&request.method))));
    words.extend(request.headers.iter().map(|(name, value)| header(name, value)));
    words.extend((!body.is_empty()).then(|| format!("--data-raw {}", word(&body))));
    words.push(word(url));
    words.join(" ")
}

fn header(name: &str, value: &str) -> String {
    if name.eq_ignore_ascii_case("authorization") && value == format!("Basic {MASK}") {
        return r#"-u "$CLIENT_ID:$CLIENT_SECRET""#.into();
    }
    format!("-H {}", word(&format!("{name}: {value}")))
}

/// A shell word in which each mask is a variable that is named for what stands before it.
fn word(text: &str) -> String {
    let mut parts = text.split(MASK);
    let mut before = parts.next().unwrap_or_default();
    let mut word = if before.is_empty() && text != before { String::new() } else { quote(before) };
    for part in parts {
        word.push_str(&format!("\"${}\"", variable(before)));
        if !part.is_empty() {
            word.push_str(&quote(part));
        }
        before = part;
    }
    word
}

/// `…&client_secret=` gives `CLIENT_SECRET`, `"access_token":"` gives `ACCESS_TOKEN`.
fn variable(before: &str) -> String {
    let named = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let head = before.trim_end_matches(|letter| !named(letter));
    let name = head.rsplit(|letter| !named(letter)).next().unwrap_or_default().to_ascii_uppercase();
    match name.as_str() {
        "BEARER" | "DPOP" => "ACCESS_TOKEN".into(),
        "BASIC" => "BASIC_CREDENTIALS".into(),
        "" => "SECRET".into(),
        name if name.starts_with(|first: char| first.is_ascii_digit()) => format!("SECRET_{name}"),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, headers: &[(&str, &str)], body: &str) -> Request {
        Request {
            method: method.into(),
            url: "https://as.example/token".into(),
            headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            body: body.into(),
            ..Request::default()
        }
    }

    #[test]
    fn secrets_become_variables() {
        let form = request("POST", &[("Authorization", "Basic ***")], "grant_type=a&code=***&code_verifier=***");
        assert_eq!(
            curl(&form),
            "curl -i -u \"$CLIENT_ID:$CLIENT_SECRET\" \
             --data-raw 'grant_type=a&code='\"$CODE\"'&code_verifier='\"$CODE_VERIFIER\" https://as.example/token"
        );
        let bearer = request("DELETE", &[("Authorization", "Bearer ***")], "{\"token\":\"***\"}");
        assert_eq!(
            curl(&bearer),
            "curl -i -X DELETE -H 'Authorization: Bearer '\"$ACCESS_TOKEN\" \
             --data-raw '{\"token\":\"'\"$TOKEN\"'\"}' https://as.example/token"
        );
    }

    #[test]
    fn a_hostile_url_is_one_harmless_word() {
        let url = "https://as.example/a'b\u{1b}[2J".to_owned();
        let line = curl(&Request { method: "GET".into(), url, ..Request::default() });
        assert_eq!(line, r"curl -i -g $'https://as.example/a\'b\x1b[2J'");
    }
}
