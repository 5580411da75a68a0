//! The model finds what is broken, shrinks it to a scenario file that replays, and bears whatever a specification allows.

mod stubs;

use std::sync::Arc;

use grantcheck::catalogue::Catalogue;
use grantcheck::modes::access::Access;
use grantcheck::modes::model::{Options, Outcome, run};
use grantcheck::modes::prove::try_check;
use grantcheck::modes::threads::{on_this_thread, parallel};
use grantcheck::modes::{connect, reference};
use grantcheck::outcome::Verdict;
use grantcheck::report::{self, Clean};
use grantcheck::scenario::{Check, Suite};
use grantcheck::target::Target;
use reference_server::{Conduct, Defect, Liberty};
use stubs::{Manner, Stub};

/// A defect of each class, and how many events show it at most.
const PLANTED: &[(Defect, usize)] = &[
    (Defect::CodeReusable, 3),
    (Defect::TamperedCodeAccepted, 2),
    (Defect::RefreshReplayLeavesFamilyAlive, 5),
    (Defect::RevocationOfRefreshTokenIsANoOp, 4),
    (Defect::AccessTokenNeverExpires, 4),
    (Defect::RefreshTokenBindingLostAfterRotation, 4),
    (Defect::DisabledUserKeepsSession, 4),
    (Defect::ExchangeRedirectUriNotCompared, 2),
    (Defect::ChallengeStoredPerClientNotPerCode, 3),
    (Defect::RotatedRefreshTokenHasNarrowedScope, 4),
];

fn play(conduct: Conduct, seed: u64, histories: u64) -> Outcome {
    let options = Options { seed, histories, time: None, first: conduct.has_defects() };
    let access = Access::embedded(conduct);
    on_this_thread(run(&Catalogue::embedded().unwrap(), &reference(), &access, &options)).unwrap()
}

fn found(outcome: &Outcome) -> String {
    outcome.findings.iter().map(|finding| format!("{:?}\n{}\n", finding.rule, finding.scenario)).collect()
}

#[test]
fn nothing_is_found_on_the_healthy_provider() {
    let outcome = play(Conduct::default(), 1, 400);
    assert_eq!(outcome.histories, 400);
    assert_eq!(found(&outcome), "");
    assert!(outcome.run.count(Verdict::Pass) > 25, "{:?}", outcome.run.notes);
}

#[test]
fn every_liberty_is_borne() {
    let found = parallel(Liberty::ALL, |liberty| found(&play(Conduct::liberty(*liberty), 2, 20)));
    let wrong: Vec<_> = Liberty::ALL.iter().zip(found).filter(|(_, found)| !found.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_planted_defect_becomes_a_short_scenario_that_is_red_with_it_and_green_without() {
    let wrong = parallel(PLANTED, |(defect, events)| replayed(*defect, *events));
    let wrong: Vec<String> = wrong.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn replayed(defect: Defect, events: usize) -> Result<(), String> {
    let outcome = play(Conduct::defect(defect), 1, 1000);
    let finding = outcome.findings.first().ok_or(format!("{} is not found", defect.name()))?;
    let check = Arc::new(Check::parse("model/found".into(), finding.scenario.clone())?);
    let verdict = |conduct| {
        let catalogue = Catalogue::embedded().unwrap();
        try_check(&Suite::default(), &catalogue, &reference(), &check, conduct, 3)[0].verdict
    };
    let verdicts = (verdict(Conduct::defect(defect)), verdict(Conduct::default()));
    if verdicts != (Verdict::Fail, Verdict::Pass) || finding.events > events {
        return Err(format!("{}: {verdicts:?}\n{}", defect.name(), finding.scenario));
    }
    Ok(())
}

#[test]
fn the_same_seed_gives_the_same_findings() {
    let outcome = || found(&play(Conduct::defect(Defect::CodeReusable), 5, 300));
    let first = outcome();
    assert!(!first.is_empty());
    assert_eq!(first, outcome());
}

#[test]
fn a_server_that_refuses_everything_passes_nothing() {
    for manner in [Manner::TooManyRequests, Manner::BadRequest, Manner::Closed] {
        let stub = Stub::of(manner);
        let file = include_str!("../targets/reference.toml").replace("http://127.0.0.1:8181", &stub.origin());
        let mut target = Target::from_toml("stub.toml", &file).unwrap();
        let options = Options { seed: 1, histories: 60, time: None, first: false };
        let outcome = on_this_thread(async {
            let (access, _) = connect(&mut target).await.unwrap();
            run(&Catalogue::embedded().unwrap(), &target, &access, &options).await.unwrap()
        });
        let passed: Vec<&String> =
            outcome.run.checks.iter().filter(|check| check.verdict == Verdict::Pass).map(|check| &check.id).collect();
        assert!(passed.is_empty(), "{manner:?}: {passed:?}");
        assert_eq!(outcome.run.died, manner != Manner::BadRequest, "{manner:?}: {:?}", outcome.run.notes);
    }
}

#[test]
fn a_finding_shows_no_secret() {
    let outcome = play(Conduct::defect(Defect::CodeReusable), 1, 300);
    let story = report::terminal(&Clean::of(&outcome.run), &report::Terminal { verbose: true });
    let secret = regex::Regex::new("(access_token|refresh_token|code)(\":\"|=)[A-Za-z0-9_-]{20}").unwrap();
    assert!(story.contains("fail  ") && secret.find(&story).is_none(), "{story}");
}
