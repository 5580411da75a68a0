//! Two tests a check: it passes on the healthy provider and fails under each of its defects; it fails under no liberty.

use std::sync::Arc;

use grantcheck::catalogue::Catalogue;
use grantcheck::modes::prove::{Part, ProveOptions, defects_of, prove};
use grantcheck::modes::reference;
use grantcheck::scenario::Suite;
use libtest_mimic::{Arguments, Failed, Trial};
use reference_server::Defect;

fn main() {
    let suite = Arc::new(Suite::embedded().unwrap_or_else(|error| panic!("{error}")));
    let catalogue = Arc::new(Catalogue::embedded().unwrap_or_else(|error| panic!("{error}")));
    let parts = [("check", Part::Defects), ("liberties", Part::Liberties)];
    let checks = suite.checks().iter().flat_map(|check| {
        parts.map(|(name, part)| {
            let (suite, catalogue, id) = (suite.clone(), catalogue.clone(), check.id.clone());
            Trial::test(format!("{name}::{}", check.id), move || holds(&suite, &catalogue, &id, part))
        })
    });
    let (all, rows) = (suite.clone(), catalogue.clone());
    let defects = Trial::test("every_defect_is_named_by_a_check", move || every_defect_is_named(&all, &rows));
    libtest_mimic::run(&Arguments::from_args(), checks.chain([defects]).collect()).exit();
}

/// That it is noticed as well is what the tests of the checks show.
fn every_defect_is_named(suite: &Suite, catalogue: &Catalogue) -> Result<(), Failed> {
    let named: Vec<Defect> = suite.checks().iter().flat_map(|check| defects_of(check, catalogue)).collect();
    let open: Vec<&str> =
        Defect::ALL.iter().filter(|defect| !named.contains(defect)).map(|defect| defect.name()).collect();
    if open.is_empty() { Ok(()) } else { Err(open.join(", ").into()) }
}

fn holds(suite: &Suite, catalogue: &Catalogue, id: &str, part: Part) -> Result<(), Failed> {
    let options = ProveOptions { select: vec![id.to_owned()], seed: 1, matrix: false, part };
    let proof = prove(suite, catalogue, &reference(), &options);
    let lines = [&proof.unhealthy, &proof.unnoticed, &proof.unproven, &proof.intolerant].map(|list| list.join("\n"));
    if proof.holds() { Ok(()) } else { Err(lines.join("\n").trim().to_owned().into()) }
}
