//! A run against a stub of which everything is claimed that the reference provider offers, in the process too, so that every check tries.

use grantcheck::catalogue::Catalogue;
use grantcheck::modes::check::{Options, run};
use grantcheck::modes::connect;
use grantcheck::modes::threads::on_this_thread;
use grantcheck::outcome::RunOutcome;
use grantcheck::scenario::Suite;
use grantcheck::target::Target;

const REFERENCE: &str = include_str!("../../targets/reference.toml");

/// The outcome against a server at this origin; `pace` are lines of that table.
pub fn against(origin: &str, pace: &str, options: &Options, suite: &Suite) -> RunOutcome {
    let file = REFERENCE.replace("http://127.0.0.1:8181", origin) + &format!("\n[pace]\n{pace}\n");
    let mut target = Target::from_toml("stub.toml", &file).unwrap_or_else(|error| panic!("{error}"));
    target.supports.push("hook_disable_user".into());
    let catalogue = Catalogue::embedded().unwrap_or_else(|error| panic!("{error}"));
    on_this_thread(async {
        let (access, _) = connect(&mut target).await.unwrap_or_else(|error| panic!("{error}"));
        run(suite, &catalogue, &target, &access, options, &|_| {}).await
    })
}
