//! How often a race is noticed: each check that sends requests at the same instant, a hundred times, against a provider
//! whose look and act are a millisecond apart; in the process and over loopback. `cargo bench --bench race`.

use std::sync::Arc;

use grantcheck::catalogue::Catalogue;
use grantcheck::modes::access::Access;
use grantcheck::modes::check::{Options, run};
use grantcheck::modes::connect;
use grantcheck::modes::prove::defects_of;
use grantcheck::modes::reference;
use grantcheck::modes::threads::on_this_thread;
use grantcheck::scenario::{Check, Suite};
use grantcheck::target::Target;
use reference_server::http::Server;
use reference_server::{Conduct, Config};

const RUNS: u64 = 100;
/// So many requests wait in the window at the same time.
const THREADS: usize = 32;
const REFERENCE: &str = include_str!("../targets/reference.toml");

fn main() {
    let suite = Suite::embedded().expect("the suite loads");
    let catalogue = Catalogue::embedded().expect("the catalogue loads");
    let races = |check: &&Arc<Check>| check.file.step.iter().any(|step| step.together);
    println!("| race | noticed in the process | noticed over loopback |\n| --- | ---: | ---: |");
    for check in suite.checks().iter().filter(races) {
        let conduct = || defects_of(check, &catalogue).into_iter().fold(Conduct::default(), Conduct::with_defect);
        let embedded = Access::embedded(conduct());
        let (near, far) =
            (caught(&suite, &catalogue, check, &reference(), &embedded), far(&suite, &catalogue, check, conduct()));
        println!("| `{}` | {near} of {RUNS} | {far} of {RUNS} |", check.id);
    }
}

fn far(suite: &Suite, catalogue: &Catalogue, check: &Check, conduct: Conduct) -> usize {
    let server = Server::start_on(THREADS, Config::default(), conduct).expect("there is a free port");
    let file = REFERENCE.replace("http://127.0.0.1:8181", server.issuer());
    let mut target = Target::from_toml("reference.toml", &file).expect("the target file is right");
    let access = on_this_thread(connect(&mut target)).expect("the provider answers").0;
    caught(suite, catalogue, check, &target, &access)
}

fn caught(suite: &Suite, catalogue: &Catalogue, check: &Check, target: &Target, access: &Access) -> usize {
    let noticed = |seed: &u64| {
        let options = Options { select: vec![check.id.clone()], seed: *seed, confirm: false, ..Options::default() };
        let outcome = on_this_thread(run(suite, catalogue, target, access, &options, &|_| {}));
        outcome.checks.iter().any(|outcome| outcome.verdict.deviates())
    };
    (1..=RUNS).filter(noticed).count()
}
