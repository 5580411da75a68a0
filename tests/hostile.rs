//! Against a server that says the same to everything no refusal check passes, and the run ends with a documented code.

mod against;
mod stubs;

use std::sync::LazyLock;

use against::against;
use grantcheck::cli::Exit;
use grantcheck::modes::check::Options;
use grantcheck::outcome::{RunOutcome, Verdict};
use grantcheck::scenario::{Kind, Suite};
use stubs::{Manner, Stub, found};

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
    no_refusal_check_passes_against_a_redirect_to_a_file = RedirectToFile;
    no_refusal_check_passes_against_ten_thousand_fields = ManyFields;
    no_refusal_check_passes_against_a_packed_body = PackedBody;
    no_refusal_check_passes_against_broken_text = BrokenText;
    no_refusal_check_passes_against_deep_json = DeepJson;
    no_refusal_check_passes_against_a_huge_form = HugeForm;
    no_refusal_check_passes_against_contradicting_fields = Contradiction;
    no_refusal_check_passes_against_half_a_body = HalfBody;
    no_refusal_check_passes_against_two_answers = TwoAnswers;
    no_refusal_check_passes_against_control_sequences = ControlSequences;
}

#[test]
fn a_server_that_is_not_there_blocks_everything_at_once() {
    let origin = Stub::of(Manner::Closed).origin();
    let outcome = against(&origin, "", &Options::default(), &SUITE);
    assert_eq!(Exit::of(&outcome, false), Exit::Blocked);
    assert!(outcome.notes.iter().any(|note| note.contains("does not answer")), "{:?}", outcome.notes);
    assert_eq!(outcome.count(Verdict::Pass), 0);
}

/// Wherever a server leads, what belongs to it stays with it.
#[test]
fn nothing_is_sent_to_another_origin() {
    let elsewhere = Stub::of(Manner::LoginPage);
    for location in [elsewhere.url("/cb"), elsewhere.url("/login?next=/token")] {
        let (page, redirect) = (
            format!(
                "<form method=post action=\"{location}\"><input name=username><input type=password name=p><button>Log in</button></form>"
            ),
            found(&location),
        );
        let stub =
            Stub::answering(
                move |request| if request.contains("GET /authorize") { stubs::page(&page) } else { redirect.clone() },
            );
        let options = Options { select: vec!["rfc6749".into()], ..Options::default() };
        against(&stub.origin(), "timeout_ms = 100\njobs = 16\nretry_ms = 0", &options, &SUITE);
        assert!(!stub.asked().is_empty());
    }
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
}
