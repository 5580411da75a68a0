//! The harness and the provider share no code, so their agreement on signed requests says something: the provider takes
//! what the harness signs, refuses it after any one-character edit, and both compute the published HMAC-SHA1 values.

use data_encoding::HEXLOWER;
use grantcheck::crypto::{Hash, SignedRequest, hmac, sign_request};
use proptest::prelude::*;
use reference_server::{Conduct, Config, Provider, Random, Request, Response};

const NOW: u64 = 1_800_000_000;

/// A provider whose signing client has this identifier and this secret.
fn provider(id: &str, secret: &str) -> Provider {
    let mut config = Config::default();
    let client = config.clients.iter_mut().find(|client| &*client.id == "signed").expect("it is built in");
    (client.id, client.secret) = (id.into(), Some(secret.to_owned()));
    Provider::new(config, Conduct::default(), Random::seeded(1))
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn send(provider: &Provider, timestamp: &str, signed: &SignedRequest, now: u64) -> Response {
    let target = format!("/token?timestamp={}&token={}", encoded(timestamp), encoded(&signed.token));
    let request = Request::post(&target, "grant_type=client_credentials&scope=read");
    provider.handle(&request.with("Authorization", &signed.authorization), now)
}

fn is_refused(response: &Response) -> bool {
    let body = String::from_utf8_lossy(&response.body);
    let challenged = response.header("www-authenticate").is_some();
    response.status == 401 && challenged && body.contains("\"invalid_client\"") && !body.contains("access_token")
}

/// One character more, less, or another one.
#[derive(Clone, Debug)]
enum Slip {
    Insert(char),
    Delete,
    Replace(char),
}

fn slip() -> impl Strategy<Value = Slip> {
    // No space and no percent sign: those can be lost or decoded on the way, which is no edit of the value.
    let letter = proptest::sample::select("0123456789abcxyzABCXYZ+/=.:-_".chars().collect::<Vec<_>>());
    prop_oneof![letter.clone().prop_map(Slip::Insert), Just(Slip::Delete), letter.prop_map(Slip::Replace)]
}

/// The text after the slip, or `None` when nothing changed.
fn slipped(text: &str, at: usize, slip: &Slip) -> Option<String> {
    let mut letters: Vec<char> = text.chars().collect();
    let at = at % letters.len().max(1);
    match slip {
        Slip::Insert(letter) => letters.insert(at, *letter),
        Slip::Delete => drop(letters.remove(at)),
        Slip::Replace(letter) => letters[at] = *letter,
    }
    Some(letters.into_iter().collect()).filter(|changed| changed != text)
}

fn identifier() -> impl Strategy<Value = String> {
    // The built-in clients keep their names; a second one of the same name would shadow the signing client.
    "\\PC{1,24}".prop_filter("taken", |id| id == "signed" || Config::default().client(id).is_none())
}

fn timestamp() -> impl Strategy<Value = (u64, String)> {
    (60_u64..100_000_000_000, "(\\.[0-9]{1,12})?").prop_map(|(whole, rest)| (whole, format!("{whole}{rest}")))
}

proptest! {
    #[test]
    fn what_the_harness_signs_is_accepted_once(
        id in identifier(), secret in "\\PC{1,80}", (whole, timestamp) in timestamp(), off in -60_i64..=60,
    ) {
        let provider = provider(&id, &secret);
        let now = whole.saturating_add_signed(off) * 1000;
        let signed = sign_request(&id, secret.as_bytes(), &timestamp);
        prop_assert_eq!(send(&provider, &timestamp, &signed, now).status, 200);
        prop_assert!(is_refused(&send(&provider, &timestamp, &signed, now)), "the same request again");
    }

    #[test]
    fn one_character_decides(
        id in identifier(), secret in "\\PC{1,80}", (whole, timestamp) in timestamp(), part in 0..5, at in 0_usize..100,
        slip in slip(),
    ) {
        let provider = provider(&id, &secret);
        let good = sign_request(&id, secret.as_bytes(), &timestamp);
        let signature = good.authorization.rsplit(':').next().unwrap_or_default();
        let edit = |text: &str| slipped(text, at, &slip);
        let bad = match part {
            0 => edit(signature).map(|signature| {
                let authorization = format!("HMAC-SHA1 {}:{signature}", encoded(&id));
                (timestamp.clone(), SignedRequest { authorization, ..good.clone() })
            }),
            1 => edit(&timestamp).map(|timestamp| (timestamp, good.clone())),
            2 => edit(&good.token).map(|token| (timestamp.clone(), SignedRequest { token, ..good.clone() })),
            3 => edit(&id).map(|id| {
                let authorization = format!("HMAC-SHA1 {}:{signature}", encoded(&id));
                (timestamp.clone(), SignedRequest { authorization, ..good.clone() })
            }),
            _ => edit(&secret).map(|secret| (timestamp.clone(), sign_request(&id, secret.as_bytes(), &timestamp))),
        };
        if let Some((sent, bad)) = bad {
            prop_assert!(is_refused(&send(&provider, &sent, &bad, whole * 1000)), "{} {:?}", sent, bad);
        }
        prop_assert_eq!(send(&provider, &timestamp, &good, whole * 1000).status, 200, "a refused request uses nothing up");
    }
}

#[test]
fn a_request_is_remembered_as_long_as_its_timestamp_is_good() {
    let latest = 2 * 60 * 1000 + 999;
    for ahead in [0, 59, 60] {
        let timestamp = (NOW + ahead).to_string();
        let signed = sign_request("signed", b"secret", &timestamp);
        for later in (0..=latest + 2000).step_by(499).chain(latest - 5..=latest + 5) {
            let provider = provider("signed", "secret");
            assert_eq!(send(&provider, &timestamp, &signed, NOW * 1000).status, 200);
            assert!(
                is_refused(&send(&provider, &timestamp, &signed, NOW * 1000 + later)),
                "{ahead} s ahead, {later} ms"
            );
        }
    }
}

#[test]
fn a_timestamp_is_good_for_sixty_seconds_to_either_side() {
    let signed = sign_request("signed", b"secret", &NOW.to_string());
    for (seconds, good) in [(NOW - 61, false), (NOW - 60, true), (NOW, true), (NOW + 60, true), (NOW + 61, false)] {
        let answer = send(&provider("signed", "secret"), &NOW.to_string(), &signed, seconds * 1000);
        assert_eq!(answer.status == 200, good, "{seconds}");
    }
}

#[test]
fn the_example_of_the_documentation_is_right() {
    let document = std::fs::read_to_string("docs/signing.md").expect("docs/signing.md");
    let timestamp = "1767225600.25";
    let signed = sign_request("signed", b"signed-secret-3132333435363738393031323334", timestamp);
    let lines = [
        format!("POST /token?timestamp={timestamp}&token={}", signed.token),
        format!("Authorization: {}", signed.authorization),
    ];
    for line in lines {
        assert!(document.lines().any(|written| written == line), "docs/signing.md lacks {line}");
    }
}

/// RFC 2202 section 3: key, message, HMAC-SHA1 in hexadecimal digits.
fn vectors() -> [(Vec<u8>, Vec<u8>, &'static str); 7] {
    let counting = (1..=25).collect();
    let long = b"Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data";
    [
        (vec![0x0b; 20], b"Hi There".to_vec(), "b617318655057264e28bc0b6fb378c8ef146be00"),
        (b"Jefe".to_vec(), b"what do ya want for nothing?".to_vec(), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (vec![0xaa; 20], vec![0xdd; 50], "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
        (counting, vec![0xcd; 50], "4c9007f4026250c6bc8414f9bf50c86c2d7235da"),
        (vec![0x0c; 20], b"Test With Truncation".to_vec(), "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"),
        (
            vec![0xaa; 80],
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112",
        ),
        (vec![0xaa; 80], long.to_vec(), "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"),
    ]
}

#[test]
fn both_compute_the_values_of_rfc_2202() {
    let provider = provider("signed", "secret");
    for (key, message, mac) in vectors() {
        assert_eq!(HEXLOWER.encode(&hmac(Hash::Sha1, &key, &message)), mac, "the harness");
        let form = format!("key={}&message={}&algorithm=sha1", HEXLOWER.encode(&key), HEXLOWER.encode(&message));
        let answer = provider.handle(&Request::post("/otp/hmac", &form), NOW * 1000);
        assert!(String::from_utf8_lossy(&answer.body).contains(mac), "the provider: {answer:?}");
    }
}

#[test]
fn spare_bits_of_the_last_letter_of_base64_count() {
    let timestamp = NOW.to_string();
    let good = sign_request("signed", b"secret", &timestamp);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (start, last) = good.authorization.trim_end_matches('=').split_at(good.authorization.len() - 2);
    let place = alphabet.find(last).expect("the last letter is of the alphabet");
    let spare = &alphabet[place + 1..place + 2];
    let bad = SignedRequest { authorization: format!("{start}{spare}="), ..good };
    assert!(is_refused(&send(&provider("signed", "secret"), &timestamp, &bad, NOW * 1000)));
}
