//! `grantcheck bench`: a healthy provider stays right under load, a broken one is never called a fast one, and what the
//! target asks for is obeyed.

mod stubs;

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use grantcheck::modes::bench::{Mix, Options, Plan, Record, Shard, run};
use grantcheck::modes::served;
use grantcheck::modes::threads::on_this_thread;
use grantcheck::scenario::Suite;
use grantcheck::target::Target;
use reference_server::http::Server;
use reference_server::{Conduct, Config, Defect};
use stubs::{Manner, Stub, http};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// So many flows, all measured; the time is only there so that nothing hangs.
fn options(flows: &[&str], count: u64) -> Options {
    let words: Vec<String> = flows.iter().map(|flow| (*flow).to_owned()).collect();
    let (ramp, warm_up, time) = (Duration::ZERO, Duration::ZERO, Duration::from_secs(60));
    let plan = Plan { workers: 4, rate: None, ramp, warm_up, time, count: Some(count), shard: Shard::default() };
    Options { mix: Mix::parse(&words).unwrap(), plan, seed: 1 }
}

fn load(target: &Target, flows: &[&str], count: u64) -> Result<Record, String> {
    on_this_thread(run(&Suite::embedded().unwrap(), target, &options(flows, count), &|_, _| {}))
}

fn provider(conduct: Conduct, flows: &[&str], count: u64) -> Record {
    let server = Server::start_on(8, Config::default(), conduct).unwrap();
    load(&served(server.issuer()), flows, count).unwrap()
}

/// A target with one client and nothing but a token endpoint.
fn machine(stub: &Stub) -> Target {
    let file = format!(
        "endpoints = {{ token = \"{}/token\" }}\nsupports = [\"client_credentials\"]\n[clients.confidential]\nid = \"app\"\nsecret = \"secret-of-app\"\n",
        stub.origin()
    );
    Target::from_toml("machine.toml", &file).unwrap()
}

/// A stub that issues the token of this number.
fn issuing(token: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static) -> Stub {
    let asked = AtomicU64::new(0);
    Stub::answering(move |_| token(asked.fetch_add(1, Ordering::Relaxed)))
}

fn token(name: &str) -> Vec<u8> {
    http("200 OK", &[JSON], &format!("{{\"access_token\":\"{name}\",\"token_type\":\"Bearer\"}}"))
}

#[test]
fn a_healthy_provider_stays_right_in_every_flow() {
    let flows = [
        "client-credentials=4",
        "code",
        "implicit",
        "refresh=2",
        "introspect",
        "resource",
        "password",
        "signed-request",
    ];
    let record = provider(Conduct::default(), &flows, 400);
    assert!(record.wrong.is_empty() && record.errors.is_empty(), "{:?} {:?}", record.wrong, record.errors);
    let counts = &record.counts;
    assert!(counts.good + counts.raced == 400 && counts.raced >= 4, "{counts:?}");
    assert!(counts.inspected > 0 && counts.compared > 250 && counts.inactive == 0, "{counts:?}");
    assert_eq!(record.flows.len(), flows.len());
    assert!(record.requests.contains_key("code: token"), "{:?}", record.requests.keys());
}

#[test]
fn a_redemption_that_is_not_atomic_is_found_by_the_load() {
    // Four requests at once meet a window of a millisecond; that none of 60 codes does has not been seen.
    let record = provider(Conduct::defect(Defect::CodeExchangeRace), &["code"], 960);
    assert!(record.wrong.keys().any(|what| what.contains("redeemed more than once")), "{:?}", record.counts);
}

#[test]
fn a_token_that_answers_for_another_client_is_found() {
    let record = provider(Conduct::defect(Defect::IntrospectionClientIdOfCaller), &["client-credentials"], 400);
    assert!(record.wrong.keys().any(|what| what.contains("somebody else")), "{:?}", record.counts);
}

#[test]
fn a_server_that_issues_the_same_token_twice_is_found() {
    let stub = issuing(|number| token(&format!("token-{}", number % 50)));
    let record = load(&machine(&stub), &["client-credentials"], 100).unwrap();
    assert!(record.wrong.keys().any(|what| what.contains("issued twice")), "{:?}", record.counts);
}

#[test]
fn server_errors_and_answers_without_a_token_are_no_throughput() {
    let answers: [fn(u64) -> Vec<u8>; 3] = [
        |_| http("500 Internal Server Error", &[], ""),
        |_| http("200 OK", &[JSON], "{}"),
        |_| http("200 OK", &[], "<html>"),
    ];
    for (index, answer) in answers.into_iter().enumerate() {
        let stub = issuing(move |number| if number < 8 { token(&number.to_string()) } else { answer(number) });
        let record = load(&machine(&stub), &["client-credentials"], 40).unwrap();
        assert!(record.counts.errors > 20 && record.counts.good < 10, "{:?}", record.counts);
        assert_eq!(record.wrong.is_empty(), index > 0, "{:?}", record.wrong);
        assert!(record.latency().len() < 20, "an error has no latency");
    }
}

#[test]
fn a_target_that_refuses_at_once_gets_no_load() {
    for manner in [Manner::BadRequest, Manner::Closed, Manner::Garbage, Manner::Empty] {
        let stub = Stub::of(manner);
        let refused = load(&machine(&stub), &["client-credentials"], 100).err();
        assert!(refused.is_some_and(|reason| reason.starts_with("client-credentials: ")), "{manner:?}");
        assert!(stub.asked().len() < 5);
    }
}

#[test]
fn a_wish_for_patience_is_obeyed_and_is_no_error() {
    let stub = issuing(|number| match number {
        20 => http("429 Too Many Requests", &[("Retry-After", "1")], ""),
        number => token(&number.to_string()),
    });
    let record = load(&machine(&stub), &["client-credentials"], 100).unwrap();
    assert_eq!((record.counts.put_off, record.counts.errors, record.counts.good), (1, 0, 99));
}

#[test]
fn a_load_on_somebody_elses_server_needs_leave_and_bounds_set_the_exit_code() {
    let calls: [(&str, i32, &str); 6] = [
        ("bench -t tests/cli/targets/elsewhere.toml", 2, "allow = [\"bench\"]"),
        ("bench --count 200 --for 30 --warm-up 0", 0, "good flows a second"),
        ("bench --count 200 --for 30 --warm-up 0 --max-p99 1us", 1, "missed --max-p99"),
        ("bench clientcredentials", 2, "did you mean `client-credentials`?"),
        ("bench --shard 3/2", 2, "the first of four is 1/4"),
        ("bench merge Cargo.toml", 2, "Cargo.toml: "),
    ];
    for (call, code, words) in calls {
        let output = grantcheck(&call.split(' ').collect::<Vec<_>>());
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.code() == Some(code) && text.contains(words), "{call}: {:?}\n{text}", output.status);
    }
}

#[test]
fn files_of_several_processes_are_merged_and_drawn() {
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("load");
    std::fs::create_dir_all(&directory).unwrap();
    let path = |name: &str| directory.join(name).display().to_string();
    for number in ["1", "2"] {
        let (shard, json) = (format!("{number}/2"), path(&format!("{number}.json")));
        let call = ["bench", "--count", "100", "--for", "30", "--warm-up", "0", "--shard", &shard, "--json", &json];
        assert_eq!(grantcheck(&call).status.code(), Some(0));
    }
    let merged = path("merged.json");
    let call = ["bench", "merge", &path("1.json"), &path("2.json"), "--json", &merged, "--plot", &path("load.html")];
    assert_eq!(grantcheck(&call).status.code(), Some(0));
    let whole = Record::from_json(&std::fs::read_to_string(&merged).unwrap()).unwrap();
    assert_eq!((whole.counts.good, whole.flows["client-credentials"].0.len(), whole.workers), (100, 100, 16));
    let page = std::fs::read_to_string(path("load.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("<polyline") && !page.contains("NaN"), "{page}");
    let twice = grantcheck(&["bench", "merge", &path("1.json"), &path("1.json")]);
    assert_eq!(twice.status.code(), Some(2));
}

fn grantcheck(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_grantcheck")).args(arguments).env("NO_COLOR", "1").output().unwrap()
}
