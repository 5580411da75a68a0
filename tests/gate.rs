//! The gate of a pipeline: baselines, shards, levels, the first failure, and what each does to the exit code.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const BROKEN: [&str; 2] = ["--defect", "code-reusable"];
const OTHER: [&str; 2] = ["--defect", "token-error-description-echoes-input"];

#[test]
fn a_baseline_fails_only_what_got_worse() {
    let folder = folder("baseline");
    let baseline = path(&folder, "baseline.json");
    let with =
        |more: &[&str]| grantcheck(&[&["run", "--baseline", &baseline, "rfc6749/4.1.2", "rfc6749/5.2"], more].concat());
    assert_eq!(with(&[]).status.code(), Some(2), "a baseline that is not there is a slip");
    assert_eq!(with(&[&BROKEN[..], &["--update-baseline"]].concat()).status.code(), Some(0));
    assert_eq!(with(&BROKEN).status.code(), Some(0));
    assert_eq!(with(&[BROKEN, OTHER].concat()).status.code(), Some(1));
    let better = with(&[]);
    assert_eq!(better.status.code(), Some(0));
    assert!(text(&better).contains("better than in the baseline"), "{}", text(&better));
    let update = [&OTHER[..], &["--update-baseline"]].concat();
    assert_eq!(with(&update).status.code(), Some(0));
    assert_eq!(with(&OTHER).status.code(), Some(0));
    assert_eq!(with(&BROKEN).status.code(), Some(1), "the baseline was not updated");
}

#[test]
fn a_baseline_of_a_part_keeps_what_it_did_not_judge() {
    let folder = folder("part");
    let baseline = path(&folder, "baseline.json");
    let update = |select: &str| {
        grantcheck(&[&["run", "--baseline", &baseline, "--update-baseline", select][..], &BROKEN].concat())
    };
    let ids = || -> usize { load(Path::new(&baseline))["checks"].as_array().unwrap().len() };
    update("rfc6749/4.1.2");
    let before = ids();
    update("rfc6749/5.2");
    assert!(ids() > before);
    update("rfc6749/4.1.2");
    assert!(ids() > before);
}

#[test]
fn a_known_deviation_is_stale_only_where_the_whole_of_it_was_judged() {
    let folder = folder("known");
    let target = path(&folder, "target.toml");
    let server = Server::start();
    let file =
        std::fs::read_to_string("targets/reference.toml").unwrap().replace("http://127.0.0.1:8181", &server.issuer);
    std::fs::write(&target, file + "\n[[known]]\ncheck = \"rfc6749/5.*\"\nreason = \"a ticket\"\n").unwrap();
    let run = |select: &str| grantcheck(&["run", "-t", &target, select]).status.code();
    assert_eq!(run("rfc6749/5.1"), Some(0), "the deviation may be in 5.2");
    let whole = grantcheck(&["run", "-t", &target, "--shard", "1/40"]);
    assert_eq!(whole.status.code(), Some(0), "{}", text(&whole));
}

/// The reference provider in a process of its own.
struct Server {
    process: std::process::Child,
    issuer: String,
}

impl Server {
    fn start() -> Self {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_grantcheck"));
        let mut process = serve.args(["serve", "--port", "0"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(process.stdout.take().unwrap()), &mut line).unwrap();
        let issuer = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { process, issuer }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill().and_then(|()| self.process.wait().map(drop));
    }
}

#[test]
fn shards_merge_to_the_whole_run() {
    let folder = folder("shards");
    let whole = path(&folder, "whole.json");
    grantcheck(&[&["run", "rfc6749", "--json", &whole][..], &BROKEN].concat());
    let shards: Vec<String> = (1..=3).map(|index| path(&folder, &format!("shard-{index}.json"))).collect();
    for (index, shard) in shards.iter().enumerate() {
        grantcheck(
            &[&["run", "rfc6749", "--shard", &format!("{}/3", index + 1), "--json", shard][..], &BROKEN].concat(),
        );
    }
    let merged = path(&folder, "merged.json");
    let merge = |shards: &[&str]| grantcheck(&[&["report", "merge", "--json", &merged][..], shards].concat());
    let all: Vec<&str> = shards.iter().map(String::as_str).collect();
    assert_eq!(merge(&all).status.code(), Some(1));
    assert_eq!(verdicts(&merged), verdicts(&whole));
    let missing = merge(&all[..2]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing).contains("shard 3 of 3 is missing"), "{}", text(&missing));
}

#[test]
fn nothing_is_begun_after_the_first_failure_when_asked_for() {
    let folder = folder("fast");
    let saved = path(&folder, "run.json");
    let output = grantcheck(&[&["run", "--fail-fast", "--json", &saved][..], &BROKEN].concat());
    assert_eq!(output.status.code(), Some(1));
    let left = |check: &&Value| check["reason"].as_str().is_some_and(|reason| reason.contains("--fail-fast"));
    let report = load(Path::new(&saved));
    let left: Vec<&Value> = report["checks"].as_array().unwrap().iter().filter(left).collect();
    assert!(left.len() > 100 && left.iter().all(|check| check["verdict"] == "skipped"), "{} were left", left.len());
}

#[test]
fn a_level_leaves_weaker_rules_out() {
    let folder = folder("level");
    let saved = path(&folder, "run.json");
    assert_eq!(grantcheck(&["run", "--level", "must", "--json", &saved, "rfc6749"]).status.code(), Some(0));
    for check in load(Path::new(&saved))["checks"].as_array().unwrap() {
        let must = check["level"].as_str().unwrap().starts_with("MUST");
        assert!(must || check["verdict"] == "skipped", "{check}");
    }
}

#[test]
fn lines_are_written_as_the_run_goes_and_hold_what_the_saved_run_holds() {
    let folder = folder("lines");
    let (lines, saved) = (path(&folder, "run.jsonl"), path(&folder, "run.json"));
    let reports = ["--report", &format!("jsonl={lines}"), "--json", &saved];
    grantcheck(&[&["run", "rfc6749/4.1.2"][..], &reports, &BROKEN].concat());
    let text = std::fs::read_to_string(&lines).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut told: Vec<String> =
        events.iter().filter(|event| event["event"] == "verdict").map(|event| named(&event["check"])).collect();
    told.sort();
    told.dedup();
    assert_eq!(told, verdicts(&saved));
    assert_eq!(events.last().unwrap()["event"], "end");
}

#[test]
fn what_is_no_saved_run_is_a_slip_of_the_user() {
    let folder = folder("slips");
    let broken = path(&folder, "broken.json");
    std::fs::write(&broken, "{\"schema\": 1").unwrap();
    for arguments in [
        &["report", "convert", &broken, "--to", "html"][..],
        &["report", "convert", "none.json", "--to", "html"],
        &["report", "convert", &broken, "--to", "htm"],
        &["report", "diff", &broken, &broken],
        &["run", "--report", "htm=x"],
        &["run", "--report", "html"],
        &["run", "--shard", "4/3"],
        &["run", "--update-baseline"],
        &["run", "--report", "html=-", "--json", "-"],
    ] {
        assert_eq!(grantcheck(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("gate").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

fn load(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Name and verdict of each, sorted.
fn verdicts(path: &str) -> Vec<String> {
    let mut verdicts: Vec<String> = load(Path::new(path))["checks"].as_array().unwrap().iter().map(named).collect();
    verdicts.sort();
    verdicts
}

fn named(check: &Value) -> String {
    format!("{} {} {}", check["id"], check["case"], check["verdict"])
}

fn grantcheck(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_grantcheck")).args(arguments).env("NO_COLOR", "1").output().unwrap()
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}
