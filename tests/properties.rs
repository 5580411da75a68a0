//! What holds for any value: harness and provider write and read the same forms, credentials and verifiers; redirect URIs
//! are compared octet by octet; scopes are sets; one-time passwords work once and near their moment. One-time passwords
//! and signatures as bare functions are in `otp_agreement.rs` and `signing_agreement.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use grantcheck::catalogue::Catalogue;
use grantcheck::modes::prove::try_check;
use grantcheck::modes::reference;
use grantcheck::outcome::Verdict;
use grantcheck::scenario::{Check, Suite};
use proptest::prelude::*;
use proptest::test_runner::Config as Cases;
use reference_server::otp::{OtpHash, hotp};
use reference_server::{Conduct, Config, Params, Provider, Random, Request, Response};

const NOW: u64 = 1_800_000_000_000;

fn provider() -> Provider {
    Provider::new(Config::default(), Conduct::default(), Random::seeded(1))
}

fn form(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn json(response: &Response) -> serde_json::Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

/// The client credentials grant of the client `app`, with this scope.
fn token(provider: &Provider, authorization: &str, scope: &str) -> Response {
    let body = format!("grant_type=client_credentials&scope={}", form(scope));
    provider.handle(&Request::post("/token", &body).with("Authorization", authorization), NOW)
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:{}", form(id), form(secret))))
}

/// The verdict of a code grant whose challenge and verifier are these.
fn exchanged(method: &str, verifier: &str, sent: &str) -> Verdict {
    let source = format!(
        r#"
title  = "A code is redeemed"
covers = ["rfc7636-4.6-s256-verified"]
why    = "-"
fix    = "-"
[[step]]
make.pkce = {{ pkce = {{ method = "{method}", verifier = "{verifier}" }} }}
[step.authorize.query]
response_type         = "code"
client_id             = "{{{{client.id}}}}"
code_challenge        = "{{{{pkce.challenge}}}}"
code_challenge_method = "{method}"
[step.capture]
code = "redirect.param.code"
[[step]]
[step.send]
to   = "token"
auth = "client"
[step.send.form]
grant_type    = "authorization_code"
code          = "{{{{code}}}}"
code_verifier = "{sent}"
[step.expect]
status = 200
"#
    );
    let check = Arc::new(Check::parse("a".into(), source).unwrap());
    let catalogue = Catalogue::embedded().unwrap();
    try_check(&Suite::default(), &catalogue, &reference(), &check, Conduct::default(), 1)[0].verdict
}

fn verifier() -> impl Strategy<Value = String> {
    "[A-Za-z0-9._~-]{43,128}"
}

/// A user with a new generator: the provider, and the secret.
fn enrolled(hash: &str) -> (Provider, Vec<u8>) {
    let provider = provider();
    let body = format!("username=alice&password=wonderland-4711&type=totp&algorithm={hash}");
    let answer = json(&provider.handle(&Request::post("/otp/enrol", &body), NOW));
    let secret = answer["secret"].as_str().unwrap_or_default().to_owned();
    (provider, data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap())
}

fn verified(provider: &Provider, code: &str, now: u64) -> bool {
    let body = format!("username=alice&password=wonderland-4711&code={code}");
    provider.handle(&Request::post("/otp/verify", &body), now).status == 200
}

proptest! {
    #[test]
    fn the_provider_reads_every_form_that_is_written(pairs in proptest::collection::vec(("\\PC{0,12}", "\\PC{0,24}"), 0..8)) {
        let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let read = Params::parse(written.as_bytes()).into_owned();
        let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        prop_assert_eq!(read.pairs(), pairs);
    }

    #[test]
    fn basic_credentials_of_any_letters_authenticate_and_others_do_not(id in "\\PC{1,24}", secret in "\\PC{1,48}", more in "\\PC") {
        let mut config = Config::default();
        config.clients.retain(|client| &*client.id == "app");
        (config.clients[0].id, config.clients[0].secret) = (id.as_str().into(), Some(secret.clone()));
        let provider = Provider::new(config, Conduct::default(), Random::seeded(1));
        prop_assert_eq!(token(&provider, &basic(&id, &secret), "read").status, 200);
        for wrong in [basic(&id, &format!("{secret}{more}")), basic(&format!("{id}{more}"), &secret), basic(&secret, &id)] {
            let refused = token(&provider, &wrong, "read");
            prop_assert!(wrong == basic(&id, &secret) || refused.status == 401, "{} {}", wrong, refused.status);
        }
    }

    #[test]
    fn the_scope_of_a_token_is_the_set_that_was_asked_for(words in proptest::collection::vec(0_usize..2, 1..6)) {
        let words: Vec<&str> = words.into_iter().map(|at| ["read", "write"][at]).collect();
        let authorization = basic("app", "app-secret-6f1d2c9a8b7e4f50");
        let answer = json(&token(&provider(), &authorization, &words.join(" ")));
        let granted: Vec<&str> = answer["scope"].as_str().unwrap_or_default().split(' ').collect();
        prop_assert_eq!(granted.iter().collect::<BTreeSet<_>>(), words.iter().collect::<BTreeSet<_>>());
        prop_assert_eq!(granted.iter().collect::<BTreeSet<_>>().len(), granted.len());
    }

    #[test]
    fn a_scope_with_an_unknown_word_is_refused_whatever_stands_beside_it(word in "[!#-\\[\\]-~]{1,12}", before: bool) {
        prop_assume!(!["read", "write"].contains(&word.as_str()));
        let scope = if before { format!("{word} read") } else { format!("read {word}") };
        let answer = token(&provider(), &basic("app", "app-secret-6f1d2c9a8b7e4f50"), &scope);
        let error = json(&answer);
        prop_assert_eq!((answer.status, error["error"].as_str()), (400, Some("invalid_scope")));
    }

    #[test]
    fn a_redirect_uri_with_any_one_edit_is_another_one(at in 0_usize..22, letter in "[a-zA-Z0-9/:.?#@%\\\\ _-]", insert: bool) {
        let registered = "https://app.example/cb";
        let mut edited = registered.to_owned();
        edited.replace_range(at..at + usize::from(!insert), &letter);
        prop_assume!(edited != registered);
        let ask = |uri: &str| {
            let target = format!("/authorize?response_type=code&client_id=app&redirect_uri={}", form(uri));
            provider().handle(&Request::get(&target), NOW)
        };
        prop_assert_eq!(ask(registered).status, 200);
        let refused = ask(&edited);
        prop_assert_eq!((refused.status, refused.header("location")), (400, None));
    }

    #[test]
    fn a_code_of_the_window_works_once_and_no_other_works(steps in -6_i64..=6, within in 0_u64..30, hash in 0_usize..3) {
        let (name, hash) = [("SHA1", OtpHash::Sha1), ("SHA256", OtpHash::Sha256), ("SHA512", OtpHash::Sha512)][hash];
        let (provider, secret) = enrolled(name);
        let present = NOW / 30_000;
        let code = hotp(&secret, present.saturating_add_signed(steps), 6, hash).unwrap_or_default();
        let now = present * 30_000 + within * 1000;
        let good = verified(&provider, &code, now);
        prop_assert!(good || steps != 0, "the present code");
        prop_assert!(!good || steps.abs() <= 1, "a code of {} steps away", steps);
        prop_assert!(!verified(&provider, &code, now), "the same code again");
    }

    #[test]
    fn a_code_with_a_leading_zero_keeps_it(counter in 0_u64..1 << 40) {
        let key = b"12345678901234567890";
        let counter = (counter..).find(|counter| hotp(key, *counter, 6, OtpHash::Sha1).unwrap_or_default().starts_with('0'));
        let counter = counter.unwrap_or_default();
        let answer = provider().handle(
            &Request::post("/otp/code", &format!("key={}&counter={counter}", data_encoding::HEXLOWER.encode(key))), NOW,
        );
        let code = json(&answer)["code"].as_str().unwrap_or_default().to_owned();
        prop_assert_eq!(Some(code), grantcheck::crypto::hotp(key, counter, 6, grantcheck::crypto::Hash::Sha1));
    }
}

proptest! {
    #![proptest_config(Cases::with_cases(24))]

    #[test]
    fn any_verifier_redeems_its_code_and_another_one_does_not(verifier in verifier(), other in verifier(), plain: bool) {
        let method = if plain { "plain" } else { "S256" };
        prop_assert_eq!(exchanged(method, &verifier, &verifier), Verdict::Pass);
        prop_assert!(other == verifier || exchanged(method, &verifier, &other) == Verdict::Fail);
    }
}
