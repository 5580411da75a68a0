//! What a set-up that does not get through means: blocked, skipped where the check says so, tried again after a pause.

mod against;
mod stubs;

use std::sync::atomic::{AtomicU32, Ordering};

use against::against;
use grantcheck::modes::check::Options;
use grantcheck::outcome::{RunOutcome, Verdict};
use grantcheck::scenario::Suite;
use reference_server::http::Server;
use reference_server::{Conduct, Config};
use stubs::{Manner, Stub, http};

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn verdict(stub: &Stub, check: &str, retry_ms: u64) -> RunOutcome {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let options = Options { select: vec![check.into()], ..Options::default() };
    against(&stub.origin(), &format!("retry_ms = {retry_ms}"), &options, &suite)
}

/// Keeps the rule about a missing grant type, but answers the first two good requests (the second is the control) with 500.
fn stumbles() -> Stub {
    let good = AtomicU32::new(0);
    Stub::answering(move |request| match request.contains("grant_type=") {
        true if good.fetch_add(1, Ordering::Relaxed) < 2 => http("500 Internal Server Error", &[], ""),
        true => http("200 OK", &[JSON], r#"{"access_token":"a","token_type":"Bearer"}"#),
        false => http("400 Bad Request", &[JSON], r#"{"error":"invalid_request"}"#),
    })
}

#[test]
fn a_set_up_that_fails_for_a_moment_is_tried_again_and_the_report_says_so() {
    let run = verdict(&stumbles(), "rfc6749/5.2/missing-grant-type", 1);
    assert_eq!(run.checks.iter().map(|check| check.verdict).collect::<Vec<_>>(), [Verdict::Pass], "{:?}", run.checks);
    assert_eq!(run.notes, ["set-ups that got through only when tried a second time: 1"]);
    assert!(!run.died);
}

#[test]
fn without_second_tries_the_same_set_up_blocks() {
    let run = verdict(&stumbles(), "rfc6749/5.2/missing-grant-type", 0);
    assert_eq!(run.checks[0].verdict, Verdict::Blocked);
    assert!(run.checks[0].reason.contains("got 500"), "{}", run.checks[0].reason);
}

#[test]
fn a_set_up_may_say_that_its_failure_means_the_check_does_not_apply() {
    let run = verdict(&Stub::of(Manner::BadRequest), "rfc6749/4.1.3/redirect-uri-absent-in-both-requests", 0);
    assert_eq!(run.checks[0].verdict, Verdict::Skipped);
    assert_eq!(run.checks[0].reason, "the target wants redirect_uri in every request");
}

#[test]
fn a_hook_that_nobody_wrote_blocks_a_check_and_is_no_finding() {
    let server = Server::start(Config::default(), Conduct::default()).unwrap();
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let options = Options { select: vec!["practice/users/session-ends-with-the-user".into()], ..Options::default() };
    let run = against(server.issuer(), "retry_ms = 0", &options, &suite);
    assert_eq!(run.checks[0].verdict, Verdict::Blocked, "{}", run.checks[0].reason);
    assert!(run.checks[0].reason.contains("no hook `disable_user`"), "{}", run.checks[0].reason);
}
