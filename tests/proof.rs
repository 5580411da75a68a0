//! One test a check: it passes on the healthy provider, fails under each of its defects, and under no liberty.

use std::sync::Arc;

use grantcheck::catalogue::Catalogue;
use grantcheck::modes::prove::{ProveOptions, prove};
use grantcheck::modes::reference;
use grantcheck::scenario::Suite;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let suite = Arc::new(Suite::embedded().unwrap_or_else(|error| panic!("{error}")));
    let catalogue = Arc::new(Catalogue::embedded().unwrap_or_else(|error| panic!("{error}")));
    let checks = suite.checks().iter().map(|check| {
        let (suite, catalogue, id) = (suite.clone(), catalogue.clone(), check.id.clone());
        Trial::test(format!("check::{}", check.id), move || holds(&suite, &catalogue, &id))
    });
    libtest_mimic::run(&Arguments::from_args(), checks.collect()).exit();
}

fn holds(suite: &Suite, catalogue: &Catalogue, id: &str) -> Result<(), Failed> {
    let options = ProveOptions { select: vec![id.to_owned()], seed: 1, matrix: false };
    let proof = prove(suite, catalogue, &reference(), &options);
    let lines = [&proof.unhealthy, &proof.unnoticed, &proof.unproven, &proof.intolerant].map(|list| list.join("\n"));
    if proof.holds() { Ok(()) } else { Err(lines.join("\n").trim().to_owned().into()) }
}
