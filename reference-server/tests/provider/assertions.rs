//! Client assertions that are refused, each for one reason.

use reference_server::{Conduct, Config, Provider, Random, Request};

use crate::browser::*;
use crate::probe::assertions::{TYPE, assertion, public_key, signed};

/// The status of a client credentials request with this assertion, sent twice.
fn twice(assertion: &str) -> [u16; 2] {
    of_type(TYPE, assertion)
}

fn of_type(kind: &str, assertion: &str) -> [u16; 2] {
    let mut config = Config::default();
    config.clients.iter_mut().for_each(|client| {
        if &*client.id == "asserting" {
            client.keys = vec![public_key()];
        }
    });
    let provider = Provider::new(config, Conduct::default(), Random::seeded(1));
    let form = format!("grant_type=client_credentials&{kind}&client_assertion={assertion}");
    [(); 2].map(|()| provider.handle(&Request::post("/token", &form), NOW).status)
}

fn good() -> String {
    assertion(&Config::default().issuer, "one")
}

#[test]
fn an_assertion_counts_once() {
    assert_eq!(twice(&good()), [200, 401]);
}

#[test]
fn an_assertion_for_somebody_else_is_refused() {
    assert_eq!(twice(&assertion("https://other.example", "one")), [401, 401]);
}

#[test]
fn a_changed_assertion_is_refused() {
    let good = good();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    for changed in [format!("{signed}."), format!("{}.{signature}", signed.replace('A', "B")), format!("x.{good}")] {
        assert_eq!(twice(&changed), [401, 401], "{changed}");
    }
}

#[test]
fn an_assertion_of_another_type_is_refused() {
    assert_eq!(of_type("client_assertion_type=jwt", &good()), [401, 401]);
}

#[test]
fn an_assertion_is_good_from_its_beginning_until_its_end_which_is_near() {
    let now = NOW / 1000;
    let status = |begins: u64, ends: u64| {
        let issuer = Config::default().issuer;
        let claims = serde_json::json!({
            "iss": "asserting", "sub": "asserting", "aud": issuer, "jti": "a", "nbf": begins, "exp": ends,
        });
        twice(&signed(claims))[0]
    };
    assert_eq!((status(now, now + 1), status(now - 60, now + 60)), (200, 200));
    for (begins, ends) in [(now - 60, now), (now + 1, now + 60), (now, now + 10 * 365 * 86_400)] {
        assert_eq!(status(begins, ends), 401, "{begins} {ends}");
    }
}
