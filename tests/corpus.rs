//! The corpus of the fuzz targets, replayed on the stable toolchain: what a fuzzer once found stays mended.

use std::fs;
use std::path::Path;

use grantcheck::fuzzing;

#[test]
fn the_corpus_of_provider_requests_is_answered() {
    replay("provider_request", |bytes| reference_server::fuzzing::requests(&bytes));
}

#[test]
fn the_corpus_of_scenario_files_is_read_or_refused() {
    replay("scenario_file", |bytes| fuzzing::scenario_file(&text(bytes)));
}

#[test]
fn the_corpus_of_target_files_is_read_or_refused() {
    replay("target_file", |bytes| fuzzing::target_file(&text(bytes)));
}

#[test]
fn the_corpus_of_templates_and_selectors_is_read_or_refused() {
    replay("template_and_selector", |bytes| fuzzing::template_and_selector(&text(bytes)));
}

#[test]
fn every_fuzz_target_has_a_corpus_that_is_replayed() {
    let here = include_str!("corpus.rs");
    for entry in fs::read_dir("fuzz/fuzz_targets").unwrap().flatten() {
        let name = entry.path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(here.contains(&format!("replay(\"{name}\"")), "{name} is not replayed");
    }
}

fn replay(target: &str, body: impl Fn(Vec<u8>)) {
    let folder = Path::new("fuzz/corpus").join(target);
    let paths: Vec<_> = fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path()).collect();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths.into_iter().for_each(|path| body(fs::read(path).unwrap()));
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}
