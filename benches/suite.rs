//! The whole suite on the provider in the process, and the proof: the README's two promises about time. Planning and judging,
//! which need no server, apart.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use grantcheck::catalogue::Catalogue;
use grantcheck::engine::{self, Session, Transcript};
use grantcheck::modes::access::Access;
use grantcheck::modes::check::{Options, run};
use grantcheck::modes::prove::{ProveOptions, prove};
use grantcheck::modes::reference;
use grantcheck::modes::threads::on_this_thread;
use grantcheck::modes::verdict::of_variation;
use grantcheck::plan::{Plan, Planned, PlannedCase, plan};
use grantcheck::scenario::Suite;
use grantcheck::target::Target;

fn suite(criterion: &mut Criterion) {
    let suite = Suite::embedded().expect("the suite loads");
    let catalogue = Catalogue::embedded().expect("the catalogue loads");
    let target = reference();
    let access = Access::embedded(Default::default());
    let options = Options::default();
    let mut group = criterion.benchmark_group("suite");
    group.sample_size(10);
    group.bench_function("run", |bencher| {
        bencher.iter(|| on_this_thread(run(&suite, &catalogue, &target, &access, &options, &|_| {})));
    });
    group.bench_function("plan", |bencher| {
        bencher.iter(|| suite.checks().iter().for_each(|check| drop(black_box(plan(check, &suite, &target)))));
    });
    let performed = performed(&suite, &target, &access);
    group.bench_function("judge", |bencher| {
        bencher.iter(|| {
            for (plan, transcripts) in &performed {
                plan.cases
                    .iter()
                    .zip(transcripts)
                    .for_each(|(case, seen)| drop(black_box(of_variation(plan, case, seen))));
            }
        });
    });
    group.bench_function("prove", |bencher| {
        bencher.iter(|| prove(&suite, &catalogue, &target, &ProveOptions { seed: 1, ..ProveOptions::default() }));
    });
    group.finish();
}

/// What travelled for each case of each check that the provider can answer as it stands.
fn performed(suite: &Suite, target: &Target, access: &Access) -> Vec<(Plan, Vec<Transcript>)> {
    let as_it_stands = suite.checks().iter().filter(|check| check.file.provider.is_none() && check.file.when.is_none());
    let plans = as_it_stands.filter_map(|check| match plan(check, suite, target) {
        Planned::Runs(plan) => Some(plan),
        Planned::Skipped(_) => None,
    });
    let perform = |plan: &Plan| -> Vec<Transcript> {
        let wire = access.wire(1);
        let varied = |case: &&PlannedCase| case.variation.is_some() || !case.with.is_empty();
        let session = || Session { wire: &wire, target, seed: 1, slow: false };
        let cases = plan.cases.iter().map(|case| Some(case).filter(varied));
        cases.map(|case| on_this_thread(engine::run(plan, case, session()))).collect()
    };
    plans
        .map(|plan| {
            let seen = perform(&plan);
            (plan, seen)
        })
        .collect()
}

criterion_group!(benches, suite);
criterion_main!(benches);
