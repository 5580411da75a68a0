//! How a target is reached: certificates on both sides, HTTP/2, proxies and IPv6, by every way that a request goes.

#[path = "reach/front.rs"]
mod front;
#[path = "reach/proxy.rs"]
mod proxy;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use front::{EITHER, Front, H2, Manner};
use grantcheck::exchange::{Answer, Request};
use grantcheck::modes::threads::on_this_thread;
use grantcheck::target::{Identity, Target};
use grantcheck::wire::{Bucket, Caller, Wire, kept_bytes};
use proxy::Proxy;
use reference_server::http::{Listening, Server};
use reference_server::{Conduct, Config};

const LOCAL: Manner = Manner { name: "127.0.0.1", protocols: &[], wants_certificate: false };

/// Checks that go the ordinary way, byte for byte, at the same instant, and that only shake hands.
const CHECKS: &[&str] = &["rfc6749/5.2", "rfc6749/4.1.2", "rfc6749/10.9/certificate-proves-the-server"];

/// A folder of a test's own, with the authority and the client's certificate in it.
fn folder(name: &str, front: Option<&Front>) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reach").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    if let Some(front) = front {
        let files = [("ca.pem", &front.authority), ("client.pem", &front.client.0), ("client.key", &front.client.1)];
        files.iter().for_each(|(name, text)| std::fs::write(folder.join(name), text).unwrap());
    }
    folder
}

/// The program in this folder, with the target file of the provider at this issuer, and these lines added to it.
fn run(folder: &Path, issuer: &str, lines: &str, arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let file = include_str!("../targets/reference.toml").replace("${REFERENCE_ISSUER:-http://127.0.0.1:8181}", issuer);
    std::fs::write(folder.join("target.toml"), format!("allow = [\"bench\"]\n{file}\n{lines}\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantcheck"));
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"]
        .iter()
        .fold(&mut command, |command, name| command.env_remove(name));
    command.args(arguments).current_dir(folder).envs(environment.iter().copied());
    let Output { status, stdout, stderr } = command.output().unwrap();
    let told = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    (status.code().unwrap_or(-1), told)
}

fn checks(before: &[&'static str], after: &[&'static str]) -> Vec<&'static str> {
    [&["run", "-t", "target.toml"], before, CHECKS, after].concat()
}

#[test]
fn a_certificate_that_proves_nothing_blocks_unless_it_is_trusted_or_put_up_with() {
    let front = Front::start(LOCAL);
    let folder = folder("insecure", Some(&front));
    let (code, told) = run(&folder, &front.issuer, "", &["run", "-t", "target.toml", "rfc6749/5.2"], &[]);
    assert!(code == 3 && told.contains("UnknownIssuer"), "{told}");
    let (code, told) = run(&folder, &front.issuer, "", &checks(&["--ca", "ca.pem"], &[]), &[]);
    assert!(code == 0 && !told.contains("not verified"), "{told}");
    let reports = ["--json", "r.json", "--report", "html=r.html", "--report", "markdown=r.md"];
    let (code, told) = run(&folder, &front.issuer, "[tls]\ninsecure = true", &checks(&[], &reports), &[]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("warning: the certificate of the server was not verified"), "{told}");
    assert!(told.contains("note: the certificate of the server was not verified"), "{told}");
    // That the certificate proves nothing is found all the same, and nothing else is.
    assert!(
        told.contains("tls.trusted: wanted true, got false") && told.contains(" 1 failed, 0 warned, 0 blocked"),
        "{told}"
    );
    for name in ["r.json", "r.html", "r.md"] {
        assert!(std::fs::read_to_string(folder.join(name)).unwrap().contains("was not verified"), "{name}");
    }
    let (code, told) = run(&folder, &front.issuer, "", &["target", "check", "target.toml", "--insecure"], &[]);
    assert!(code == 0 && told.contains("was not verified"), "{told}");
}

#[test]
fn a_file_without_a_certificate_is_told_and_so_is_a_key_of_another_one() {
    let (front, other) = (Front::start(LOCAL), Front::start(LOCAL));
    let folder = folder("wrong-files", Some(&front));
    let checks = ["run", "-t", "target.toml", "rfc6749/5.2"];
    let (code, told) = run(&folder, &front.issuer, "[tls]\nca = \"client.key\"", &checks, &[]);
    assert!(code == 2 && told.contains("no certificate in it") && told.contains('^'), "{told}");
    std::fs::write(folder.join("client.key"), &other.client.1).unwrap();
    let tls = "[tls]\nclient_cert = \"client.pem\"\nclient_key = \"client.key\"";
    let (code, told) = run(&folder, &front.issuer, tls, &checks, &[]);
    assert!(code == 2 && told.contains("the certificate for clients cannot be used"), "{told}");
    let (code, told) = run(&folder, &front.issuer, "[tls]\nclient_key = \"client.key\"", &checks, &[]);
    assert!(code == 2 && told.contains("a key without `client_cert`"), "{told}");
    let (code, told) = run(&folder, &front.issuer, "", &["run", "--insecure", "rfc6749/5.2"], &[]);
    assert!(code == 2 && told.contains("name its target file"), "{told}");
}

#[test]
fn a_server_that_speaks_http2_alone_is_tested_and_one_that_prefers_it_gets_exact_bytes_over_http1() {
    let front = Front::start(Manner { protocols: EITHER, ..LOCAL });
    let (code, told) =
        run(&folder("either", Some(&front)), &front.issuer, "[tls]\nca = \"ca.pem\"", &checks(&[], &[]), &[]);
    assert!(code == 0 && told.contains(" 0 blocked"), "{told}");
    assert!(["h2", "http/1.1"].iter().all(|protocol| front.spoken().iter().any(|spoken| spoken == protocol)));
    let front = Front::start(Manner { protocols: H2, ..LOCAL });
    let target = target(&front, false);
    let (plain, exact) = on_this_thread(async {
        let wire = Wire::to(&target).unwrap();
        (
            wire.send(&get(&front, "/.well-known/oauth-authorization-server")).await,
            wire.send(&get(&front, "/a/../b")).await,
        )
    });
    assert!(matches!(plain.answer, Answer::Response(response) if response.status == 200));
    let Answer::Nothing(reason) = exact.answer else { panic!("HTTP/1.1 was answered") };
    assert!(reason.contains("speaks no HTTP/1.1"), "{reason}");
}

fn target(front: &Front, with_certificate: bool) -> Target {
    let mut target = Target::from_toml("front.toml", &format!("issuer = \"{}\"", front.issuer)).unwrap();
    target.tls.authority = Some(front.authority.clone());
    let (certificate, key) = front.client.clone();
    target.tls.identity = with_certificate.then_some(Identity { certificate, key });
    target
}

fn get(front: &Front, path: &str) -> Request {
    Request { method: "GET".into(), url: format!("{}{path}", front.issuer), ..Request::default() }
}

/// What comes of a request by each way: the client library, exact bytes, a race, and two kinds of load.
async fn by_every_way(front: &Front, target: &Target) -> [bool; 5] {
    let (wire, request) = (Wire::to(target).unwrap(), get(front, "/.well-known/oauth-authorization-server"));
    let kept = Wire::kept(target, Arc::new(Bucket::new(0))).unwrap();
    let mut caller = Caller::new(target, &request).unwrap();
    let answers = [
        wire.send(&request).await.answer,
        wire.send(&get(front, "/a/../b")).await.answer,
        wire.together(vec![request.clone()]).await.remove(0).answer,
        kept.send(&request).await.answer,
    ];
    let answered = answers.map(|answer| matches!(answer, Answer::Response(_)));
    let called = caller.ask(&kept_bytes(&request).unwrap()).await.is_ok();
    [answered[0], answered[1], answered[2], answered[3], called]
}

#[test]
fn every_way_shows_the_certificate_that_a_server_wants_of_its_clients() {
    let front = Front::start(Manner { wants_certificate: true, ..LOCAL });
    let (with, without) = (target(&front, true), target(&front, false));
    let (shown, not_shown) =
        on_this_thread(async { (by_every_way(&front, &with).await, by_every_way(&front, &without).await) });
    assert_eq!(shown, [true; 5]);
    assert_eq!(not_shown, [false; 5]);
    let tls = "[tls]\nca = \"ca.pem\"\nclient_cert = \"client.pem\"\nclient_key = \"client.key\"";
    let (code, told) = run(&folder("certificate", Some(&front)), &front.issuer, tls, &checks(&[], &[]), &[]);
    assert!(code == 0 && told.contains(" 0 blocked"), "{told}");
}

#[test]
fn every_way_goes_through_the_proxy_of_the_environment() {
    let front = Front::start(Manner { name: "as.example", ..LOCAL });
    let (proxy, folder) = (Proxy::to(Some(front.address)), folder("proxy", Some(&front)));
    let (lines, proxies) = ("[tls]\nca = \"ca.pem\"", [("HTTPS_PROXY", proxy.url().leak() as &str)]);
    let (code, told) = run(&folder, &front.issuer, lines, &checks(&[], &["--json", "r.json"]), &proxies);
    assert!(code == 0 && told.contains(" 0 blocked"), "{told}");
    let load = ["bench", "-t", "target.toml", "--for", "0.1", "--warm-up", "0", "client-credentials"];
    let (code, told) = run(&folder, &front.issuer, lines, &load, &proxies);
    assert_eq!(code, 0, "{told}");
    let asked = proxy.asked();
    assert!(asked.len() > 10, "{}", asked.len());
    assert!(asked.iter().all(|head| head.starts_with("CONNECT as.example:443 ")
        && head.to_lowercase().contains("proxy-authorization: basic ")));
    assert!(!std::fs::read_to_string(folder.join("r.json")).unwrap().contains("a-password-of-the-proxy"));
}

#[test]
fn a_target_without_tls_is_reached_through_a_tunnel_too() {
    let server = Server::start(Config::default(), Conduct::default()).unwrap();
    let address = server.issuer().trim_start_matches("http://").parse().unwrap();
    let proxy = Proxy::to(Some(address));
    let proxies = [("HTTP_PROXY", proxy.url().leak() as &str)];
    let arguments = ["run", "-t", "target.toml", "rfc6749/5.2"];
    let (code, told) = run(&folder("proxy-http", None), "http://as.example", "", &arguments, &proxies);
    assert!(code == 0 && told.contains(" 0 blocked"), "{told}");
    assert!(proxy.asked().iter().all(|head| head.starts_with("CONNECT as.example:80 ")), "{:?}", proxy.asked());
}

#[test]
fn a_proxy_that_opens_no_tunnel_blocks_and_says_so() {
    let proxy = Proxy::to(None);
    let place = proxy.url().replace("somebody:a-password-of-the-proxy@", "");
    for (name, issuer) in [("HTTPS_PROXY", "https://as.example"), ("HTTP_PROXY", "http://as.example")] {
        let proxies = [(name, proxy.url().leak() as &str)];
        let arguments = ["run", "-t", "target.toml", "rfc6749/5.2"];
        let (code, told) = run(&folder(&name.to_lowercase(), None), issuer, "", &arguments, &proxies);
        assert!(code == 3 && told.contains(&place) && !told.contains("a-password-of-the-proxy"), "{told}");
    }
    let proxies = [("ALL_PROXY", "socks5://127.0.0.1:1")];
    let arguments = ["run", "-t", "target.toml", "rfc6749/5.2"];
    let (code, told) = run(&folder("socks", None), "https://as.example", "", &arguments, &proxies);
    assert!(code == 2 && told.contains("speaks socks5"), "{told}");
    let (code, told) =
        run(&folder("no-proxy", None), "https://as.example", "", &arguments, &[("HTTPS_PROXY", "ftp://a")]);
    assert!(code == 2 && told.contains("HTTPS_PROXY is no address of a proxy"), "{told}");
}

#[test]
fn what_is_on_this_machine_is_reached_without_a_proxy() {
    let server = Server::start(Config::default(), Conduct::default()).unwrap();
    let proxy = Proxy::to(None);
    let proxies = [("ALL_PROXY", proxy.url().leak() as &str)];
    let arguments = ["run", "-t", "target.toml", "rfc6749/5.2"];
    let (code, told) = run(&folder("loopback", None), server.issuer(), "", &arguments, &proxies);
    assert!(code == 0 && proxy.asked().is_empty(), "{told}");
}

#[test]
fn every_way_leads_to_an_ipv6_address() {
    let Ok(plain) = Listening::bind("::1", 0, Config::default(), Conduct::default()) else {
        return eprintln!("skipped: this machine has no IPv6");
    };
    let tls = Listening::bind_tls("::1", 0, Some(0), Config::default(), Conduct::default()).unwrap();
    let folder = folder("ipv6", None);
    std::fs::write(folder.join("ca.pem"), tls.authority().unwrap()).unwrap();
    let cleartext = format!("[tls]\nca = \"ca.pem\"\ncleartext = \"http://{}\"", tls.cleartext().unwrap());
    let servers = [(Server::serve(1, plain).unwrap(), ""), (Server::serve(1, tls).unwrap(), cleartext.as_str())];
    for (server, lines) in &servers {
        assert!(server.issuer().contains("://[::1]:"), "{}", server.issuer());
        let arguments = checks(&[], &["rfc8252", "rfc7636/7.5", "rfc6749/3.2"]);
        let (code, told) = run(&folder, server.issuer(), lines, &arguments, &[]);
        assert!(code == 0 && told.contains(" 0 blocked"), "{told}");
        let load = ["bench", "-t", "target.toml", "--for", "0.1", "--warm-up", "0", "client-credentials"];
        let (code, told) = run(&folder, server.issuer(), lines, &load, &[]);
        assert_eq!(code, 0, "{told}");
    }
    let user = ["--user", "alice:wonderland-4711"];
    let init = [&["target", "init", servers[1].0.issuer(), "--ca", "ca.pem", "--out", "init.toml"], &user[..]].concat();
    let (code, told) = run(&folder, "https://as.example", "", &init, &[]);
    assert_eq!(code, 0, "{told}");
    assert!(std::fs::read_to_string(folder.join("init.toml")).unwrap().contains("\n[tls]\nca       = \"ca.pem\"\n"));
}
