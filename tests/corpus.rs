//! The corpus of the fuzz targets, replayed on the stable toolchain: what a fuzzer once found stays mended.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use grantcheck::fuzzing::TARGETS;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let replays = TARGETS.iter().map(|(name, body)| Trial::test(*name, move || replay(name, *body)));
    let names = Trial::test("every_fuzz_target_has_a_file_a_dictionary_and_a_corpus", every_target_is_complete);
    let finds = PLANTED.iter().map(|(target, defect)| {
        Trial::test(format!("the_corpus_of_{target}_finds_{defect}"), move || finds(target, defect))
    });
    libtest_mimic::run(&Arguments::from_args(), replays.chain([names]).chain(finds).collect()).exit();
}

/// A target, and a broken promise of the provider that its corpus alone shows.
const PLANTED: [(&str, &str); 2] =
    [("session", "code-reusable"), ("redirect_uri", "redirect-uri-checked-against-all-clients")];

/// In a process of its own, since the bodies read the defect once.
fn finds(target: &str, defect: &str) -> Result<(), Failed> {
    let mut again = Command::new(std::env::current_exe()?);
    let output = again.args(["--exact", target]).env("GRANTCHECK_DEFECT", defect).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && text.contains("is a finding"), "{text}");
    Ok(())
}

fn replay(target: &str, body: fn(&[u8])) -> Result<(), Failed> {
    let seeds = files(&Path::new("fuzz/corpus").join(target));
    if seeds.is_empty() {
        return Err(format!("fuzz/corpus/{target} is empty").into());
    }
    for seed in seeds {
        let bytes = fs::read(&seed)?;
        std::panic::catch_unwind(|| body(&bytes)).map_err(|_| format!("{} is a finding", seed.display()))?;
    }
    Ok(())
}

fn every_target_is_complete() -> Result<(), Failed> {
    let listed: Vec<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut stems: Vec<String> = files(Path::new("fuzz/fuzz_targets")).iter().map(|path| stem(path)).collect();
    stems.sort();
    assert_eq!(stems, listed);
    let mut dictionaries: Vec<String> = files(Path::new("fuzz/dictionaries")).iter().map(|path| stem(path)).collect();
    dictionaries.retain(|name| !listed.contains(name));
    assert_eq!(dictionaries, [""; 0], "dictionaries of no target");
    let declared = fs::read_to_string("fuzz/Cargo.toml")?;
    assert!(listed.iter().all(|name| declared.contains(&format!("name = \"{name}\""))));
    Ok(())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
