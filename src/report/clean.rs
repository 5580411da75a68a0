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
        reason: redacted(&check.reason, secrets),
        findings: check.findings.iter().map(|finding| of_finding(finding, secrets)).collect(),
        exchanges: check.exchanges.iter().map(|exchange| of_exchange(exchange, secrets)).collect(),
        known: check.known.as_ref().map(|known| secrets.redact(known)),
        ..check.clone()
    }
}

fn of_finding(finding: &Finding, secrets: &Secrets) -> Finding {
    Finding { wanted: redacted(&finding.wanted, secrets), got: redacted(&finding.got, secrets), ..finding.clone() }
}

/// A long value was cut before it came here, so it holds no secret any more, but may end with the beginning of one.
fn redacted(text: &str, secrets: &Secrets) -> String {
    let whole: String = text.split_inclusive('…').map(|piece| without_beginning(piece, secrets)).collect();
    secrets.redact(&whole)
}

/// What ends with the beginning of a secret and a mark that it was cut, without both.
fn without_beginning(piece: &str, secrets: &Secrets) -> String {
    let Some(cut) = piece.strip_suffix('…') else { return piece.to_owned() };
    let begins = cut.char_indices().map(|(place, _)| place).find(|place| secrets.begins_with(&cut[*place..]));
    begins.map_or_else(|| piece.to_owned(), |place| format!("{}{MASK}", &cut[..place]))
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
    #[test]
    fn the_beginning_of_a_secret_is_masked_wherever_it_was_cut() {
        let mut secrets = Secrets::default();
        secrets.add("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl");
        let table = [
            ("got eyJhbGciOiJIUzI1…", "got ***"),
            (
                "got https://app.example/cb?code=eyJhbGciOiJIUzI1…, and eyJhbGciOi…",
                "got https://app.example/cb?code=***, and ***",
            ),
            ("got https://app.example/…", "got https://app.example/…"),
            ("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", "***"),
        ];
        for (text, expected) in table {
            assert_eq!(redacted(text, &secrets), expected);
        }
    }
}
