//! Every mistake the linter knows, one file each in `tests/lint/`: its first line quotes the message and the place of the caret.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use grantcheck::catalogue::Catalogue;
use grantcheck::modes::access::Access;
use grantcheck::modes::reference;
use grantcheck::modes::threads::on_this_thread;
use grantcheck::modes::{fuzz, model};
use grantcheck::scenario::{Check, Problem, Suite, Vocabulary, lint};
use grantcheck::target::Target;
use reference_server::{Conduct, Defect};

#[test]
fn the_built_in_suite_has_no_problem() {
    let problems = problems(&Suite::embedded().unwrap());
    let rendered: Vec<&str> = problems.iter().map(|problem| problem.rendered.as_str()).collect();
    assert!(rendered.is_empty(), "{}", rendered.join("\n\n"));
}

#[test]
fn each_mistake_is_found_where_it_is() {
    let paths = files("tests/lint");
    assert!(!paths.is_empty());
    for path in paths {
        let first = std::fs::read_to_string(&path).unwrap().lines().next().unwrap().to_owned();
        let (line, message) = first.trim_start_matches("# line ").split_once(": ").unwrap();
        let suite = Suite::from_paths(std::slice::from_ref(&path)).unwrap();
        let found: Vec<Problem> =
            problems(&suite).into_iter().filter(|problem| path.ends_with(&problem.path)).collect();
        let rendered: Vec<&str> = found.iter().map(|problem| problem.rendered.as_str()).collect();
        assert_eq!(found.len(), 1, "{}: {rendered:?}", path.display());
        assert_eq!(found[0].message, message, "{}", path.display());
        assert!(rendered[0].contains(&format!(".toml:{line}:")) && rendered[0].contains('^'), "{}", rendered[0]);
    }
}

#[test]
fn what_the_searches_write_has_no_problem() {
    let texts = [fuzzed(Defect::ClientSecretNotCompared), played(Defect::CodeReusable)].concat();
    assert!(texts.len() > 1);
    for text in texts {
        let check = Check::parse("found".into(), text.clone()).unwrap_or_else(|error| panic!("{error}"));
        let suite = Suite::embedded().unwrap().with_checks(vec![Arc::new(check)]);
        let rendered: Vec<String> = problems(&suite).into_iter().map(|problem| problem.rendered).collect();
        assert!(rendered.is_empty(), "{}\n{text}", rendered.join("\n\n"));
    }
}

fn fuzzed(defect: Defect) -> Vec<String> {
    let options = fuzz::Options { select: Vec::new(), seed: 1, cases: Some(400), time: None, first: false };
    let access = Access::embedded(Conduct::defect(defect));
    let (suite, catalogue) = (Suite::embedded().unwrap(), Catalogue::embedded().unwrap());
    let tally = on_this_thread(fuzz::run(&suite, &catalogue, &reference(), &access, &options, &|_| {}));
    tally.findings.into_iter().map(|finding| finding.text).collect()
}

fn played(defect: Defect) -> Vec<String> {
    let options = model::Options { seed: 1, histories: 200, time: None, first: true };
    let access = Access::embedded(Conduct::defect(defect));
    let outcome = on_this_thread(model::run(&Catalogue::embedded().unwrap(), &reference(), &access, &options));
    outcome.unwrap().findings.into_iter().map(|finding| finding.scenario).collect()
}

#[test]
fn every_unreadable_file_is_reported_with_its_line() {
    let error = Suite::from_paths(&["tests/lint/unreadable".into()]).unwrap_err();
    let text = error.to_string();
    assert_eq!(error.0.len(), 2, "{text}");
    assert!(text.contains("line 2") && text.contains("unknown field `cover`") && text.contains('^'), "{text}");
    assert!(text.contains("unknown field `sttus`"), "{text}");
}

#[test]
fn every_target_file_can_be_read() {
    for path in files("targets") {
        assert!(Target::load(&path).is_ok(), "{}", Target::load(&path).unwrap_err());
    }
}

#[test]
fn every_example_of_the_documentation_can_be_read() {
    let page = std::fs::read_to_string("docs/scenario-format.md").unwrap();
    let (examples, head) = (examples(&page), "title = \"A fact\"\nwhy = \"w\"\nfix = \"f\"\n");
    assert!(examples.len() > 10);
    for example in examples.iter().filter(|example| example.contains("[[step]]") && !example.contains('…')) {
        let whole = if example.contains("title") { example.to_string() } else { format!("{head}{example}") };
        let read = Check::parse("example".into(), whole);
        assert!(read.is_ok(), "{example}\n{}", read.unwrap_err());
    }
}

fn examples(page: &str) -> Vec<&str> {
    page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

fn problems(suite: &Suite) -> Vec<Problem> {
    let catalogue = Catalogue::embedded().unwrap();
    let vocabulary = Vocabulary {
        row: &|id| catalogue.row(id).is_some(),
        needs: catalogue.words().collect(),
        rows: catalogue.rows().iter().map(|row| row.id.as_str()).collect(),
    };
    lint(suite, &vocabulary)
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(Path::new(folder)).unwrap().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|kind| kind == "toml")).collect()
}
