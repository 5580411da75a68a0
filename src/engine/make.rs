//! The makers: values computed before a step acts. Randomness comes from the run's seed.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use crate::crypto::{self, Encoding};
use crate::scenario::{Hmac, Jwt, Maker, Pkce, Random, Text, Time, Totp};

use super::scope::Scope;
use super::transcript::Values;

/// Makes one value; its parts go to `NAME` and `NAME.part`. `Err` names what is missing.
pub fn make(name: &str, maker: &Maker, scope: &Scope<'_>, random: &mut ChaCha8Rng) -> Result<Values, String> {
    let one = |text: String| Values::from([(name.to_owned(), text)]);
    match maker {
        Maker::Random(maker) => Ok(one(random_text(maker, random))),
        Maker::Time(maker) => Ok(one(moment(maker, scope.now, random))),
        Maker::Text(maker) => text(maker, scope).map(one),
        Maker::Hmac(maker) => hmac(maker, scope).map(one),
        Maker::Totp(maker) => totp(maker, scope).map(one),
        Maker::Jwt(maker) => jwt(maker, scope).map(one),
        Maker::Pem(maker) => {
            crypto::public_pem(&scope.required(&maker.of)?).ok_or_else(|| "a public key".into()).map(one)
        }
        Maker::Pkce(maker) => pkce(name, maker, scope, random),
    }
}

/// A text that nobody used before.
pub fn fresh_text(random: &mut ChaCha8Rng) -> String {
    random_text(&Random { bytes: 16, encoding: Encoding::Base64url }, random)
}

fn random_text(maker: &Random, random: &mut ChaCha8Rng) -> String {
    let mut bytes = vec![0; maker.bytes as usize];
    random.fill_bytes(&mut bytes);
    crypto::encode(&bytes, maker.encoding)
}

fn moment(maker: &Time, now: u64, random: &mut ChaCha8Rng) -> String {
    let seconds = now.saturating_add_signed(maker.offset);
    let digits: String = (0..maker.fraction).map(|_| char::from(b'0' + (random.next_u32() % 10) as u8)).collect();
    if digits.is_empty() { seconds.to_string() } else { format!("{seconds}.{digits}") }
}

fn text(maker: &Text, scope: &Scope<'_>) -> Result<String, String> {
    let text = scope.required(&maker.of)?;
    Ok(maker.edit.as_ref().map_or_else(|| text.clone(), |edit| edit.apply(&text)))
}

fn hmac(maker: &Hmac, scope: &Scope<'_>) -> Result<String, String> {
    let key = key(scope, &maker.key, maker.key_encoding)?;
    let message = scope.required(&maker.message)?;
    let mut mac = crypto::hmac(maker.hash, &key, message.as_bytes());
    mac.truncate(maker.truncate.unwrap_or(mac.len()));
    Ok(crypto::encode(&mac, maker.encoding))
}

fn totp(maker: &Totp, scope: &Scope<'_>) -> Result<String, String> {
    let key = key(scope, &maker.key, maker.key_encoding)?;
    let digits = maker.digits.unwrap_or(6);
    if let Some(counter) = &maker.counter {
        let counter = number(&scope.required(counter)?)?.saturating_add_signed(maker.offset);
        return crypto::hotp(&key, counter, digits, maker.hash).ok_or_else(|| "digits from 6 to 8".into());
    }
    let time = maker.time.as_ref().map_or(Ok(scope.now), |time| number(&scope.required(time)?))?;
    let counter = time.saturating_add_signed(maker.offset) / maker.period.unwrap_or(30).max(1);
    crypto::hotp(&key, counter, digits, maker.hash).ok_or_else(|| "digits from 6 to 8".into())
}

fn jwt(maker: &Jwt, scope: &Scope<'_>) -> Result<String, String> {
    let key = maker.key.as_ref().map(|key| scope.required(key)).transpose()?;
    let (header, claims) = (scope.required(&maker.header)?, scope.required(&maker.claims)?);
    let of = maker.of.as_ref().map(|of| scope.required(of)).transpose()?;
    let (header, claims) = match &of {
        Some(of) => (merged(of, 0, &header)?, merged(of, 1, &claims)?),
        None => (header, claims),
    };
    match maker.jwk.as_ref().map(|jwk| scope.required(jwk)).transpose()? {
        Some(jwk) => crypto::signed_jws(&header, &claims, &jwk),
        None => Ok(crypto::jws(&header, &claims, key.as_ref().map(String::as_bytes))),
    }
}

/// A part of a JWT with some members replaced. `Err` when it is none.
fn merged(token: &str, segment: usize, changes: &str) -> Result<String, String> {
    let mut part = crate::judge::part_of_jwt(token, segment).ok_or("a JWT to start from")?;
    let changes: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(changes).map_err(|error| error.to_string())?;
    part.extend(changes);
    Ok(serde_json::Value::Object(part).to_string())
}

fn pkce(name: &str, maker: &Pkce, scope: &Scope<'_>, random: &mut ChaCha8Rng) -> Result<Values, String> {
    let verifier = match &maker.verifier {
        Some(template) => scope.required(template)?,
        None => random_text(&Random { bytes: 32, encoding: Encoding::Base64url }, random),
    };
    let challenge = if maker.method == "plain" { verifier.clone() } else { crypto::s256(&verifier) };
    Ok(Values::from([
        (name.to_owned(), challenge.clone()),
        (format!("{name}.challenge"), challenge),
        (format!("{name}.verifier"), verifier),
        (format!("{name}.method"), maker.method.clone()),
    ]))
}

fn key(scope: &Scope<'_>, template: &str, encoding: Encoding) -> Result<Vec<u8>, String> {
    let text = scope.required(template)?;
    crypto::decode(&text, encoding).ok_or_else(|| format!("the key is not {encoding:?}"))
}

/// The whole part of a number, so that a time with a fraction counts too.
fn number(text: &str) -> Result<u64, String> {
    text.split('.').next().unwrap_or_default().parse().map_err(|_| format!("a number, not {text}"))
}
