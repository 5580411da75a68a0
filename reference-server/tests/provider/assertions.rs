//! Client assertions that are refused, each for one reason.

use reference_server::{Conduct, Config, Provider, Random, Request};

use crate::browser::*;
use crate::probe::assertions::{TYPE, assertion, public_key};

/// The status of a client credentials request with this assertion, sent twice.
fn twice(assertion: &str) -> [u16; 2] {
    let mut config = Config::default();
    config.clients.iter_mut().for_each(|client| {
        if &*client.id == "asserting" {
            client.keys = vec![public_key()];
        }
    });
    let provider = Provider::new(config, Conduct::default(), Random::seeded(1));
    let form = format!("grant_type=client_credentials&{TYPE}&client_assertion={assertion}");
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
