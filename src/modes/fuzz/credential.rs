//! What a request proves itself by, and whether an edit broke it: whether the good value is nowhere in the request by
//! any reading. A value that a tolerant server may still read as the good one (another case of letters, a space or a
//! suffix, encoded twice, in another part, beside another one) is not broken.

use base64::Engine as _;

use super::edits::endpoint;
use crate::exchange::Request;
use crate::offer::offers;
use crate::plan::PlannedStep;
use crate::scenario::{Auth, Rendered, Template};
use crate::target::{Client, ClientAuth, Target};

/// A secret without which nothing may be issued.
pub struct Credential {
    /// What it is, in words.
    pub what: &'static str,
    good: String,
}

/// The values of names in a run.
pub type Values = std::collections::BTreeMap<String, String>;

/// The credentials that a step sends; `values` are those of the run.
pub fn credentials(step: &PlannedStep, target: &Target, values: &Values) -> Vec<Credential> {
    let Some(send) = &step.step.send else { return Vec::new() };
    let to = endpoint(step);
    let token = to == "token" || to == "classic_token";
    let mut found = Vec::new();
    let mut add = |what, template: Option<&str>| {
        let good = template.and_then(|template| render(template, step, target, values));
        found.extend(good.filter(|good| !good.is_empty()).map(|good| Credential { what, good }));
    };
    let form = |name: &str| send.form.0.get(name).and_then(|values| values.0.first()).map(String::as_str);
    let client = target.client(&step.role);
    let proves = match send.auth {
        Auth::Basic | Auth::Post => true,
        Auth::Client => matches!(client.map(Client::method), Some(ClientAuth::Basic | ClientAuth::Post)),
        Auth::None | Auth::Id | Auth::Signed => form("client_secret").is_some(),
    };
    add(SECRET, Some("{{client.secret}}").filter(|_| proves));
    let query = |name: &str| send.query.0.get(name).and_then(|values| values.0.first()).map(String::as_str);
    add("password", form("password").or_else(|| query("password")));
    add("code", form("code").filter(|_| token));
    add("one-time password", form("code").filter(|_| !token));
    add("code_verifier", form("code_verifier").filter(|_| token && offers(target, "pkce").is_ok()));
    add("refresh_token", form("refresh_token").filter(|_| token));
    add("token", form("token").filter(|_| to == "introspection"));
    add("client assertion", form("client_assertion").filter(|_| token));
    add("access token", send.bearer.as_deref().or_else(|| form("access_token").filter(|_| to == "resource")));
    add("signature", Some("{{signature}}").filter(|_| send.header.0.contains_key("Authorization")));
    found
}

/// The client's secret.
pub const SECRET: &str = "client secret";

impl Credential {
    /// Whether the good value is nowhere in a request, by any reading.
    pub fn is_broken(&self, request: &Request, step: &PlannedStep, target: &Target) -> bool {
        let readings = readings(request);
        let holds = |text: &str| readings.iter().any(|reading| reads(reading, text, self.what == "password"));
        match self.what {
            SECRET => {
                let mut secrets = target.clients.values().filter_map(|client| client.secret.as_deref());
                let mut pairs = target.clients.values().flat_map(encoded);
                let carried = secrets.any(holds) || pairs.any(|pair| holds(&pair));
                !holds(&self.good) && !carried && self.is_missed(step, target, &holds)
            }
            "password" => !target.users.values().any(|user| holds(&user.password)),
            _ => !holds(core(&self.good)),
        }
    }

    /// Whether nothing may be given without the secret: where no grant is bound to the client, another client, or none
    /// at all, may have asked.
    fn is_missed(&self, step: &PlannedStep, target: &Target, holds: &dyn Fn(&str) -> bool) -> bool {
        let form = |name: &str| step.step.send.as_ref().is_some_and(|send| send.form.0.contains_key(name));
        let free = form("password") || endpoint(step) == "revocation";
        let own = target.client(&step.role).is_some_and(|client| holds(&client.id));
        let public = |client: &Client| client.method() == ClientAuth::None && holds(&client.id);
        !free || own && !target.clients.values().any(public)
    }
}

/// The pairs that HTTP Basic carries, which a tolerant server may find in a longer text.
fn encoded(client: &Client) -> Vec<String> {
    let Some(secret) = &client.secret else { return Vec::new() };
    let form = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pairs = [format!("{}:{secret}", client.id), format!("{}:{}", form(&client.id), form(secret))];
    pairs.iter().map(|pair| base64::engine::general_purpose::STANDARD_NO_PAD.encode(pair)).collect()
}

/// Without the last characters, which a tolerant decoder may ignore.
fn core(good: &str) -> &str {
    let tolerated = if good.len() >= 16 { 4 } else { 0 };
    good.get(..good.len() - tolerated).unwrap_or(good)
}

/// Texts of one kind of letter may be read in any case: hexadecimal, UUID, base32.
fn reads(reading: &str, text: &str, any_case: bool) -> bool {
    let one_case = text.to_lowercase() == text || text.to_uppercase() == text;
    if any_case || one_case {
        return reading.to_lowercase().contains(&text.to_lowercase());
    }
    reading.contains(text)
}

/// Every text of a request: as it stands, decoded, and decoded once more.
fn readings(request: &Request) -> Vec<String> {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let mut texts = vec![request.url.clone(), body];
    for (name, value) in &request.headers {
        let pair = value.split_whitespace().nth(1).and_then(|pair| {
            let decoded = base64::engine::general_purpose::STANDARD.decode(pair).ok()?;
            Some(String::from_utf8_lossy(&decoded).into_owned())
        });
        texts.extend(pair);
        texts.push(format!("{name}: {value}"));
    }
    for _ in 0..2 {
        let decoded: Vec<String> =
            texts.iter().filter(|text| text.contains(['%', '+'])).map(|text| decode(text)).collect();
        texts.extend(decoded);
    }
    texts
}

fn decode(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

fn render(template: &str, step: &PlannedStep, target: &Target, values: &Values) -> Option<String> {
    let lookup = |name: &str| match name.split('.').collect::<Vec<_>>()[..] {
        ["client", "secret"] => target.client(&step.role)?.secret.clone(),
        ["user", "password"] => Some(target.user(step.step.user.as_deref().unwrap_or("default"))?.password.clone()),
        ["with", parameter] => {
            let template = step.with.iter().find(|(known, _)| known == parameter)?.1.clone();
            render(&template, step, target, values)
        }
        _ => values.get(&format!("{}{name}", step.prefix)).or_else(|| values.get(name)).cloned(),
    };
    match Template::parse(template).ok()?.render(&lookup) {
        Rendered::Text(text) => Some(text),
        Rendered::Omitted | Rendered::Missing(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "mF_9.B5f-4.1JqM-abcdEFGH";

    fn is_broken(body: &str) -> bool {
        let credential = Credential { what: "code", good: GOOD.into() };
        let request = Request { body: body.into(), ..Request::default() };
        let step = PlannedStep {
            id: "redeem".into(),
            name: String::new(),
            setup: false,
            prefix: String::new(),
            role: "confidential".into(),
            with: Vec::new(),
            group: None,
            step: crate::scenario::Step::default(),
        };
        credential.is_broken(&request, &step, &Target::default())
    }

    #[test]
    fn what_a_tolerant_server_may_read_as_the_good_value_is_not_broken() {
        for body in [
            format!("code={GOOD}"),
            format!("code={GOOD}+"),
            format!("code=x&code={GOOD}"),
            format!("code=%22{GOOD}%00x"),
            format!("code={}", &GOOD[..GOOD.len() - 1]),
            format!("code={}", GOOD.bytes().map(|byte| format!("%25{byte:02X}")).collect::<String>()),
        ] {
            assert!(!is_broken(&body), "{body}");
        }
    }

    #[test]
    fn what_nobody_can_read_as_the_good_value_is_broken() {
        for body in ["", "code=", "code=mF_9.B5f", &format!("code={}", GOOD.to_lowercase()), "code=null"] {
            assert!(is_broken(body), "{body}");
        }
    }
}
