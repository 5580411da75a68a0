//! The steps of the GitHub action as a pipeline runs them, and the archive of a release from its making to its installation.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_grantcheck");

/// A stand-in for a server: a program that is called as grantcheck is, but tests the provider in the process.
fn program(folder: &Path, defect: &str) -> PathBuf {
    let path = folder.join("grantcheck");
    let script = format!("#!/bin/sh\nshift 3\nexec '{PROGRAM}' run {defect} \"$@\"\n");
    std::fs::write(&path, script).unwrap();
    executable(&path);
    path
}

fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pipeline").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn gate(folder: &Path, program: &Path, select: &str) -> Output {
    Command::new("ci/gate")
        .env("GRANTCHECK", program)
        .env("GRANTCHECK_TARGET", "targets/reference.toml")
        .env("GRANTCHECK_SELECT", select)
        .env("GRANTCHECK_REPORTS", folder.join("reports"))
        .env("GITHUB_STEP_SUMMARY", folder.join("step-summary.md"))
        .env("GITHUB_OUTPUT", folder.join("output"))
        .output()
        .unwrap()
}

#[test]
fn the_gate_writes_every_report_and_the_summary_and_ends_with_the_code_of_the_run() {
    for (defect, code) in [("--defect code-reusable", 1), ("", 0)] {
        let folder = folder(&format!("gate-{code}"));
        let output = gate(&folder, &program(&folder, defect), "rfc6749/4.1.2 rfc6749/5.2");
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        for name in ["run.json", "junit.xml", "grantcheck.sarif", "codequality.json", "summary.md", "index.html"] {
            assert!(folder.join("reports").join(name).metadata().unwrap().len() > 2, "{name}");
        }
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(read("step-summary.md").starts_with("## "));
        assert!(read("output").contains(&format!("exit-code={code}\n")));
    }
}

#[test]
fn a_run_that_does_not_begin_leaves_nothing_to_upload() {
    let folder = folder("slip");
    let output = gate(&folder, &program(&folder, ""), "rfc6749/9.9.9");
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(std::fs::read_dir(folder.join("reports")).unwrap().count(), 0);
    assert!(std::fs::read_to_string(folder.join("output")).unwrap().contains("exit-code=4\n"));
}

#[test]
fn the_archive_of_a_release_is_installed_from_where_it_lies() {
    let folder = folder("dist");
    let made = Command::new("ci/dist").arg(PROGRAM).env("DIST", &folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    // A program of another release that is there already is not the one that was asked for.
    let other = folder.join("other");
    std::fs::create_dir_all(&other).unwrap();
    std::fs::write(other.join("grantcheck"), "#!/bin/sh\necho grantcheck 0.0.1\n").unwrap();
    executable(&other.join("grantcheck"));
    let install = || {
        Command::new("ci/install")
            .env("GRANTCHECK_VERSION", concat!("v", env!("CARGO_PKG_VERSION")))
            .env("GRANTCHECK_ARCHIVES", format!("file://{}", folder.display()))
            .env("GRANTCHECK_BIN", folder.join("bin"))
            .env("GITHUB_PATH", folder.join("path"))
            .env("PATH", format!("{}:/usr/bin:/bin", other.display()))
            .output()
            .unwrap()
    };
    let installed = install();
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    assert!(String::from_utf8_lossy(&installed.stdout).contains(env!("CARGO_PKG_VERSION")));
    let path = std::fs::read_to_string(folder.join("path")).unwrap();
    assert_eq!(path.trim(), folder.join("bin").display().to_string());
    let archive = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    std::fs::write(archive, "something else").unwrap();
    assert!(!install().status.success(), "an archive of another content was installed");
}

#[test]
fn the_action_calls_scripts_that_are_there() {
    let action = std::fs::read_to_string("action.yml").unwrap();
    let scripts = action.match_indices("GITHUB_ACTION_PATH/").map(|(at, word)| &action[at + word.len()..]);
    let scripts: Vec<&str> = scripts.filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(scripts, ["ci/install", "ci/gate"]);
    assert!(scripts.iter().all(|script| Path::new(script).exists()));
    // What a user gives reaches a script through its environment, never as part of its text.
    assert!(action.lines().filter(|line| line.trim_start().starts_with("run:")).all(|line| !line.contains("${{")));
}
