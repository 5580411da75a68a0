//! Secrets are planted in every channel between a run and a server that gives all of them back, in many encodings and cut; no report
//! and no log has any.

mod stubs;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use grantcheck::report::FORMATS;
use stubs::{Stub, http};

/// Each planted secret begins so.
const MARK: &str = "PLANTED";

const REFERENCE: &str = include_str!("../targets/reference.toml");

#[test]
fn no_report_and_no_log_has_a_secret_in_any_encoding() {
    let stub = Stub::answering(answer);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("redaction");
    std::fs::create_dir_all(&folder).unwrap();
    let target = folder.join("target.toml");
    std::fs::write(&target, planted(&stub.origin())).unwrap();
    let output = run(&folder, &target);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let asked = stub.asked().join("\n");
    for word in ["PLANTED-code", "PLANTED-cl", "PLANTED-pass", "PLANTED-access"] {
        assert!(asked.contains(word), "{word} was never sent, so nothing is proven");
    }
    let mut texts = vec![("standard output".to_owned(), output.stdout), ("standard error".to_owned(), output.stderr)];
    texts.extend(
        FORMATS.iter().map(|format| (format.name.to_owned(), std::fs::read(folder.join(format.name)).unwrap())),
    );
    for (name, bytes) in texts {
        let text = String::from_utf8(bytes).unwrap();
        assert!(name == "standard error" || text.contains("***"), "{name} has nothing of it all");
        for needle in needles() {
            let place = text.find(&needle);
            let around = |at: usize| text[..at].char_indices().rev().nth(80).map_or(0, |(at, _)| at);
            assert!(
                place.is_none(),
                "{name} has {needle}: …{}…",
                place.map_or("", |at| &text[around(at)..at + needle.len()])
            );
        }
    }
}

/// The reference provider's target file, with secrets of ours.
fn planted(origin: &str) -> String {
    let secrets = [
        ("http://127.0.0.1:8181", origin),
        ("app-secret-6f1d2c9a8b7e4f50", r#"PLANTED-cl&<>'+/%é-secret"#),
        ("wonderland-4711", "PLANTED-pass w+rd&<4711>"),
    ];
    let file = secrets.iter().fold(REFERENCE.to_owned(), |file, (from, to)| file.replace(from, to));
    file + "\n[pace]\nretry_ms = 0\ntimeout_ms = 2000\n"
}

/// Every format, with everything kept and shown.
fn run(folder: &Path, target: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantcheck"));
    command.args(["run", "-v", "--keep-exchanges", "-t"]).arg(target);
    for format in FORMATS {
        command.arg("--report").arg(format!("{}={}", format.name, folder.join(format.name).display()));
    }
    command.args([
        "rfc6749/4.1.2",
        "rfc6749/4.1.3",
        "rfc6749/5.1",
        "rfc6749/5.2",
        "rfc6749/4.3.2",
        "rfc6749/6",
        "rfc7662",
        "classic",
    ]);
    command.output().unwrap()
}

/// Gives codes and tokens to everybody, and back whatever it was told.
fn answer(request: &str) -> Vec<u8> {
    let line = request.lines().next().unwrap_or_default();
    let cookie = ("Set-Cookie", "sid=PLANTED-cookie-0123456789; Path=/");
    let echo = echoes(request);
    let debug = STANDARD.encode(&echo[0]);
    if line.contains("/authorize") {
        let query = line.split(['?', ' ']).nth(2).unwrap_or_default();
        let value = |name: &str| {
            form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let (to, state) = (value("redirect_uri").unwrap_or_default(), value("state").unwrap_or_default());
        let location = format!("{to}?code=PLANTED-code-A1b2C3d4E5&state={state}");
        return http("302 Found", &[cookie, ("Location", &location), ("X-Debug", &debug)], "");
    }
    let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"PLANTED-subject","PLANTED":1}"#);
    let body = serde_json::json!({
        "access_token": "PLANTED-access-token-0123456789", "refresh_token": "PLANTED-refresh/token+0123456789",
        "token_type": "Bearer", "other": format!("eyJhbGciOiJub25lIn0.{claims}.PLANTEDsignature"),
        "nested": { "list": [{ "client_secret": "PLANTED-registered-secret" }] },
        "echo": echo, "secret": "PLANTED-totp-secret-JBSWY3DP",
    });
    http("200 OK", &[cookie, ("Content-Type", "application/json"), ("X-Debug", &debug)], &body.to_string())
}

/// The request and the words in it as a server's log might show them.
fn echoes(request: &str) -> Vec<String> {
    let decoded = percent_encoding::percent_decode_str(&request.replace('+', " ")).decode_utf8_lossy().into_owned();
    let whole = [request.to_owned(), decoded];
    let html =
        |text: &String| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;");
    let percent =
        |text: &String| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let cut = |text: &String| {
        let from = text.find(MARK)?;
        Some(text[from..].chars().take(10).collect::<String>() + "…")
    };
    let mut all: Vec<String> = whole.to_vec();
    all.extend(whole.iter().map(html));
    all.extend(whole.iter().map(percent));
    all.extend(whole.iter().map(|text| STANDARD.encode(text)));
    all.extend(whole.iter().map(|text| URL_SAFE_NO_PAD.encode(text)));
    all.extend(whole.iter().map(|text| data_encoding::HEXLOWER.encode(text.as_bytes())));
    all.extend(whole.iter().filter_map(cut));
    all
}

/// The mark, and how it looks in hexadecimal and in base64 wherever it stands.
fn needles() -> Vec<String> {
    let within = |before: usize| {
        let text = STANDARD.encode([&[b' '; 3][..before], MARK.as_bytes()].concat());
        let start = [0, 2, 3][before];
        text[start..(MARK.len() + before) * 8 / 6].to_owned()
    };
    let hex = data_encoding::HEXLOWER.encode(MARK.as_bytes());
    (0..3).map(within).chain([MARK.to_owned(), hex]).collect()
}
