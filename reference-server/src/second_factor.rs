//! One-time passwords at work: a user enrols a generator and proves a code; and the bare functions, so that their
//! arithmetic can be tested from outside. `docs/otp.md` has requests and answers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use data_encoding::{BASE32_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use serde_json::json;

use crate::config::User;
use crate::flaws::otp as flaws;
use crate::otp::OtpHash;
use crate::refusal::Refusal;
use crate::{Defect, Params, Provider, Request, Response, form, interaction};

/// A generator that a user enrolled, and what was used of it. One a registered user, so it needs no bound of its own.
#[derive(Clone, Debug)]
pub struct Enrolment {
    pub kind: Kind,
    pub secret: Vec<u8>,
    pub hash: OtpHash,
    pub digits: u32,
    /// The next counter of HOTP; of TOTP the first step that was not used.
    pub next: u64,
    /// The last code that was accepted, for a provider that remembers no more.
    pub last_code: String,
    /// How far a provider follows a clock that goes wrong.
    pub drift: u64,
}

/// What moves the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Hotp,
    Totp,
}

/// The enrolments by user name.
#[derive(Debug, Default)]
pub struct Enrolments(Mutex<HashMap<String, Enrolment>>);

impl Enrolments {
    /// The generators of those whose login needs one.
    pub fn of(users: &[User]) -> Self {
        let generator = |user: &User| {
            let (kind, hash, secret) = (Kind::Totp, OtpHash::Sha1, secret_of(user)?);
            let enrolment = Enrolment { kind, secret, hash, digits: 6, next: 0, last_code: String::new(), drift: 0 };
            Some((user.username.clone(), enrolment))
        };
        Self(Mutex::new(users.iter().filter_map(generator).collect()))
    }

    pub fn with<T>(&self, user: &str, act: impl FnOnce(&mut Enrolment) -> T) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(user).map(act)
    }

    fn put(&self, user: &str, enrolment: Enrolment) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(user.to_owned(), enrolment);
    }
}

/// The secret that the configuration names, if it can be read.
pub fn secret_of(user: &User) -> Option<Vec<u8>> {
    BASE32_NOPAD.decode(user.second_factor.as_ref()?.as_bytes()).ok()
}

/// The error of a login that lacks the second factor.
pub const REQUIRED: &str = "second_factor_required";

/// Lets a user through whose password was right and who shows the second factor, if there is one.
pub fn check<'p>(provider: &'p Provider, user: &'p User, form: &Params, now: u64) -> Result<&'p User, Refusal> {
    if user.second_factor.is_none() || provider.breaks(Defect::SecondFactorSkipped) {
        return Ok(user);
    }
    if let Some(seconds) = provider.otp_guesses.wait(&user.username, now) {
        return Err(Refusal::slow_down(seconds));
    }
    let missing = || Refusal::new(REQUIRED, "a code of your generator is needed as well").with_status(403);
    let code = form.get("otp").ok_or_else(missing)?;
    let right = accepts(provider, &user.username, code, form, now);
    provider.otp_guesses.note(&user.username, right, now);
    if right { Ok(user) } else { Err(missing()) }
}

/// Seconds of a step.
pub const PERIOD: u64 = 30;

/// Answers below `/otp/`.
pub fn handle(provider: &Provider, path: &str, request: &Request, now: u64) -> Response {
    let answer = form::read(provider, request).and_then(|form| match path {
        "code" => code(provider, &form, now),
        "hmac" => keyed_hash(provider, &form),
        "enrol" => enrol(provider, &form, now),
        _ => verify(provider, request, &form, now),
    });
    answer.unwrap_or_else(|refusal| refusal.json()).uncached()
}

fn code(provider: &Provider, form: &Params, now: u64) -> Result<Response, Refusal> {
    let (key, hash, digits) = (hex(form, "key")?, hash(form)?, number(form, "digits")?.unwrap_or(6));
    let digits = u32::try_from(digits).unwrap_or(u32::MAX);
    let counter = match (number(form, "counter")?, number(form, "time")?) {
        (Some(counter), None) => counter,
        (None, Some(time)) => flaws::step(provider, time, number(form, "period")?.unwrap_or(PERIOD))
            .ok_or_else(|| Refusal::invalid_request("period is zero"))?,
        _ => return Err(Refusal::invalid_request("either counter or time is needed")),
    };
    let timed = form.get("time").is_some();
    let code = flaws::hotp(provider, &key, counter, digits, hash, timed, now);
    let code = code.ok_or_else(|| Refusal::invalid_request("digits go from 6 to 8"))?;
    Ok(Response::json(200, &json!({ "code": code })))
}

fn keyed_hash(provider: &Provider, form: &Params) -> Result<Response, Refusal> {
    let (key, message, hash) = (hex(form, "key")?, hex(form, "message")?, hash(form)?);
    let whole = flaws::mac(provider, hash, &key, &message)?;
    let length = number(form, "length")?.and_then(|length| usize::try_from(length).ok()).unwrap_or(whole.len());
    let part = flaws::shortened(provider, &whole, length.min(whole.len()));
    Ok(Response::json(200, &json!({ "mac": HEXLOWER.encode(part) })))
}

/// A new secret, shown this once; it replaces an earlier one.
fn enrol(provider: &Provider, form: &Params, now: u64) -> Result<Response, Refusal> {
    let user = user(provider, form, now)?;
    let kind = match form.get("type") {
        Some("hotp") => Kind::Hotp,
        Some("totp") | None => Kind::Totp,
        Some(_) => return Err(Refusal::invalid_request("type is hotp or totp")),
    };
    let (hash, digits) = (hash(form)?, number(form, "digits")?.unwrap_or(6));
    let digits = u32::try_from(digits).ok().filter(|digits| flaws::digits(provider).contains(digits));
    let digits = digits.ok_or_else(|| Refusal::invalid_request("digits go from 6 to 8"))?;
    let secret = match form.literal("secret") {
        Some(text) => imported(provider, text)?,
        None => flaws::secret(provider, hash, now),
    };
    let shown = BASE32_NOPAD.encode(&secret);
    let secret = flaws::kept_secret(provider, kind, secret);
    let fresh = Enrolment { kind, secret, hash, digits, next: 0, last_code: String::new(), drift: 0 };
    provider.enrolments.put(user, fresh);
    let mut answer = json!({ "secret": shown, "algorithm": hash.name(), "digits": digits });
    match kind {
        Kind::Hotp => answer["counter"] = json!(0),
        Kind::Totp => answer["period"] = json!(flaws::announced_period(provider)),
    }
    Ok(Response::json(200, &answer))
}

fn imported(provider: &Provider, text: &str) -> Result<Vec<u8>, Refusal> {
    let text = text.trim_end_matches('=').to_ascii_uppercase();
    let secret = BASE32_NOPAD.decode(text.as_bytes()).map_err(|_| Refusal::invalid_request("secret is not base32"))?;
    if secret.len() < 16 && !provider.breaks(Defect::ShortOtpSecretAccepted) {
        return Err(Refusal::invalid_request("a secret has 128 bits or more"));
    }
    Ok(secret)
}

/// Both factors are right, or the answer does not say which is wrong.
fn verify(provider: &Provider, request: &Request, form: &Params, now: u64) -> Result<Response, Refusal> {
    let name = form.get("username").ok_or_else(|| Refusal::missing("username"))?;
    let account = flaws::account(provider, request, name);
    let waiting = provider.otp_guesses.wait(&account, now);
    if let Some(seconds) = waiting.filter(|_| !provider.breaks(Defect::NoOtpLockOut)) {
        return Err(Refusal::slow_down(seconds));
    }
    let known = user(provider, form, now).map(str::to_owned);
    let known = if provider.breaks(Defect::OtpAloneLogsIn) { Ok(name.to_owned()) } else { known };
    let code = form.get("code").ok_or_else(|| Refusal::missing("code"))?;
    let right = known.is_ok_and(|user| accepts(provider, &user, code, form, now));
    if !provider.breaks(Defect::OtpGuessingUnlimited) && waiting.is_none() {
        provider.otp_guesses.note(&account, right, now);
    }
    if !right {
        return Err(wrong());
    }
    let mut answer = json!({ "verified": true });
    if provider.breaks(Defect::OtpSecretShownAgain) {
        let secret = provider.enrolments.with(name, |enrolment| BASE32_NOPAD.encode(&enrolment.secret));
        answer["secret"] = json!(secret);
    }
    Ok(Response::json(200, &answer))
}

/// Looks the code up in the window and uses it up, both at once.
fn accepts(provider: &Provider, user: &str, code: &str, form: &Params, now: u64) -> bool {
    crate::flaws::race(provider, Defect::TotpCodeRace, || {
        let seen = provider.enrolments.with(user, |enrolment| enrolment.next);
        move || {
            provider.enrolments.with(user, |enrolment| enrolment.next = seen.unwrap_or(0));
        }
    });
    let asked = form.get("counter").and_then(|counter| counter.parse().ok());
    let accepted = provider.enrolments.with(user, |enrolment| {
        let found = flaws::window(provider, enrolment, asked, now).find(|moving| {
            let wanted =
                flaws::hotp(provider, &enrolment.secret, *moving, enrolment.digits, enrolment.hash, false, now);
            wanted.is_some_and(|wanted| flaws::same(provider, &wanted, code))
        });
        flaws::use_up(provider, enrolment, found, code, now)
    });
    accepted == Some(true) && (!provider.breaks(Defect::TwoOtpCodesAlwaysAsked) || form.get("next_code").is_some())
}

fn user<'p>(provider: &'p Provider, form: &Params, now: u64) -> Result<&'p str, Refusal> {
    let name = form.get("username").ok_or_else(|| Refusal::missing("username"))?;
    let password = form.get("password").ok_or_else(|| Refusal::missing("password"))?;
    let user = interaction::verify_user(provider, name, password, Defect::OtpGuessingUnlimited, now)?;
    user.map(|user| user.username.as_str()).ok_or_else(wrong)
}

fn wrong() -> Refusal {
    Refusal::new("access_denied", "user name, password or code is wrong").with_status(401)
}

fn hex(form: &Params, name: &str) -> Result<Vec<u8>, Refusal> {
    let text = form.literal(name).ok_or_else(|| Refusal::missing(name))?;
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| Refusal::invalid_request("not hexadecimal"))
}

fn hash(form: &Params) -> Result<OtpHash, Refusal> {
    OtpHash::named(form.get("algorithm").unwrap_or("SHA1"))
        .ok_or_else(|| Refusal::invalid_request("algorithm is SHA1, SHA256 or SHA512"))
}

fn number(form: &Params, name: &str) -> Result<Option<u64>, Refusal> {
    form.get(name).map(|text| text.parse().map_err(|_| Refusal::invalid_request("not a number"))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conduct, Config, Random};

    #[test]
    fn an_imported_secret_has_at_least_128_bits() {
        let provider = Provider::new(Config::default(), Conduct::default(), Random::seeded(1));
        let length =
            |bytes: usize| imported(&provider, &BASE32_NOPAD.encode(&vec![7; bytes])).ok().map(|secret| secret.len());
        assert_eq!((length(15), length(16), length(17)), (None, Some(16), Some(17)));
    }
}
