//! A module uses only modules of its own layer's list or below. `ARCHITECTURE.md` draws this table.

use std::path::Path;

/// Top to bottom; modules on one line may not use each other, except where a line of `BESIDE` says so.
const LAYERS: &[&[&str]] = &[
    &["cli", "conformance"],
    &["report", "fuzzing"],
    &["modes"],
    &["engine"],
    &["wire", "judge", "plan"],
    &["outcome", "offer"],
    &["target", "catalogue"],
    &["scenario", "exchange"],
    &["secret", "edit", "crypto", "caret"],
];

/// Uses within one line that are meant: who, whom.
const BESIDE: &[(&str, &str)] = &[("crypto", "secret")];

#[test]
fn a_module_uses_only_modules_below_it() {
    let mut wrong = Vec::new();
    for (rank, layer) in LAYERS.iter().enumerate() {
        for module in *layer {
            for (file, source) in sources(module) {
                let used = LAYERS[..=rank].concat().into_iter().filter(|other| other != module);
                let upward = used.filter(|other| uses(&source, other) && !BESIDE.contains(&(module, other)));
                wrong.extend(upward.map(|other| format!("{file} uses {other}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_has_a_layer() {
    let listed = LAYERS.concat();
    let library = std::fs::read_to_string("src/lib.rs").unwrap();
    let modules = library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let missing: Vec<&str> = modules.filter(|module| !listed.contains(module)).collect();
    assert!(missing.is_empty(), "no layer for {missing:?}");
}

#[test]
fn only_cli_prints_and_only_wire_opens_sockets_or_reads_the_clock() {
    let rules = [
        (&["println!", "eprintln!", "print!("][..], &["cli"][..]),
        (&["TcpStream", "reqwest::"][..], &["wire"][..]),
        (&["SystemTime::now"][..], &["wire", "cli"][..]),
    ];
    let mut wrong = Vec::new();
    for module in LAYERS.concat() {
        for (file, source) in sources(module) {
            for (words, allowed) in rules {
                let met = words.iter().filter(|word| source.contains(**word) && !allowed.contains(&module));
                wrong.extend(met.map(|word| format!("{file} has {word}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each library is met in one module.
#[test]
fn outside_libraries_are_met_in_one_module() {
    let homes = [
        ("reqwest::", &["wire"][..]),
        ("httparse", &["wire"]),
        ("rustls::", &["wire"]),
        ("scraper::", &["judge"]),
        ("cookie_store", &["engine"]),
        ("fantoccini", &["engine"]),
        // The report reads the histograms that `bench` made.
        ("hdrhistogram::", &["modes", "report"]),
        ("annotate_snippets", &["caret"]),
        ("aws_lc_rs::signature", &["crypto"]),
        ("arbitrary::", &["fuzzing"]),
        ("maud::", &["report"]),
        ("quick_junit", &["report"]),
        ("chrono::", &["report"]),
        ("hmac::", &["crypto"]),
        ("sha1::", &["crypto"]),
        ("sha2::", &["crypto"]),
        ("clap::", &["cli"]),
        ("schemars::schema_for", &["scenario"]),
    ];
    let mut wrong = Vec::new();
    for module in LAYERS.concat() {
        for (file, source) in sources(module) {
            let met = homes.iter().filter(|(word, home)| source.contains(word) && !home.contains(&module));
            wrong.extend(met.map(|(word, _)| format!("{file} uses {word}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn uses(source: &str, module: &str) -> bool {
    source.contains(&format!("crate::{module}::")) || source.contains(&format!("crate::{module};"))
}

/// The sources of a module without their tests.
fn sources(module: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let single = format!("src/{module}.rs");
    if Path::new(&single).exists() {
        found.push(read(&single));
    }
    collect(Path::new("src").join(module).as_path(), &mut found);
    found
}

fn collect(directory: &Path, found: &mut Vec<(String, String)>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(read(&path.display().to_string()));
        }
    }
}

fn read(path: &str) -> (String, String) {
    let source = std::fs::read_to_string(path).unwrap();
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    (path.to_owned(), code.join("\n"))
}
