//! `target init` and `target check` as a new user would type them, against the provider over loopback.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use grantcheck::target::Target;
use reference_server::http::Server;
use reference_server::{Conduct, Config};

fn server() -> Server {
    Server::start(Config::default(), Conduct::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// A file in a folder of this test's own.
fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("target-init").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{error}"));
    folder.join("drafted.toml")
}

fn target(arguments: &[&str]) -> (i32, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_grantcheck")).arg("target").args(arguments).output();
    let Output { status, stdout, stderr } = run.unwrap_or_else(|error| panic!("{error}"));
    (status.code().unwrap_or(-1), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

#[test]
fn a_server_that_registers_anybody_needs_a_user_and_nothing_else() {
    let (server, file) = (server(), file("registers"));
    let out = file.display().to_string();
    let (code, told) = target(&["init", server.issuer(), "--user", "alice:wonderland-4711", "--out", &out]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("ok      log in, approve, redeem the code") && told.contains("ok      refresh"), "{told}");
    let drafted = Target::load(&file).unwrap_or_else(|error| panic!("{error}"));
    assert!(drafted.clients["confidential"].register && drafted.clients["public"].register);
    let (code, told) = target(&["check", &out]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("needs `refused_scope`: the target file has no `scopes.refused`"), "{told}");
}

#[test]
fn given_clients_take_their_roles_and_a_variable_stays_one() {
    let (server, file) = (server(), file("given"));
    let out = file.display().to_string();
    let (code, told) = target(&[
        "init",
        server.issuer(),
        "--client",
        "app:${GRANTCHECK_NO_SUCH:-app-secret-6f1d2c9a8b7e4f50}",
        "--user",
        "alice:wonderland-4711",
        "--out",
        &out,
    ]);
    assert_eq!(code, 0, "{told}");
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(text.contains("${GRANTCHECK_NO_SUCH:-") && !text.contains("register = true"), "{text}");
}

#[test]
fn a_wrong_password_shows_the_page_and_no_secret() {
    let (server, file) = (server(), file("wrong-password"));
    let out = file.display().to_string();
    let (code, told) = target(&["init", server.issuer(), "--user", "alice:not-her-password", "--out", &out]);
    assert_eq!(code, 3, "{told}");
    assert!(told.contains("the login page came back") && told.contains("password (password)"), "{told}");
    assert!(!told.contains("not-her-password"), "{told}");
    assert!(file.exists(), "the file is written all the same, to be mended");
}

#[test]
fn what_exists_is_not_written_over_and_what_is_no_server_is_said() {
    let file = file("refused");
    let out = file.display().to_string();
    let (code, told) = target(&["init", "http://127.0.0.1:9", "--out", &out]);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("no metadata and no endpoint at the usual places; give them: --endpoint"), "{told}");
    std::fs::write(&file, "mine").unwrap_or_else(|error| panic!("{error}"));
    let (code, told) = target(&["init", "http://127.0.0.1:9", "--out", &out]);
    assert_eq!((code, std::fs::read_to_string(&file).unwrap_or_default().as_str()), (2, "mine"), "{told}");
    let (code, told) = target(&["init", "gopher://as.example"]);
    assert_eq!(code, 2, "{told}");
}
