//! What a check looks like when it passes and when it fails: the judged exchange, recorded from the provider in the
//! process, once as it should be and once with a promise broken.

use reference_server::{Conduct, Defect};

use crate::catalogue::Catalogue;
use crate::exchange::Exchange;
use crate::modes::access::Access;
use crate::modes::check::{Options, run};
use crate::modes::prove::defects_of;
use crate::modes::threads::on_this_thread;
use crate::outcome::CheckOutcome;
use crate::report::Clean;
use crate::scenario::{Check, Suite};
use crate::target::Target;

/// The exchanges, without secrets.
#[derive(Clone, Debug, Default)]
pub struct Example {
    /// The judged exchange of a provider that keeps its promises.
    pub right: Option<Exchange>,
    /// The same with a defect, and why the check fails then.
    pub wrong: Option<(Defect, String, Exchange)>,
}

/// Records an example. A check without an exchange of its own (a sample, a watch that sees nothing) may have none.
pub fn example(suite: &Suite, catalogue: &Catalogue, target: &Target, check: &Check) -> Example {
    let verdicts = |conduct| recorded(suite, catalogue, target, check, conduct);
    let wrong = defects_of(check, catalogue).into_iter().find_map(|defect| {
        let failed = verdicts(Conduct::defect(defect)).into_iter().find(|outcome| outcome.verdict.deviates())?;
        Some((defect, failed.case.clone(), failed.reason.clone(), failed.exchanges.last()?.clone()))
    });
    let case = wrong.as_ref().and_then(|(_, case, ..)| case.clone());
    let good = verdicts(Conduct::default()).into_iter().find(|outcome| case.is_none() || outcome.case == case);
    Example {
        right: good.and_then(|outcome| outcome.exchanges.last().cloned()),
        wrong: wrong.map(|(defect, _, reason, exchange)| (defect, reason, exchange)),
    }
}

fn recorded(
    suite: &Suite,
    catalogue: &Catalogue,
    target: &Target,
    check: &Check,
    conduct: Conduct,
) -> Vec<CheckOutcome> {
    let options = Options {
        select: vec![check.id.clone()],
        profile: Some("strict".into()),
        confirm: false,
        keep: true,
        ..Options::default()
    };
    let access = Access::embedded(conduct);
    let outcome = on_this_thread(run(suite, catalogue, target, &access, &options, &|_| {}));
    Clean::of(&outcome).run().checks.clone()
}
