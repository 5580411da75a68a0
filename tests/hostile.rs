//! Against a server that says the same to everything no refusal check passes, and the run ends with a documented code.

mod against;
mod stubs;

use std::sync::LazyLock;

use against::against;
use grantcheck::cli::Exit;
use grantcheck::modes::check::Options;
use grantcheck::outcome::{RunOutcome, Verdict};
use grantcheck::scenario::{Kind, Suite};
use stubs::{Manner, Stub};

static SUITE: LazyLock<Suite> = LazyLock::new(|| Suite::embedded().unwrap_or_else(|error| panic!("{error}")));

fn run_against(manner: Manner) -> RunOutcome {
    let stub = Stub::of(manner);
    let options = Options { profile: Some("strict".into()), ..Options::default() };
    against(&stub.origin(), "timeout_ms = 100\njobs = 16\nretry_ms = 0", &options, &SUITE)
}

fn no_refusal_check_passes(manner: Manner) {
    let outcome = run_against(manner);
    let fooled: Vec<String> = outcome
        .checks
        .iter()
        .filter(|check| check.kind == Kind::Refusal && check.verdict == Verdict::Pass)
        .map(|check| format!("{}#{}", check.id, check.case.as_deref().unwrap_or_default()))
        .collect();
    assert!(fooled.is_empty(), "{manner:?} satisfies {}", fooled.join(", "));
    assert!(outcome.checks.iter().any(|check| check.kind == Kind::Refusal), "{manner:?}: no refusal check was there");
    let exit = Exit::of(&outcome, false);
    let wanted: &[Exit] = if manner.answers() { &[Exit::Failed, Exit::Blocked] } else { &[Exit::Blocked] };
    assert!(wanted.contains(&exit), "{manner:?} ends with {exit:?}");
}

macro_rules! manners {
    ($($name:ident = $manner:ident;)*) => {
        $(#[test] fn $name() { no_refusal_check_passes(Manner::$manner) })*

        #[test]
        fn every_manner_has_a_test() {
            let tested = [$(Manner::$manner),*];
            assert!(Manner::ALL.iter().all(|manner| tested.contains(manner)));
        }
    };
}

manners! {
    no_refusal_check_passes_against_400_to_everything = BadRequest;
    no_refusal_check_passes_against_401_to_everything = Unauthorized;
    no_refusal_check_passes_against_429_to_everything = TooManyRequests;
    no_refusal_check_passes_against_500_to_everything = InternalError;
    no_refusal_check_passes_against_an_empty_200 = Empty;
    no_refusal_check_passes_against_a_login_page = LoginPage;
    no_refusal_check_passes_against_garbage = Garbage;
    no_refusal_check_passes_against_silence = Silence;
    no_refusal_check_passes_against_a_closed_connection = Closed;
    no_refusal_check_passes_against_an_endless_body = EndlessBody;
    no_refusal_check_passes_against_slow_bytes = SlowBytes;
    no_refusal_check_passes_against_a_redirect_loop = RedirectLoop;
}

#[test]
fn a_server_that_is_not_there_blocks_everything_at_once() {
    let origin = Stub::of(Manner::Closed).origin();
    let outcome = against(&origin, "", &Options::default(), &SUITE);
    assert_eq!(Exit::of(&outcome, false), Exit::Blocked);
    assert!(outcome.notes.iter().any(|note| note.contains("does not answer")), "{:?}", outcome.notes);
    assert_eq!(outcome.count(Verdict::Pass), 0);
}
