//! The command line as a user meets it: what is printed and the exit code, one snapshot a call in `tests/cli/snapshots/`.
//! `UPDATE=1 cargo test --test cli` rewrites them.

mod stubs;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use reference_server::http::Server;
use reference_server::{Conduct, Config};
use stubs::{Manner, Stub};

/// Name of the snapshot, exit code, arguments.
const CALLS: &[(&str, i32, &str)] = &[
    ("help", 0, "--help"),
    ("help-run", 0, "run --help"),
    ("run-some", 0, "run --scenarios tests/cli/scenarios"),
    ("run-defect", 1, "run --defect code-reusable rfc6749/4.1.2/code-is-single-use"),
    ("run-warning", 0, "run --defect code-reuse-leaves-access-token rfc6749/4.1.2/code-reuse-revokes"),
    ("run-warning-strict", 1, "run --strict --defect code-reuse-leaves-access-token rfc6749/4.1.2/code-reuse-revokes"),
    ("run-verbose", 0, "run --verbose --scenarios tests/cli/scenarios demo/1.10"),
    ("run-wrong-key", 2, "run --scenarios tests/cli/broken"),
    ("run-unknown-check", 4, "run rfc6749/4.1.2/code-is-singel-use"),
    ("run-unknown-profile", 2, "run --profile oauth21"),
    ("run-unknown-defect", 2, "run --defect code-reusabel"),
    ("run-no-target-file", 2, "run -t tests/cli/targets/none.toml"),
    ("run-missing-secret", 2, "run -t tests/cli/targets/missing-secret.toml"),
    ("run-wrong-url", 2, "run -t tests/cli/targets/wrong-url.toml"),
    ("help-fuzz", 0, "fuzz --help"),
    (
        "fuzz-defect",
        1,
        "fuzz client-credentials --cases 200 --defect client-credentials-accepts-any-secret --found target/found",
    ),
    ("fuzz-healthy", 0, "fuzz client-credentials --cases 50"),
    ("fuzz-unknown-route", 4, "fuzz client-credential"),
    ("fuzz-not-allowed", 2, "fuzz -t tests/cli/targets/elsewhere.toml"),
    ("list", 0, "list --scenarios tests/cli/scenarios"),
    ("explain", 0, "explain rfc6749/4.1.2/code-is-single-use"),
    ("lint-slips", 2, "lint tests/cli/slips"),
    ("help-bench", 0, "bench --help"),
    ("help-model", 0, "model --help"),
    ("help-target-init", 0, "target init --help"),
    ("target-check", 0, "target check"),
    ("model", 0, "model --histories 50"),
    ("model-unknown-measure", 2, "model --measure everything"),
    ("prove-some", 0, "prove rfc6749/4.1.2/code-is-single-use"),
];

#[test]
fn every_call_prints_what_its_snapshot_says_and_ends_with_its_code() {
    let mut wrong = Vec::new();
    for (name, code, arguments) in CALLS {
        let output = grantcheck(&arguments.split(' ').collect::<Vec<_>>());
        if output.status.code() != Some(*code) {
            wrong.push(format!("{name}: exit code {:?}, not {code}\n{}", output.status.code(), text(&output)));
        }
        wrong.extend(differs(name, &text(&output)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_snapshot_belongs_to_a_call() {
    for entry in std::fs::read_dir("tests/cli/snapshots").unwrap().flatten() {
        let name = entry.path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(CALLS.iter().any(|(known, ..)| *known == name), "{name} is left over");
    }
}

#[test]
fn a_target_that_never_answers_blocks_the_run() {
    let stub = Stub::of(Manner::Silence);
    let output = run_against("silent", &stub.origin());
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    assert!(text(&output).contains("the target does not answer"), "{}", text(&output));
}

#[test]
fn a_port_where_nobody_listens_blocks_the_run() {
    let origin = Stub::of(Manner::Closed).origin();
    let output = run_against("gone", &origin);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    assert!(text(&output).contains("the target does not answer"), "{}", text(&output));
}

#[test]
fn the_json_report_is_one_document_without_secrets() {
    let output = grantcheck(&["run", "--defect", "code-reusable", "--json", "-", "rfc6749/4.1.2"]);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let failed = |check: &&serde_json::Value| check["verdict"] == "fail";
    let check = report["checks"].as_array().unwrap().iter().find(failed).unwrap();
    for member in ["id", "case", "title", "covers", "spec", "section", "level", "kind", "reason", "exchanges"] {
        assert!(check.get(member).is_some(), "no {member}");
    }
    for member in ["tool", "target", "profile", "seed", "duration_ms"] {
        assert!(report.get(member).is_some(), "no {member}");
    }
    assert!(!check["exchanges"].as_array().unwrap().is_empty());
    let whole = String::from_utf8(output.stdout).unwrap();
    for secret in ["app-secret-6f1d2c9a8b7e4f50", "wonderland-4711", "YXBwOmFwcC1zZWNyZXQt"] {
        assert!(!whole.contains(secret), "the report holds {secret}");
    }
}

#[test]
fn what_fuzzing_wrote_fails_with_the_flaw_and_passes_without_it() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("found");
    let folder = folder.display().to_string();
    let _ = std::fs::remove_dir_all(&folder);
    let defect = ["--defect", "client-credentials-accepts-any-secret"];
    let fuzz = ["fuzz", "client-credentials", "--cases", "200", "--found", &folder];
    assert_eq!(grantcheck(&[&fuzz[..], &defect].concat()).status.code(), Some(1));
    assert_eq!(grantcheck(&[&["run", &folder][..], &defect].concat()).status.code(), Some(1));
    assert_eq!(grantcheck(&["run", &folder]).status.code(), Some(0));
    assert_eq!(grantcheck(&["run", "--scenarios", &folder]).status.code(), Some(0));
    for entry in std::fs::read_dir(&folder).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        assert!(text.contains("# curl -i ") && !text.contains("app-secret-6f1d2c9a8b7e4f50"), "{text}");
    }
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let report = || grantcheck(&["run", "--seed", "7", "--defect", "code-reusable", "rfc6749/4.1.2"]);
    assert_eq!(plain(&text(&report())), plain(&text(&report())));
}

/// Sixteen checks at a time share users with one generator of one-time passwords each, and some guess until those have to wait.
#[test]
fn the_provider_passes_over_a_socket_too() {
    let server = Server::start(Config::default(), Conduct::default()).unwrap();
    let target = target_file("over-a-socket", server.issuer(), "");
    let output = grantcheck(&["run", "-t", &target, "--profile", "rfc6749,classic"]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let passed = text.lines().last().and_then(|line| line.split(' ').next()?.parse::<u32>().ok());
    assert!(passed.is_some_and(|passed| passed > 900) && text.contains(" 0 blocked"), "{text}");
}

fn run_against(name: &str, origin: &str) -> Output {
    grantcheck(&["run", "-t", &target_file(name, origin, "\n[pace]\ntimeout_ms = 100\n"), "rfc6749/5.1"])
}

/// The path of a target file for everything that the provider offers, served at this origin.
fn target_file(name: &str, origin: &str, more: &str) -> String {
    let file = std::fs::read_to_string("targets/reference.toml").unwrap().replace("http://127.0.0.1:8181", origin);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.toml"));
    std::fs::write(&path, file + more).unwrap();
    path.display().to_string()
}

fn grantcheck(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_grantcheck")).args(arguments).env("NO_COLOR", "1").output().unwrap()
}

fn text(output: &Output) -> String {
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    if stderr.is_empty() { stdout } else { format!("{stdout}-- standard error\n{stderr}") }
}

/// How long things took is nobody's business here.
fn plain(text: &str) -> String {
    let took = regex::Regex::new(r"in [0-9.]+ m?s|after [0-9]+ ms").unwrap();
    let liberties = regex::Regex::new(r"[0-9]+ times a liberty").unwrap();
    let rate = regex::Regex::new(r"[0-9]+ a second").unwrap();
    let text = rate.replace_all(text, "N a second");
    liberties.replace_all(&took.replace_all(&text, "in no time"), "N times a liberty").into_owned()
}

fn differs(name: &str, printed: &str) -> Option<String> {
    let path = Path::new("tests/cli/snapshots").join(format!("{name}.txt"));
    let printed = plain(printed);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &printed).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    (known != printed).then(|| format!("{name} prints\n{printed}\nand not\n{known}"))
}
