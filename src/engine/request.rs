//! A `send` or `authorize` step becomes a request: templates rendered, the client authenticated, the one variation
//! applied, the target's dialect spoken.

use base64::Engine as _;

use crate::crypto;
use crate::exchange::Request;
use crate::plan::Variation;
use crate::scenario::{Auth, Authorize, Change, Credentials, Params, Send};
use crate::target::{ClientAuth, Target};

use super::scope::Scope;

type Pairs = Vec<(String, String)>;

/// Builds the request of a `send` step. `Err` names what has no value.
pub fn of_send(send: &Send, scope: &Scope<'_>, variation: Option<&Variation>) -> Result<Request, String> {
    let mut send = send.clone();
    let varied = Varied(variation);
    varied.words(&mut send)?;
    let mut query = varied.pairs("query", &send.query, scope)?;
    let mut form = varied.pairs("form", &send.form, scope)?;
    let mut headers = varied.pairs("header", &send.header, scope)?;
    let has_form = !form.is_empty() || !send.form.is_empty();
    if let Some(bearer) = varied.text("bearer", send.bearer.as_deref(), scope)? {
        headers.push(("Authorization".into(), format!("Bearer {bearer}")));
    }
    authenticate(&send, scope, &varied, (&mut query, &mut form, &mut headers))?;
    if send.to == "token" {
        speak(scope.target, &mut query, &mut form);
    }
    let raw_query = varied.text("raw_query", send.raw_query.as_deref(), scope)?;
    let body = body(&send, scope, &varied, &form, has_form, &mut headers)?;
    let method = send.method.clone().unwrap_or_else(|| if body.is_some() { "POST" } else { "GET" }.into());
    let base = endpoint(&send.to, scope)?;
    Ok(Request {
        endpoint: if scope.target.endpoints.contains_key(&send.to) { send.to.clone() } else { String::new() },
        method,
        url: with_query(&base, &raw_query.unwrap_or_else(|| encode(&query))),
        headers,
        body: body.unwrap_or_default(),
    })
}

/// Builds the first request of an `authorize` step.
pub fn of_authorize(step: &Authorize, scope: &Scope<'_>, variation: Option<&Variation>) -> Result<Request, String> {
    let varied = Varied(variation);
    let mut query = varied.pairs("query", &step.query, scope)?;
    for (name, value) in &scope.target.authorize {
        let decided = varied.names("query", name) || step.query.0.contains_key(name);
        if let (false, Some(value)) = (decided, scope.render(value)?) {
            query.push((name.clone(), value));
        }
    }
    rename(scope.target, &mut query);
    let encoded = varied.text("raw_query", step.raw_query.as_deref(), scope)?.unwrap_or_else(|| encode(&query));
    let url = endpoint("authorization", scope)?;
    let method = varied.word("method").or_else(|| step.method.clone()).unwrap_or_else(|| "GET".into());
    let mut request = Request { endpoint: "authorization".into(), method, ..Request::default() };
    if request.method == "POST" {
        request.url = url;
        request.headers.push(("Content-Type".into(), FORM.into()));
        request.body = encoded.into_bytes();
    } else {
        request.url = with_query(&url, &encoded);
    }
    Ok(request)
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The variation as the parts of a request see it.
pub struct Varied<'a>(pub Option<&'a Variation>);

impl Varied<'_> {
    /// The word that a one-value part (`as`, `auth`, `method`, `user`, `to`) is set to.
    pub fn word(&self, part: &str) -> Option<String> {
        match self.0 {
            Some(Variation { part: at, change: Change::Set(word), .. }) if at == part => Some(word.clone()),
            _ => None,
        }
    }

    fn names(&self, part: &str, name: &str) -> bool {
        self.0.is_some_and(|variation| variation.part == part && variation.name == name)
    }

    /// Parts that are single words of the step.
    fn words(&self, send: &mut Send) -> Result<(), String> {
        if let Some(auth) = self.word("auth") {
            send.auth = auth_of(&auth).ok_or_else(|| format!("`{auth}` is no way to authenticate"))?;
        }
        if let Some(to) = self.word("to") {
            send.to = to;
        }
        send.method = self.word("method").or(send.method.take());
        if let Some(secret) = self.word("credentials") {
            let id = self.names("credentials", "id");
            let credentials = send.credentials.get_or_insert_with(Credentials::default);
            *(if id { &mut credentials.id } else { &mut credentials.secret }) = Some(secret);
        }
        Ok(())
    }

    /// A part that is one text.
    fn text(&self, part: &str, template: Option<&str>, scope: &Scope<'_>) -> Result<Option<String>, String> {
        let good = template.map(|template| scope.render(template)).transpose()?.flatten();
        match self.0.filter(|variation| variation.part == part) {
            None => Ok(good),
            Some(variation) => Ok(changed(&variation.change, good, scope)?.pop()),
        }
    }

    /// A part that is a list of parameters.
    fn pairs(&self, part: &str, params: &Params, scope: &Scope<'_>) -> Result<Pairs, String> {
        let mut pairs = Pairs::new();
        for (name, template) in params.pairs() {
            if let Some(value) = scope.render(template)? {
                pairs.push((name.to_owned(), value));
            }
        }
        let Some(variation) = self.0.filter(|variation| variation.part == part && !variation.name.is_empty()) else {
            return Ok(pairs);
        };
        let same =
            |name: &str| name == variation.name || (part == "header" && name.eq_ignore_ascii_case(&variation.name));
        let place = pairs.iter().position(|(name, _)| same(name)).unwrap_or(pairs.len());
        let good = pairs.get(place).map(|(_, value)| value.clone());
        let values = changed(&variation.change, good, scope)?;
        pairs.retain(|(name, _)| !same(name));
        let at = place.min(pairs.len());
        pairs.splice(at..at, values.into_iter().map(|value| (variation.name.clone(), value)));
        Ok(pairs)
    }
}

/// The values that stand where the good one stood.
fn changed(change: &Change, good: Option<String>, scope: &Scope<'_>) -> Result<Vec<String>, String> {
    let other = |template: &str| Ok::<_, String>(scope.render(template)?.unwrap_or_default());
    Ok(match change {
        Change::Set(template) => vec![other(template)?],
        Change::Remove(_) => Vec::new(),
        Change::Add(template) => good.into_iter().chain([other(template)?]).collect(),
        Change::Before(template) => std::iter::once(other(template)?).chain(good).collect(),
        Change::Edit(edit) => good.iter().map(|good| edit.apply(good)).collect(),
    })
}

fn auth_of(word: &str) -> Option<Auth> {
    Some(match word {
        "none" => Auth::None,
        "client" => Auth::Client,
        "basic" => Auth::Basic,
        "post" => Auth::Post,
        "id" => Auth::Id,
        "signed" => Auth::Signed,
        _ => return None,
    })
}

fn endpoint(to: &str, scope: &Scope<'_>) -> Result<String, String> {
    match scope.target.endpoints.get(to) {
        Some(url) => Ok(url.clone()),
        None if to.contains("://") || to.contains("{{") => scope.render(to)?.ok_or_else(|| to.to_owned()),
        None => Err(format!("endpoints.{to}")),
    }
}

/// Puts the client's credentials where its method wants them, unless the step already says so itself.
fn authenticate(
    send: &Send,
    scope: &Scope<'_>,
    varied: &Varied<'_>,
    (query, form, headers): (&mut Pairs, &mut Pairs, &mut Pairs),
) -> Result<(), String> {
    let client = scope.client();
    let method = client.map_or(ClientAuth::None, |client| client.method());
    let given = send.credentials.clone().unwrap_or_default();
    let own = |template: Option<String>, own: Option<String>| match template {
        Some(template) => scope.render(&template).map(Option::unwrap_or_default),
        None => Ok(own.unwrap_or_default()),
    };
    let id = own(given.id, client.map(|client| client.id.clone()))?;
    let secret = own(given.secret, client.and_then(|client| client.secret.clone()))?;
    match (send.auth, method) {
        (Auth::None, _) => {}
        (Auth::Basic, _) | (Auth::Client, ClientAuth::Basic) => {
            headers.push(("Authorization".into(), basic(&id, &secret)))
        }
        (Auth::Post, _) | (Auth::Client, ClientAuth::Post) => {
            complete(form, "client_id", id, varied);
            complete(form, "client_secret", secret, varied);
        }
        (Auth::Id, _) | (Auth::Client, ClientAuth::None) => complete(form, "client_id", id, varied),
        (Auth::Signed, _) | (Auth::Client, ClientAuth::Signed) => sign(&id, &secret, scope, query, headers),
        (Auth::Client, ClientAuth::PrivateKeyJwt) => {
            complete(form, "client_assertion_type", ASSERTION.into(), varied);
            complete(form, "client_assertion", assertion(&id, scope)?, varied);
        }
    }
    Ok(())
}

fn complete(form: &mut Pairs, name: &str, value: String, varied: &Varied<'_>) {
    if !varied.names("form", name) && !form.iter().any(|(known, _)| known == name) {
        form.push((name.to_owned(), value));
    }
}

/// RFC 6749 section 2.3.1: both parts form-encoded, joined by a colon, base64.
pub fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// RFC 7523 section 3: the client about itself, for the issuer, good for a minute and once.
fn assertion(id: &str, scope: &Scope<'_>) -> Result<String, String> {
    let jwk = scope.client().and_then(|client| client.key.as_deref()).ok_or("client.key")?;
    let claims = serde_json::json!({
        "iss": id, "sub": id, "aud": scope.required("{{issuer}}")?, "jti": scope.required("{{assertion.jti}}")?,
        "iat": scope.now, "exp": scope.now + 60,
    });
    crypto::signed_jws("{}", &claims.to_string(), jwk)
}

/// `docs/signing.md`. What the step gives itself is kept.
fn sign(id: &str, secret: &str, scope: &Scope<'_>, query: &mut Pairs, headers: &mut Pairs) {
    let timestamp = scope.lookup("signing.timestamp").unwrap_or_else(|| scope.now.to_string());
    let signed = crypto::sign_request(id, secret.as_bytes(), &timestamp);
    for (name, value) in [("timestamp", timestamp), ("token", signed.token)] {
        if !query.iter().any(|(known, _)| known == name) {
            query.push((name.into(), value));
        }
    }
    headers.push(("Authorization".into(), signed.authorization));
}

/// The target's own names for grants and parameters.
fn speak(target: &Target, query: &mut Pairs, form: &mut Pairs) {
    for (name, value) in form.iter_mut() {
        if let Some(other) = target.dialect.grant_type.get(value.as_str()).filter(|_| name == "grant_type") {
            other.clone_into(value);
        }
    }
    rename(target, form);
    if target.dialect.token_parameters_in_query {
        query.append(form);
    }
}

fn rename(target: &Target, pairs: &mut Pairs) {
    for (name, _) in pairs {
        if let Some(other) = target.dialect.parameter.get(name.as_str()) {
            other.clone_into(name);
        }
    }
}

fn body(
    send: &Send,
    scope: &Scope<'_>,
    varied: &Varied<'_>,
    form: &Pairs,
    has_form: bool,
    headers: &mut Pairs,
) -> Result<Option<Vec<u8>>, String> {
    if let Some(raw) = varied.text("raw", send.raw.as_deref(), scope)? {
        content_type(headers, FORM);
        return Ok(Some(unescape(&raw)));
    }
    if let Some(json) = &send.json {
        content_type(headers, "application/json");
        return Ok(scope.render(json)?.map(String::into_bytes));
    }
    let wanted = has_form || !form.is_empty();
    if wanted {
        content_type(headers, FORM);
    }
    Ok(wanted.then(|| encode(form).into_bytes()))
}

fn content_type(headers: &mut Pairs, kind: &str) {
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("Content-Type".into(), kind.into()));
    }
}

/// `\xNN` stands for one byte.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find("\\x") {
        bytes.extend_from_slice(&rest.as_bytes()[..place]);
        let byte = rest.get(place + 2..place + 4).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(b"\\x"),
        }
        rest = &rest[place + if byte.is_some() { 4 } else { 2 }..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn encode(pairs: &Pairs) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn with_query(url: &str, query: &str) -> String {
    match (query.is_empty(), url.contains('?')) {
        (true, _) => url.to_owned(),
        (false, true) => format!("{url}&{query}"),
        (false, false) => format!("{url}?{query}"),
    }
}
