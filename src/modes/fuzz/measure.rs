//! How good the fuzzer is: with no check looking, which defects of the reference provider that concern the reading of one
//! request does it find?

use reference_server::{Conduct, Defect};

use super::{Options, run};
use crate::catalogue::Catalogue;
use crate::modes::access::Access;
use crate::modes::connect::reference;
use crate::modes::measured::{Class, Found, classes, measured};
use crate::modes::threads::{on_this_thread, parallel};
use crate::scenario::Suite;

/// Tries so many cases against each defect, until the first finding.
pub fn measure(suite: &Suite, catalogue: &Catalogue, seed: u64, cases: u64) -> Vec<Class> {
    let target = reference();
    let options = Options { select: Vec::new(), seed, cases: Some(cases), time: None, first: true };
    let first = |defect: &Defect| {
        let access = Access::embedded(Conduct::defect(*defect));
        let tally = on_this_thread(run(suite, catalogue, &target, &access, &options, &|_| {}));
        let finding = tally.findings.first()?;
        Some(Found { after: tally.cases, size: finding.edits })
    };
    measured(classes(include_str!("classes.toml")), |defects| parallel(defects, first))
}
