//! One test a check: against the provider in the process, or against `GRANTCHECK_TARGET=targets/x.toml`.

use std::sync::Arc;

use grantcheck::catalogue::Catalogue;
use grantcheck::modes::access::Access;
use grantcheck::modes::check::{Options, run};
use grantcheck::modes::threads::on_this_thread;
use grantcheck::modes::{connect, reference};
use grantcheck::outcome::{CheckOutcome, Verdict};
use grantcheck::scenario::Suite;
use grantcheck::target::Target;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let suite = Arc::new(Suite::embedded().unwrap_or_else(|error| panic!("{error}")));
    let world = Arc::new(World::new());
    let trials = suite.checks().iter().map(|check| {
        let (suite, world, id) = (suite.clone(), world.clone(), check.id.clone());
        Trial::test(check.id.clone(), move || world.conforms(&suite, &id))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

struct World {
    catalogue: Catalogue,
    target: Target,
    file: Option<String>,
}

impl World {
    fn new() -> Self {
        let file = std::env::var("GRANTCHECK_TARGET").ok();
        let target = match &file {
            None => reference(),
            Some(path) => Target::load(path.as_ref()).unwrap_or_else(|error| panic!("{error}")),
        };
        let catalogue = Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"));
        Self { catalogue, target, file }
    }

    fn conforms(&self, suite: &Suite, id: &str) -> Result<(), Failed> {
        let outcomes = on_this_thread(async {
            let mut target = self.target.clone();
            let access = match self.file {
                None => Access::embedded(Default::default()),
                Some(_) => connect(&mut target).await.map_err(|error| error.to_string())?.0,
            };
            let profile = self.file.is_none().then(|| "strict".to_owned());
            let options = Options { select: vec![id.to_owned()], profile, ..Options::default() };
            Ok::<_, String>(run(suite, &self.catalogue, &target, &access, &options, &|_| {}).await.checks)
        })?;
        let bad: Vec<String> = outcomes.iter().filter(|outcome| self.deviates(outcome)).map(line).collect();
        if bad.is_empty() { Ok(()) } else { Err(bad.join("\n").into()) }
    }

    /// On the reference nothing may be found; elsewhere a MUST may not be broken and nothing may be blocked.
    fn deviates(&self, outcome: &CheckOutcome) -> bool {
        match outcome.verdict {
            Verdict::Fail | Verdict::Blocked => outcome.known.is_none(),
            Verdict::Warn | Verdict::Flaky => self.file.is_none(),
            Verdict::Pass | Verdict::Skipped => false,
        }
    }
}

fn line(outcome: &CheckOutcome) -> String {
    format!("{} {}: {} {}", outcome.id, outcome.case.as_deref().unwrap_or(""), outcome.verdict.word(), outcome.reason)
}
