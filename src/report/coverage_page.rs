//! `docs/coverage.md`: how much of each specification is checked, and where the tests of other suites are found here.

use crate::catalogue::{OtherSuite, OtherTest, SpecCoverage};

/// The page, as Markdown.
pub fn coverage_page(counted: &[SpecCoverage], suites: &[OtherSuite]) -> String {
    let specs: String = counted.iter().map(spec).collect();
    let suites: String = suites.iter().map(suite).collect();
    format!(
        "# Coverage\n\nGenerated: `UPDATE=1 cargo test --test fresh` rewrites it, `grantcheck coverage` prints the first table.\n\n\
A row is a rule of the catalogue (`requirements/`). *Covered* rows have a check; *proven* ones have a check that is red under the defect of the row on the\n\
reference provider; *excused* rows say why no check is possible; *missing* ones are work to do. Specifications without any covered row are still to come.\n\n\
## Specifications\n\n| specification | rows | testable | covered | proven | excused | missing |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n{specs}{suites}"
    )
}

fn spec(entry: &SpecCoverage) -> String {
    let SpecCoverage { spec, rows, testable, covered, proven, excused, missing, .. } = entry;
    format!("| {spec} | {rows} | {testable} | {covered} | {proven} | {excused} | {} |\n", missing.len())
}

fn suite(suite: &OtherSuite) -> String {
    let count = |has: fn(&OtherTest) -> bool| suite.tests.iter().filter(|test| has(test)).count();
    let rows: String = suite.tests.iter().map(test).collect();
    format!(
        "\n## {}\n\n{} tests: {} are checked here, {} belong to extensions that are still to come, {} have no check for the reason given.\n\n\
| test | here |\n| --- | --- |\n{rows}",
        suite.suite,
        suite.tests.len(),
        count(|test| !test.checks.is_empty()),
        count(|test| test.later.is_some()),
        count(|test| test.excuse.is_some()),
    )
}

fn test(test: &OtherTest) -> String {
    let checks: Vec<String> = test.checks.iter().map(|id| format!("`{id}`")).collect();
    let later = test.later.as_ref().map(|file| format!("later, with {file}"));
    let here = later.or(test.excuse.clone()).unwrap_or_else(|| checks.join(", "));
    format!("| {} | {here} |\n", test.name)
}
