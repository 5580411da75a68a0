//! `grantcheck fuzz`: what is broken is found within a fixed number of cases, what is healthy is left alone, and a finding
//! is a scenario file that fails exactly as long as the flaw is there.

mod stubs;

use std::sync::{Arc, LazyLock};

use grantcheck::catalogue::Catalogue;
use grantcheck::exchange::{Answer, Exchange};
use grantcheck::modes::access::Access;
use grantcheck::modes::fuzz::{Finding, Options, Tally, run};
use grantcheck::modes::prove::try_check;
use grantcheck::modes::threads::on_this_thread;
use grantcheck::modes::{connect, reference};
use grantcheck::outcome::Verdict;
use grantcheck::scenario::{Check, Suite};
use grantcheck::target::{Known, Target};
use reference_server::{Conduct, Defect, Liberty};
use stubs::{Manner, Stub, http};

static SUITE: LazyLock<Suite> = LazyLock::new(|| Suite::embedded().unwrap_or_else(|error| panic!("{error}")));
static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::embedded().unwrap_or_else(|error| panic!("{error}")));

/// A flaw, the route on which it shows, and within how many cases it is found with seed 1.
const FLAWS: &[(Defect, &str, u64)] = &[
    (Defect::ClientCredentialsAcceptsAnySecret, "client-credentials", 200),
    (Defect::EmptyVerifierAccepted, "code.redeem", 400),
    (Defect::VerifierNotCompared, "public-code.redeem", 300),
    (Defect::RedirectUriMatchedByPrefix, "code.authorize", 400),
    (Defect::RefreshTokenSignatureNotChecked, "refresh", 200),
    (Defect::TokenErrorDescriptionEchoesInput, "client-credentials", 200),
    (Defect::BrokenPercent500, "client-credentials", 200),
    (Defect::RedirectUriPatternStalls, "code.authorize", 500),
    (Defect::StateSplitsResponseHeader, "code.authorize", 500),
    (Defect::StateReflectedUnescapedInPage, "login-page", 400),
    (Defect::RefreshTokenUsableByOtherClient, "refresh", 300),
    (Defect::PasswordGrantSkipsClientAuthentication, "password", 600),
    (Defect::ChallengeParametersWithoutCommas, "resource", 100),
    (Defect::AuthorizeRefusesUnknownParameter, "code.authorize", 600),
    (Defect::TokenEndpointRefusesUnknownParameter, "client-credentials", 300),
    (Defect::RedirectParametersNotEncoded, "code.authorize", 600),
    (Defect::BasicFailureStatus400, "client-credentials", 300),
    (Defect::GrantTypeCaseFolded, "client-credentials", 400),
    (Defect::RepeatedTokenParameterAccepted, "client-credentials", 400),
    (Defect::BearerSchemeCaseSensitive, "resource", 200),
    (Defect::ExchangeRedirectUriNotCompared, "code.redeem", 600),
    (Defect::VerifierTildeRefused, "code.redeem", 600),
    (Defect::VerifierAcceptedWithoutChallenge, "code.redeem", 600),
    (Defect::ClientAssertionSignatureNotVerified, "assertion", 400),
    (Defect::ClassicRedirectUriNotChecked, "classic-code.authorize", 500),
    (Defect::RedirectUriQueryDropped, "other-code", 100),
    (Defect::IssParameterWrongValue, "code.authorize", 100),
    (Defect::PasswordDecodedAsLatin1, "password", 400),
    (Defect::ResourceTakesFirstOfRepeatedToken, "resource-form", 300),
];

#[test]
fn a_flaw_is_found_and_its_file_fails_exactly_as_long_as_the_flaw_is_there() {
    for (defect, route, cases) in FLAWS {
        let tally = embedded(Conduct::defect(*defect), &[route], 1, *cases);
        assert!(!tally.findings.is_empty(), "{} is not found in {cases} cases of {route}", defect.name());
        for finding in &tally.findings {
            assert_eq!(verdict(finding, Conduct::defect(*defect)), Verdict::Fail, "{}", finding.text);
            assert_eq!(verdict(finding, Conduct::default()), Verdict::Pass, "{}", finding.text);
        }
    }
}

#[test]
fn the_healthy_provider_breaks_no_invariant() {
    let tally = embedded(Conduct::default(), &[], 2, 2_500);
    assert!(tally.findings.is_empty(), "{}", tally.findings[0].text);
    assert_eq!((tally.cases, &tally.left_out, &tally.died), (2_500, &Vec::new(), &None));
    assert!(tally.blocked * 20 < tally.cases, "{} of {} cases were blocked", tally.blocked, tally.cases);
}

#[test]
fn no_liberty_breaks_an_invariant() {
    for liberty in Liberty::ALL {
        let tally = embedded(Conduct::liberty(*liberty), &[], 3, 150);
        assert!(tally.findings.is_empty(), "under {}: {}", liberty.name(), tally.findings[0].text);
    }
}

#[test]
fn what_the_target_file_knows_is_found_and_marked() {
    let mut target = reference();
    let access = Access::embedded(Conduct::defect(Defect::ClientCredentialsAcceptsAnySecret));
    let options = options(&["client-credentials"], 1, 200);
    let known = |target: &Target| {
        let tally = on_this_thread(run(&SUITE, &CATALOGUE, target, &access, &options, &|_| {}));
        let known: Vec<bool> = tally.findings.iter().map(|finding| !finding.is_new()).collect();
        (known, tally.findings[0].known_as.clone())
    };
    let (before, name) = known(&target);
    target.known.push(Known { check: name, reason: "a mock".into(), sometimes: false });
    assert_eq!((before, known(&target).0), (vec![false], vec![true]));
}

#[test]
fn the_same_seed_makes_the_same_run() {
    let summary = || {
        let tally = embedded(Conduct::defect(Defect::ClientSecretNotCompared), &[], 5, 400);
        let texts: Vec<String> = tally.findings.iter().map(|finding| finding.text.clone()).collect();
        (tally.requests, tally.novel, tally.blocked, texts)
    };
    let first = summary();
    assert_eq!(first, summary());
    assert!(!first.3.is_empty());
}

#[test]
fn a_server_that_breaks_on_a_null_byte_is_found() {
    let tally = against(&token_endpoint(|| Some(http("500 Oops", &[], ""))), 120);
    assert_eq!(besides_rulings(&tally), ["server-error"]);
}

#[test]
fn a_server_that_hangs_on_a_null_byte_is_found() {
    let tally = against(&token_endpoint(|| None), 120);
    assert_eq!(besides_rulings(&tally), ["hang"]);
}

#[test]
fn a_finding_is_made_smaller_only_as_long_as_the_answer_is_the_same() {
    let stub = Stub::answering_or_silent(|request| {
        let json = [("Content-Type", "application/json"), ("Cache-Control", "no-store")];
        let right =
            http("200 OK", &json, r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":9}"#);
        let good = request.contains("Basic QWxhZGRpbjpvcGVuLXNlc2FtZS0wMQ==");
        let known = request.contains("grant_type=client_credentials");
        Some(if good || known { right } else { http("400 Bad Request", &[], "no") })
    });
    let tally = against(&stub, 1200);
    let shapes: Vec<&Finding> = tally.findings.iter().filter(|finding| finding.invariant == "error-shape").collect();
    let statuses = shapes.iter().map(|finding| finding.outcome.exchanges.last().and_then(status));
    assert_eq!(statuses.collect::<Vec<_>>(), [Some(400)]);
}

#[test]
fn a_server_whose_unchanged_runs_are_not_accepted_is_not_fuzzed() {
    for manner in [Manner::InternalError, Manner::BadRequest, Manner::Garbage] {
        let tally = against(&Stub::of(manner), 120);
        assert_eq!((tally.cases, tally.findings.len()), (0, 0), "{manner:?}");
        assert_eq!(tally.left_out.len(), 1, "{manner:?}");
    }
}

fn embedded(conduct: Conduct, select: &[&str], seed: u64, cases: u64) -> Tally {
    let options = options(select, seed, cases);
    let access = Access::embedded(conduct);
    on_this_thread(run(&SUITE, &CATALOGUE, &reference(), &access, &options, &|_| {}))
}

fn options(select: &[&str], seed: u64, cases: u64) -> Options {
    let select = select.iter().map(ToString::to_string).collect();
    Options { select, seed, cases: Some(cases), time: None, first: false }
}

/// The verdict on a finding's file, as `grantcheck run` gives it.
fn verdict(finding: &Finding, conduct: Conduct) -> Verdict {
    let check = Arc::new(Check::parse(finding.name.clone(), finding.text.clone()).unwrap());
    try_check(&SUITE, &CATALOGUE, &reference(), &check, conduct, 9)[0].verdict
}

/// A token endpoint that knows one client, and does something else when there is a null byte.
fn token_endpoint(otherwise: impl Fn() -> Option<Vec<u8>> + Send + Sync + 'static) -> Stub {
    let json = [("Content-Type", "application/json"), ("Cache-Control", "no-store")];
    let right =
        http("200 OK", &json, r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":9}"#);
    let challenged = [json[0], ("WWW-Authenticate", "Basic realm=\"stub\"")];
    let wrong = http("401 Unauthorized", &challenged, r#"{"error":"invalid_client"}"#);
    let broken = http("400 Bad Request", &json, r#"{"error":"invalid_request"}"#);
    Stub::answering_or_silent(move |request| {
        let good = request.contains("Basic QWxhZGRpbjpvcGVuLXNlc2FtZS0wMQ==");
        let known = request.contains("grant_type=client_credentials");
        match (request.contains("%00"), good, known) {
            (true, ..) => otherwise(),
            (_, false, _) => Some(wrong.clone()),
            (_, _, false) => Some(broken.clone()),
            _ => Some(right.clone()),
        }
    })
}

fn against(stub: &Stub, cases: u64) -> Tally {
    let file = format!(
        "name = 'stub'\nissuer = '{}'\ndiscover = false\nsupports = ['client_credentials']\nendpoints.token = '/token'\n\
         [pace]\ntimeout_ms = 200\nretry_ms = 0\n[clients.confidential]\nid = 'Aladdin'\nsecret = 'open-sesame-01'\n",
        stub.origin()
    );
    let mut target = Target::from_toml("stub.toml", &file).unwrap_or_else(|error| panic!("{error}"));
    on_this_thread(async {
        let (access, _) = connect(&mut target).await.unwrap_or_else(|error| panic!("{error}"));
        run(&SUITE, &CATALOGUE, &target, &access, &options(&[], 1, cases), &|_| {}).await
    })
}

fn status(exchange: &Exchange) -> Option<u16> {
    match &exchange.answer {
        Answer::Response(response) => Some(response.status),
        Answer::Nothing(_) => None,
    }
}

/// The stub knows little of forms, so that it also takes what has to be refused, and refuses what is only spelt otherwise.
fn besides_rulings(tally: &Tally) -> Vec<&str> {
    let invariants = tally.findings.iter().map(|finding| finding.invariant);
    invariants.filter(|invariant| !["same", "refused"].contains(invariant)).collect()
}
