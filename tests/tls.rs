//! TLS over sockets: a target file names the authority, and what the suite says of a server with TLS is the same as in the process.

use grantcheck::catalogue::Catalogue;
use grantcheck::modes::check::{Options, run};
use grantcheck::modes::connect;
use grantcheck::modes::threads::on_this_thread;
use grantcheck::outcome::{RunOutcome, Verdict};
use grantcheck::scenario::Suite;
use grantcheck::target::Target;
use reference_server::http::{Listening, Server};
use reference_server::{Conduct, Config, Defect};

const REFERENCE: &str = include_str!("../targets/reference.toml");

/// The checks that are about TLS.
const CHECKS: &[&str] = &[
    "rfc6749/3.1/authorization-endpoint-answers-over-tls-only",
    "rfc6749/3.2/token-endpoint-answers-over-tls-only",
    "rfc6749/10.3/access-tokens-travel-over-tls-only",
    "rfc6749/10.9/certificate-proves-the-server",
    "rfc6750/5.2/weak-cipher-suites-are-refused",
    "rfc7009/2/revocation-without-tls-revokes-all-the-same",
    "rfc7636/7.5",
    "rfc7662/4/tls-1.2-is-spoken",
];

/// What these checks say of a provider behind TLS; `trusted` says whether the target file names its authority.
fn said_of(conduct: Conduct, trusted: bool) -> RunOutcome {
    let listening = Listening::bind_tls("127.0.0.1", 0, Some(0), Config::default(), conduct).unwrap();
    let cleartext = format!("http://{}", listening.cleartext().unwrap());
    let folder = std::env::temp_dir().join(format!("grantcheck-tls-{}", cleartext.rsplit(':').next().unwrap()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("ca.pem"), listening.authority().unwrap()).unwrap();
    let ca = if trusted { "ca = \"ca.pem\"" } else { "" };
    let file = REFERENCE.replace("${REFERENCE_ISSUER:-http://127.0.0.1:8181}", listening.issuer());
    let file = format!("{file}\n[tls]\n{ca}\ncleartext = \"{cleartext}\"\n[pace]\nretry_ms = 0\n");
    std::fs::write(folder.join("target.toml"), file).unwrap();
    let _server = Server::serve(2, listening).unwrap();
    let target = Target::load(&folder.join("target.toml"));
    std::fs::remove_dir_all(&folder).unwrap();
    let mut target = target.unwrap_or_else(|error| panic!("{error}"));
    let (suite, catalogue) = (Suite::embedded().unwrap(), Catalogue::embedded().unwrap());
    let select = CHECKS.iter().map(ToString::to_string).collect();
    on_this_thread(async {
        let (access, _) = connect(&mut target).await.unwrap();
        run(&suite, &catalogue, &target, &access, &Options { select, ..Options::default() }, &|_| {}).await
    })
}

fn with(run: &RunOutcome, verdict: Verdict) -> Vec<&str> {
    let mut ids: Vec<&str> =
        run.checks.iter().filter(|check| check.verdict == verdict).map(|check| check.id.as_str()).collect();
    ids.dedup();
    ids
}

#[test]
fn a_server_that_speaks_tls_as_it_should_passes() {
    let run = said_of(Conduct::default(), true);
    assert!(
        run.checks.len() >= 15 && run.checks.iter().all(|check| check.verdict == Verdict::Pass),
        "{:?}",
        run.checks
    );
}

#[test]
fn what_answers_in_the_clear_or_agrees_to_too_much_is_found() {
    for (defect, check) in [
        (Defect::TokenEndpointAnswersWithoutTls, "rfc6749/3.2/token-endpoint-answers-over-tls-only"),
        (Defect::CertificateNotValid, "rfc6749/10.9/certificate-proves-the-server"),
        (Defect::NullCipherAccepted, "rfc6750/5.2/weak-cipher-suites-are-refused"),
        (Defect::HttpRevocationIgnored, "rfc7009/2/revocation-without-tls-revokes-all-the-same"),
        (Defect::OldTlsAccepted, "rfc7636/7.5/old-versions-of-tls-are-refused"),
    ] {
        let run = said_of(Conduct::defect(defect), true);
        let found = [with(&run, Verdict::Fail), with(&run, Verdict::Warn)].concat();
        assert_eq!(found, [check], "{}", defect.name());
    }
}

#[test]
fn an_authority_that_nobody_named_proves_nothing() {
    let run = said_of(Conduct::default(), false);
    assert_eq!(with(&run, Verdict::Fail), ["rfc6749/10.9/certificate-proves-the-server"]);
    assert!(with(&run, Verdict::Blocked).contains(&"rfc6749/3.2/token-endpoint-answers-over-tls-only"));
}
