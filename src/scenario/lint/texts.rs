//! The templates of a step.

use super::super::make::Maker;
use super::super::step::{Authorize, Send, Step, Tls};
use super::super::template::Template;

/// Those that have values before the step acts.
pub fn before(step: &Step) -> Vec<&str> {
    let mut texts: Vec<&str> = step.with.values().map(String::as_str).collect();
    texts.extend(step.make.values().flat_map(of_maker));
    texts.extend(step.wait.iter().map(|wait| wait.seconds.as_str()));
    texts.extend(step.send.iter().flat_map(of_send));
    texts.extend(step.authorize.iter().flat_map(of_authorize));
    texts.extend(step.tls.iter().flat_map(of_tls));
    texts
}

/// The names in a text; none in one that is no template.
pub fn names_in(text: &str) -> Vec<String> {
    Template::parse(text)
        .map_or_else(|_| Vec::new(), |template| template.names().map(|(name, _)| name.to_owned()).collect())
}

/// Whether some template of the file reads a name or a part of it.
pub fn reads(source: &str, name: &str) -> bool {
    let continues = |letter: char| letter.is_alphanumeric() || letter == '_';
    source
        .split("{{")
        .skip(1)
        .any(|text| text.trim_start().strip_prefix(name).is_some_and(|rest| !rest.starts_with(continues)))
}

fn of_send(send: &Send) -> Vec<&str> {
    let params =
        [&send.query, &send.header, &send.form].into_iter().flat_map(|params| params.pairs().map(|(_, value)| value));
    let given = send.credentials.iter().flat_map(|given| [&given.id, &given.secret]);
    let single = [&send.bearer, &send.raw_query, &send.json, &send.raw].into_iter().chain(given).flatten();
    params.chain(single.map(String::as_str)).chain([send.to.as_str()]).collect()
}

fn of_authorize(authorize: &Authorize) -> Vec<&str> {
    let Authorize { raw_query, password, to, user_code, .. } = authorize;
    let single = [raw_query, password, to, user_code].into_iter().flatten();
    let single = single.chain(authorize.approve_scopes.iter().flatten());
    authorize.query.pairs().map(|(_, value)| value).chain(single.map(String::as_str)).collect()
}

fn of_tls(tls: &Tls) -> Vec<&str> {
    tls.version.iter().chain(&tls.suites).chain([&tls.to]).map(String::as_str).collect()
}

fn of_maker(maker: &Maker) -> Vec<&str> {
    match maker {
        Maker::Random(_) | Maker::Time(_) => Vec::new(),
        Maker::Pkce(pkce) => pkce.verifier.iter().map(String::as_str).collect(),
        Maker::Totp(totp) => some([Some(&totp.key), totp.time.as_ref(), totp.counter.as_ref()]),
        Maker::Hmac(hmac) => vec![&hmac.key, &hmac.message],
        Maker::Jwt(jwt) => {
            some([Some(&jwt.header), Some(&jwt.claims), jwt.of.as_ref(), jwt.key.as_ref(), jwt.jwk.as_ref()])
        }
        Maker::Pem(pem) => vec![&pem.of],
        Maker::Text(text) => vec![&text.of],
    }
}

fn some<const N: usize>(texts: [Option<&String>; N]) -> Vec<&str> {
    texts.into_iter().flatten().map(String::as_str).collect()
}
