//! Signed requests and one-time passwords: accepted exactly when they are right by the harness's own computation.

use arbitrary::{Result, Unstructured};
use reference_server::{Provider, Request};

use super::session::{NOW, ask, provider};
use crate::crypto::{Encoding, Hash, decode, encode, hotp, sign_request};

const SIGNER: &str = "signed";

/// A signed request, its parts changed here and there. It is accepted exactly when its one-time password and signature are
/// those of its timestamp, which is at most a minute from now; and only once.
pub fn signed_request(bytes: &[u8]) {
    let Ok(attempt) = Attempt::read(&mut Unstructured::new(bytes)) else { return };
    let provider = provider();
    let accepted = attempt.send(&provider);
    assert_eq!(accepted, attempt.is_right(&provider), "{attempt:?}");
    assert!(!attempt.send(&provider), "sent twice: {attempt:?}");
}

#[derive(Debug)]
struct Attempt {
    timestamp: String,
    token: String,
    authorization: String,
}

impl Attempt {
    /// The right request of a moment near now, then up to three changes.
    fn read(bytes: &mut Unstructured<'_>) -> Result<Self> {
        let seconds = (NOW / 1000).saturating_add_signed(i64::from(bytes.arbitrary::<i8>()?));
        let fraction = bytes.arbitrary::<u8>()?;
        let timestamp = if fraction % 2 == 0 { seconds.to_string() } else { format!("{seconds}.{fraction}") };
        let secret = secret(&provider());
        let right = sign_request(SIGNER, secret.as_bytes(), &timestamp);
        let mut attempt = Self { timestamp, token: right.token, authorization: right.authorization };
        for _ in 0..bytes.arbitrary::<u8>()? % 4 {
            let part = match bytes.arbitrary::<u8>()? % 3 {
                0 => &mut attempt.timestamp,
                1 => &mut attempt.token,
                _ => &mut attempt.authorization,
            };
            *part = changed(part, bytes)?;
        }
        Ok(attempt)
    }

    fn send(&self, provider: &Provider) -> bool {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let target = format!("/token?timestamp={}&token={}", encoded(&self.timestamp), encoded(&self.token));
        let request =
            Request::post(&target, "grant_type=client_credentials").with("Authorization", &self.authorization);
        let response = ask(provider, &request, NOW);
        assert!(matches!(response.status, 200 | 400 | 401), "{} for {self:?}", response.status);
        response.status == 200
    }

    fn is_right(&self, provider: &Provider) -> bool {
        let (whole, fraction) = self.timestamp.split_once('.').unwrap_or((&self.timestamp, "0"));
        let number = |text: &str| (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = whole.parse::<u64>().ok().filter(|_| number(whole) && number(fraction));
        let near = seconds.is_some_and(|seconds| seconds.abs_diff(NOW / 1000) <= 60);
        let right = sign_request(SIGNER, secret(provider).as_bytes(), &self.timestamp);
        near && self.token == right.token && same_credentials(&self.authorization, &right.authorization)
    }
}

/// The scheme in any letter case, any spaces around the rest, the client form-encoded in any way, the signature exactly.
fn same_credentials(given: &str, right: &str) -> bool {
    let read = |text: &str| {
        let (scheme, rest) = text.split_once(' ')?;
        let (id, signature) = rest.trim().split_once(':')?;
        let id = percent_encoding::percent_decode_str(&id.replace('+', " ")).decode_utf8().ok()?.into_owned();
        Some((scheme.to_ascii_lowercase(), id, signature.to_owned()))
    };
    read(given).is_some() && read(given) == read(right)
}

/// One octet more, fewer or other, or the letter case of one turned; as text.
fn changed(text: &str, bytes: &mut Unstructured<'_>) -> Result<String> {
    let (place, way, letter) = (usize::from(bytes.arbitrary::<u8>()?), bytes.arbitrary::<u8>()?, bytes.arbitrary()?);
    let mut letters: Vec<char> = text.chars().collect();
    let at = place % (letters.len() + 1);
    match (way % 4, letters.get_mut(at)) {
        (1, Some(_)) => drop(letters.remove(at)),
        (2, Some(found)) => *found = letter,
        (3, Some(found)) if found.is_ascii_lowercase() => found.make_ascii_uppercase(),
        (3, Some(found)) => found.make_ascii_lowercase(),
        _ => letters.insert(at, letter),
    }
    Ok(letters.into_iter().collect())
}

fn secret(provider: &Provider) -> String {
    provider.config().client(SIGNER).and_then(|client| client.secret.clone()).expect("a built-in client")
}

/// A generator is enrolled and codes are tried as time goes by. A code is accepted exactly when it is that of a step or
/// counter inside the window that lies behind all that were used; guessing closes the account for a while.
pub fn one_time_password(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let provider = provider();
    let Ok(mut generator) = Generator::enrolled(&provider, &mut bytes) else { return };
    for _ in 0..24 {
        if bytes.is_empty() || generator.attempt(&provider, &mut bytes).is_err() {
            return;
        }
    }
}

struct Generator {
    secret: Vec<u8>,
    timed: bool,
    digits: u32,
    hash: Hash,
    /// The first counter or step that was not used.
    next: u64,
    now: u64,
}

const HASHES: [(&str, Hash); 3] = [("SHA1", Hash::Sha1), ("SHA256", Hash::Sha256), ("SHA512", Hash::Sha512)];

impl Generator {
    fn enrolled(provider: &Provider, bytes: &mut Unstructured<'_>) -> Result<Self> {
        let (timed, hash) = (bytes.arbitrary()?, HASHES[usize::from(bytes.arbitrary::<u8>()? % 3)]);
        let digits = 6 + u32::from(bytes.arbitrary::<u8>()? % 3);
        let secret = bytes.arbitrary::<[u8; 16]>()?.to_vec();
        let (kind, shown) = (if timed { "totp" } else { "hotp" }, encode(&secret, Encoding::Base32));
        let form = format!("{USER}&type={kind}&algorithm={}&digits={digits}&secret={shown}", hash.0);
        let response = ask(provider, &Request::post("/otp/enrol", &form), NOW);
        let answer: serde_json::Value = serde_json::from_slice(&response.body).expect("an enrolment is JSON");
        assert_eq!(answer["secret"].as_str().and_then(|text| decode(text, Encoding::Base32)), Some(secret.clone()));
        Ok(Self { secret, timed, digits, hash: hash.1, next: 0, now: NOW })
    }

    /// A code near the window, perhaps changed.
    fn attempt(&mut self, provider: &Provider, bytes: &mut Unstructured<'_>) -> Result<()> {
        self.now += 1000 * u64::from(bytes.arbitrary::<u8>()?);
        let near = if self.timed { self.now / 30_000 } else { self.next };
        let moving = near.saturating_add_signed(i64::from(bytes.arbitrary::<i8>()? / 8));
        let mut code = self.code(moving);
        if bytes.arbitrary::<u8>()? % 4 == 3 {
            code = changed(&code, bytes)?;
        }
        let encoded: String = form_urlencoded::byte_serialize(code.as_bytes()).collect();
        let response = ask(provider, &Request::post("/otp/verify", &format!("{USER}&code={encoded}")), self.now);
        let found = self.window().find(|moving| self.code(*moving) == code);
        match response.status {
            429 => {}
            200 => self.next = found.unwrap_or_else(|| panic!("{code:?} was accepted: {}", self.words())) + 1,
            400 | 401 => assert_eq!(found, None, "{code:?} was refused: {}", self.words()),
            other => panic!("status {other}"),
        }
        Ok(())
    }

    /// One step to either side of now, or ten counters ahead; nothing that was used.
    fn window(&self) -> std::ops::RangeInclusive<u64> {
        let step = self.now / 30_000;
        if self.timed { self.next.max(step - 1)..=step + 1 } else { self.next..=self.next + 10 }
    }

    fn code(&self, moving: u64) -> String {
        hotp(&self.secret, moving, self.digits, self.hash).expect("6 to 8 digits")
    }

    fn words(&self) -> String {
        format!("timed {}, {} digits, {:?}, next {}, now {}", self.timed, self.digits, self.hash, self.next, self.now)
    }
}

const USER: &str = "username=alice&password=wonderland-4711";
