//! A defect that changes nothing is no defect: under each of them some answer to a broad set of requests differs
//! from that of the healthy provider with the same seed.

use crate::probe::{Probe, assertions};
use reference_server::config::Profile;
use reference_server::{Conduct, Config, Defect, Liberty};

/// Defects that show only when two requests arrive at once.
const RACES: &[Defect] = &[
    Defect::CodeExchangeRace,
    Defect::DeviceCodeRace,
    Defect::RefreshRotationRace,
    Defect::RevocationUseRace,
    Defect::SignedRequestRace,
    Defect::TotpCodeRace,
];

#[test]
fn every_defect_changes_an_answer() {
    let healthy = transcripts(&Conduct::default());
    let loud = |defect: &&Defect| RACES.contains(defect) || differs(&Conduct::defect(**defect), &healthy);
    let silent_in =
        |part: &[Defect]| part.iter().filter(|defect| !loud(defect)).map(|defect| defect.name()).collect::<Vec<_>>();
    let (first, second) = Defect::ALL.split_at(Defect::ALL.len() / 2);
    let silent = std::thread::scope(|scope| {
        let first = scope.spawn(|| silent_in(first));
        [silent_in(second), first.join().expect("no defect panics")].concat()
    });
    assert!(silent.is_empty(), "{} change nothing: {silent:#?}", silent.len());
}

#[test]
fn every_liberty_changes_an_answer() {
    let healthy = transcripts(&Conduct::default());
    for liberty in Liberty::ALL {
        assert!(differs(&Conduct::liberty(*liberty), &healthy), "{}", liberty.name());
    }
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    assert_eq!(transcripts(&Conduct::default()), transcripts(&Conduct::default()));
}

fn transcripts(conduct: &Conduct) -> Vec<Vec<String>> {
    configs().map(|config| Probe::new(config, conduct).run(conduct)).collect()
}

fn differs(conduct: &Conduct, healthy: &[Vec<String>]) -> bool {
    configs().zip(healthy).any(|(config, healthy)| Probe::new(config, conduct).run(conduct) != *healthy)
}

fn configs() -> impl Iterator<Item = Config> {
    [(Profile::Rfc6749, false), (Profile::Oauth21, false), (Profile::Rfc6749, true)]
        .into_iter()
        .map(|(profile, varied)| config(profile, varied))
}

/// The third configuration lets the query carry tokens, which are JWTs.
fn config(profile: Profile, varied: bool) -> Config {
    let mut config = Config { profile, ..Config::default() };
    config
        .clients
        .iter_mut()
        .filter(|client| &*client.id == "asserting")
        .for_each(|client| client.keys.push(assertions::public_key()));
    config.resource.query_token = varied;
    config.jwt_access_tokens = varied;
    if varied {
        config.clients[0].redirect_uris[0] = "http://cleartext.example/cb?a=1".into();
        config.pkce_plain = false;
    }
    config
}
