//! No check fails under two liberties at once, whichever two.

use grantcheck::catalogue::{Catalogue, Profile};
use grantcheck::modes::access::Access;
use grantcheck::modes::check::{Options, run};
use grantcheck::modes::reference;
use grantcheck::modes::threads::on_this_thread;
use grantcheck::outcome::{CheckOutcome, Verdict};
use grantcheck::scenario::Suite;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reference_server::{Conduct, Liberty};

/// Each case runs the whole suite once; `PROPTEST_CASES` asks for more.
const PAIRS: u32 = 12;

#[test]
fn no_check_fails_under_any_two_liberties() {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let liberty = || proptest::sample::select(Liberty::ALL);
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(PAIRS);
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(cases) });
    let outcome = runner.run(&(liberty(), liberty()), |pair| {
        let failing = failing(&suite, pair);
        prop_assert!(failing.is_empty(), "{}", failing.join("\n"));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// What fails, as the command that shows it.
fn failing(suite: &Suite, (one, other): (Liberty, Liberty)) -> Vec<String> {
    let catalogue = Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"));
    let conduct = Conduct::liberty(one).with_liberty(other);
    let options = Options { profile: Some(Profile::everything().name().into()), confirm: false, ..Options::default() };
    let access = Access::embedded(conduct);
    let run = on_this_thread(run(suite, &catalogue, &reference(), &access, &options, &|_| {}));
    let advised = |check: &CheckOutcome| {
        let known = suite.checks().iter().find(|known| known.id == check.id);
        let warns = known.is_some_and(|known| [one, other].iter().any(|liberty| known.file.warns_of(liberty.name())));
        warns && check.verdict == Verdict::Warn
    };
    let command = |check: &CheckOutcome| {
        let (one, other, id, reason) = (one.name(), other.name(), &check.id, &check.reason);
        format!("grantcheck run --profile strict --liberty {one} --liberty {other} {id}: {reason}")
    };
    let bad = |check: &CheckOutcome| check.verdict.deviates() || check.verdict == Verdict::Blocked;
    run.checks.iter().filter(|check| bad(check) && !advised(check)).map(command).collect()
}
