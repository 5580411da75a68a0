//! A run without its secrets. Every report takes this and nothing else, so that none can forget to mask.

use crate::exchange::{Answer, Exchange};
use crate::outcome::{CheckOutcome, Finding, RunOutcome, Traffic};
use crate::secret::{MASK, Redactor, Secrets};
use crate::target::Known;

/// A run in which every secret is masked.
pub struct Clean(RunOutcome);

impl Clean {
    /// Masks whatever came from or went to the target.
    pub fn of(outcome: &RunOutcome) -> Self {
        let secrets = &outcome.secrets.redactor();
        let all = |texts: &[String]| texts.iter().map(|text| secrets.redact(text)).collect();
        Self(RunOutcome {
            checks: outcome.checks.iter().map(|check| of_check(check, secrets)).collect(),
            notes: all(&outcome.notes),
            target: secrets.redact(&outcome.target),
            traffic: outcome.traffic.iter().map(|one| of_traffic(one, secrets)).collect(),
            known: outcome.known.iter().map(|known| of_known(known, secrets)).collect(),
            issuer: outcome.issuer.as_ref().map(|issuer| secrets.redact(issuer)),
            secrets: Secrets::default(),
            ..outcome.clone()
        })
    }

    /// A run that was masked before it was saved.
    pub(super) fn saved(run: RunOutcome) -> Self {
        Self(run)
    }

    /// One verdict, masked with what is known while the run goes on.
    pub fn verdict(check: &CheckOutcome, secrets: &Redactor) -> CheckOutcome {
        of_check(check, secrets)
    }

    /// The run.
    pub fn run(&self) -> &RunOutcome {
        &self.0
    }
}

fn of_check(check: &CheckOutcome, secrets: &Redactor) -> CheckOutcome {
    CheckOutcome {
        reason: secrets.redact(&check.reason),
        findings: check.findings.iter().map(|finding| of_finding(finding, secrets)).collect(),
        exchanges: check.exchanges.iter().map(|exchange| of_exchange(exchange, secrets)).collect(),
        known: check.known.as_ref().map(|known| secrets.redact(known)),
        ..check.clone()
    }
}

fn of_traffic(one: &Traffic, secrets: &Redactor) -> Traffic {
    Traffic { check: one.check.clone(), exchange: of_exchange(&one.exchange, secrets) }
}

fn of_known(known: &Known, secrets: &Redactor) -> Known {
    Known { reason: secrets.redact(&known.reason), ..known.clone() }
}

fn of_finding(finding: &Finding, secrets: &Redactor) -> Finding {
    Finding { wanted: secrets.redact(&finding.wanted), got: secrets.redact(&finding.got), ..finding.clone() }
}

fn of_exchange(exchange: &Exchange, secrets: &Redactor) -> Exchange {
    let mut clean = exchange.clone();
    clean.request.url = secrets.redact(&clean.request.url);
    of_message(&mut clean.request.headers, &mut clean.request.body, secrets);
    match &mut clean.answer {
        Answer::Response(response) => of_message(&mut response.headers, &mut response.body, secrets),
        Answer::Nothing(reason) => *reason = secrets.redact(reason),
    }
    clean
}

fn of_message(headers: &mut [(String, String)], body: &mut Vec<u8>, secrets: &Redactor) {
    for (name, value) in headers {
        *value = secrets.redact(&credentials(name, value));
    }
    *body = secrets.redact(&String::from_utf8_lossy(body)).into_bytes();
}

/// Fields that are secret by their name: the scheme, the cookies' names and attributes stay.
fn credentials(name: &str, value: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "authorization" | "proxy-authorization" => match value.split_once(' ') {
            // How many spaces there are may be what a check is about.
            Some((scheme, rest)) => {
                format!("{scheme} {}{MASK}", &rest[..rest.len() - rest.trim_start_matches(' ').len()])
            }
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
        let reason = secrets.redactor().redact("json.a: wanted nothing, got eyJhbGciOiJub25l… and more");
        assert_eq!(reason, "json.a: wanted nothing, got ***… and more");
        assert_eq!(secrets.redactor().redact("a long text… and more"), "a long text… and more");
    }

    #[test]
    fn credentials_are_masked_by_the_name_of_their_field() {
        let table = [
            ("Authorization", "Basic YTpi", "Basic ***"),
            ("authorization", "nonsense", "***"),
            ("authorization", "Bearer   mF_9", "Bearer   ***"),
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
            ("got eyJhbGciOiJIUzI1…", "got ***…"),
            (
                "got https://app.example/cb?code=eyJhbGciOiJIUzI1…, and eyJhbGciOi…",
                "got https://app.example/cb?code=***…, and ***…",
            ),
            ("got https://app.example/…", "got https://app.example/…"),
            ("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", "***"),
        ];
        for (text, expected) in table {
            assert_eq!(secrets.redactor().redact(text), expected);
        }
    }
}
