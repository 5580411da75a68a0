//! The whole suite on the provider in the process, and the proof: the README's two promises about time.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use grantcheck::catalogue::Catalogue;
use grantcheck::modes::access::Access;
use grantcheck::modes::check::{Options, run};
use grantcheck::modes::prove::{ProveOptions, prove};
use grantcheck::modes::reference;
use grantcheck::modes::threads::on_this_thread;
use grantcheck::plan::plan;
use grantcheck::scenario::Suite;

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
    group.bench_function("prove", |bencher| {
        bencher.iter(|| prove(&suite, &catalogue, &target, &ProveOptions { seed: 1, ..ProveOptions::default() }));
    });
    group.finish();
}

criterion_group!(benches, suite);
criterion_main!(benches);
