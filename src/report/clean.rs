//! A run without its secrets. Every report takes this and nothing else, so that none can forget to mask.

use crate::exchange::{Answer, Exchange};
use crate::outcome::{CheckOutcome, Finding, RunOutcome};
use crate::secret::{MASK, Secrets};

/// A run in which every secret is masked.
pub struct Clean(RunOutcome);

impl Clean {
    /// Masks whatever came from or went to the target.
    pub fn of(outcome: &RunOutcome) -> Self {
        let secrets = &outcome.secrets;
        let all = |texts: &[String]| texts.iter().map(|text| secrets.redact(text)).collect();
        Self(RunOutcome {
            checks: outcome.checks.iter().map(|check| of_check(check, secrets)).collect(),
            notes: all(&outcome.notes),
            target: secrets.redact(&outcome.target),
            issuer: outcome.issuer.as_ref().map(|issuer| secrets.redact(issuer)),
            secrets: Secrets::default(),
            ..outcome.clone()
        })
    }

    /// The run.
    pub fn run(&self) -> &RunOutcome {
        &self.0
    }
}

fn of_check(check: &CheckOutcome, secrets: &Secrets) -> CheckOutcome {
    CheckOutcome {
        reason: redacted_words(&check.reason, secrets),
        findings: check.findings.iter().map(|finding| of_finding(finding, secrets)).collect(),
        exchanges: check.exchanges.iter().map(|exchange| of_exchange(exchange, secrets)).collect(),
        known: check.known.as_ref().map(|known| secrets.redact(known)),
        ..check.clone()
    }
}

fn of_finding(finding: &Finding, secrets: &Secrets) -> Finding {
    Finding { wanted: redacted(&finding.wanted, secrets), got: redacted(&finding.got, secrets), ..finding.clone() }
}

/// A long value was cut before it came here, so it is no secret any more, but begins like one.
fn redacted(text: &str, secrets: &Secrets) -> String {
    let head = text.strip_suffix('…').unwrap_or(text);
    if secrets.begins_with(head) { MASK.to_owned() } else { secrets.redact(text) }
}

/// A sentence that may hold such a value.
fn redacted_words(text: &str, secrets: &Secrets) -> String {
    let word = |word: &str| match word.split_once('…') {
        Some((head, rest)) if secrets.begins_with(head) => format!("{MASK}{rest}"),
        _ => word.to_owned(),
    };
    secrets.redact(&text.split_inclusive(' ').map(word).collect::<String>())
}

fn of_exchange(exchange: &Exchange, secrets: &Secrets) -> Exchange {
    let mut clean = exchange.clone();
    clean.request.url = secrets.redact(&clean.request.url);
    of_message(&mut clean.request.headers, &mut clean.request.body, secrets);
    match &mut clean.answer {
        Answer::Response(response) => of_message(&mut response.headers, &mut response.body, secrets),
        Answer::Nothing(reason) => *reason = secrets.redact(reason),
    }
    clean
}

fn of_message(headers: &mut [(String, String)], body: &mut Vec<u8>, secrets: &Secrets) {
    for (name, value) in headers {
        *value = secrets.redact(&credentials(name, value));
    }
    *body = secrets.redact(&String::from_utf8_lossy(body)).into_bytes();
}

/// Fields that are secret by their name: the scheme, the cookies' names and attributes stay.
fn credentials(name: &str, value: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "authorization" | "proxy-authorization" => match value.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {MASK}"),
            None => MASK.to_owned(),
        },
        "cookie" => value.split(';').map(cookie).collect::<Vec<_>>().join(";"),
        "set-cookie" => match value.split_once(';') {
            Some((pair, attributes)) => format!("{};{attributes}", cookie(pair)),
            None => cookie(value),
        },
        _ => value.to_owned(),
    }
}

fn cookie(pair: &str) -> String {
    pair.split_once('=').map_or_else(|| MASK.to_owned(), |(name, _)| format!("{name}={MASK}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_was_cut_short_within_a_sentence_is_masked() {
        let mut secrets = Secrets::default();
        secrets.add("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9");
        let reason = redacted_words("json.a: wanted nothing, got eyJhbGciOiJub25l… and more", &secrets);
        assert_eq!(reason, "json.a: wanted nothing, got *** and more");
        assert_eq!(redacted_words("a long text… and more", &secrets), "a long text… and more");
    }

    #[test]
    fn credentials_are_masked_by_the_name_of_their_field() {
        let table = [
            ("Authorization", "Basic YTpi", "Basic ***"),
            ("authorization", "nonsense", "***"),
            ("cookie", "a=1; b=2", "a=***; b=***"),
            ("set-cookie", "sid=abc; Path=/; HttpOnly", "sid=***; Path=/; HttpOnly"),
            ("accept", "a=1", "a=1"),
        ];
        for (name, value, expected) in table {
            assert_eq!(credentials(name, value), expected);
        }
    }
}
