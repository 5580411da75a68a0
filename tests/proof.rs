//! One test a check: it fails under each of its defects, and under no liberty. One test a defect: some check notices it.

use std::collections::BTreeSet;
use std::sync::Arc;

use grantcheck::catalogue::Catalogue;
use grantcheck::modes::prove::{ProveOptions, defects_of, prove};
use grantcheck::modes::reference;
use grantcheck::scenario::Suite;
use libtest_mimic::{Arguments, Failed, Trial};
use reference_server::Defect;

fn main() {
    let suite = Arc::new(Suite::embedded().unwrap_or_else(|error| panic!("{error}")));
    let catalogue = Arc::new(Catalogue::embedded().unwrap_or_else(|error| panic!("{error}")));
    let named: BTreeSet<Defect> = suite.checks().iter().flat_map(|check| defects_of(check, &catalogue)).collect();
    let checks = suite.checks().iter().map(|check| {
        let (suite, catalogue, id) = (suite.clone(), catalogue.clone(), check.id.clone());
        Trial::test(format!("check::{}", check.id), move || holds(&suite, &catalogue, &id))
    });
    let defects = Defect::ALL.iter().map(|&defect| {
        let noticed = named.contains(&defect);
        Trial::test(format!("defect::{}", defect.name()), move || match noticed {
            true => Ok(()),
            false => Err("no check names it".into()),
        })
    });
    let trials = checks.chain(defects).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn holds(suite: &Suite, catalogue: &Catalogue, id: &str) -> Result<(), Failed> {
    let options = ProveOptions { select: vec![id.to_owned()], seed: 1, matrix: false };
    let proof = prove(suite, catalogue, &reference(), &options);
    let lines = [&proof.unhealthy, &proof.unnoticed, &proof.unproven, &proof.intolerant].map(|list| list.join("\n"));
    if proof.holds() { Ok(()) } else { Err(lines.join("\n").trim().to_owned().into()) }
}
