//! JUnit XML for the test tabs of CI systems: a suite a section, a case a verdict. What fails the run is a failure, what was
//! blocked is an error; what is known or not judged is skipped, and a warning passes with its story beside it.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::clean::Clean;
use super::finding::plain_story;
use super::plain::plain;
use super::section::{Section, sections};
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};

/// The document.
pub fn junit(clean: &Clean) -> String {
    let run = clean.run();
    let mut report = Report::new(format!("grantcheck {}", plain(&run.target)));
    report.set_time(Duration::from_millis(run.duration_ms));
    report.add_test_suites(sections(&run.checks).iter().map(|section| suite(section, run)));
    report.add_test_suites(whole(run));
    // Jenkins' schema knows this attribute of a suite, not of all suites together. It stands in the first tag.
    report.to_string().unwrap_or_default().replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1)
}

fn suite(section: &Section<'_>, run: &RunOutcome) -> TestSuite {
    let name = [section.spec.as_str(), &section.section].join("/");
    let mut suite = TestSuite::new(name.trim_matches('/'));
    suite.set_time(Duration::from_millis(section.checks.iter().map(|check| check.duration_ms).sum()));
    suite.add_test_cases(section.checks.iter().map(|check| case(check, run)));
    suite
}

fn case(check: &CheckOutcome, run: &RunOutcome) -> TestCase {
    let folder = check.id.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut case = TestCase::new(plain(&check.name()), status(check, run));
    case.set_classname(plain(folder)).set_time(Duration::from_millis(check.duration_ms));
    if check.verdict.deviates() && !check.fails(run.strict) {
        case.set_system_out(plain_story(check, run));
    }
    case
}

fn status(check: &CheckOutcome, run: &RunOutcome) -> TestCaseStatus {
    let mut status = match check.verdict {
        _ if check.fails(run.strict) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Blocked if check.known.is_none() => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Pass | Verdict::Warn if check.known.is_none() => return TestCaseStatus::success(),
        Verdict::Flaky if check.known.is_none() => return TestCaseStatus::success(),
        _ => TestCaseStatus::skipped(),
    };
    let known = check.known.iter().map(|known| format!("known: {}; ", plain(known)));
    status.set_message(known.collect::<String>() + &plain(&check.reason)).set_type(check.verdict.word());
    if !matches!(status, TestCaseStatus::Skipped { .. }) {
        status.set_description(plain_story(check, run));
    }
    status
}

/// What concerns the run as a whole: a target that stopped answering, known deviations that are none any more.
fn whole(run: &RunOutcome) -> Option<TestSuite> {
    let mut suite = TestSuite::new("run");
    if run.died {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(run.notes.first().map_or_else(String::new, |note| plain(note))).set_type("blocked");
        suite.add_test_case(TestCase::new("the target answers until the end", status));
    }
    for entry in &run.stale_known {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message("it no longer deviates; take it out of the target file").set_type("stale");
        suite.add_test_case(TestCase::new(format!("[[known]] {}", plain(entry)), status));
    }
    (suite.tests > 0).then_some(suite)
}
