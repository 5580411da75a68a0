//! Generated files are fresh: `UPDATE=1 cargo test --test fresh` rewrites them.

use grantcheck::catalogue::{Catalogue, other_suites};
use grantcheck::cli::coverage::count;
use grantcheck::report::{Saved, coverage_page};
use grantcheck::scenario::{Suite, scenario_schema, schema_of};
use grantcheck::target::Target;

#[test]
fn the_schema_of_scenario_files_is_fresh() {
    fresh("scenarios/schema.json", &scenario_schema());
}

#[test]
fn the_schema_of_target_files_is_fresh() {
    fresh("targets/schema.json", &schema_of::<Target>());
}

#[test]
fn the_schema_of_saved_runs_is_fresh() {
    fresh("docs/report.schema.json", &schema_of::<Saved>());
}

#[test]
fn the_coverage_page_is_fresh() {
    let (suite, catalogue) = (Suite::embedded().unwrap(), Catalogue::embedded().unwrap());
    fresh("docs/coverage.md", &coverage_page(&count(&suite, &catalogue, false), &other_suites().unwrap()));
}

#[test]
fn the_tests_of_other_suites_are_compared_with_what_is_there() {
    let (suite, catalogue) = (Suite::embedded().unwrap(), Catalogue::embedded().unwrap());
    let is_check = |id: &String| suite.checks().iter().any(|check| check.id == *id);
    let is_file = |file: &String| catalogue.rows().iter().any(|row| row.file == *file);
    for test in other_suites().unwrap().iter().flat_map(|suite| &suite.tests) {
        let answers = [!test.checks.is_empty(), test.later.is_some(), test.excuse.is_some()];
        assert_eq!(answers.iter().filter(|given| **given).count(), 1, "{}", test.name);
        assert!(test.checks.iter().all(is_check) && test.later.iter().all(is_file), "{test:?}");
    }
}

fn fresh(path: &str, generated: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, generated).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == generated, "{path} is stale; `UPDATE=1 cargo test --test fresh` rewrites it");
}
