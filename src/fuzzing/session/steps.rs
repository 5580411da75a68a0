//! A session as steps: each octet picks from a table, so that whatever the fuzzer writes is nearly a right request. Index 0
//! of a value is the one that fits the name.

use arbitrary::{Result, Unstructured};
use base64::Engine as _;
use reference_server::Request;
use reference_server::config::Client;

use super::found::{Found, filled};
use super::run::{Session, VERIFIER};
use crate::crypto::s256;

/// Any octets as a session of steps, judged by the witness.
pub fn session(bytes: &[u8]) {
    let (mut session, mut bytes) = (Session::new(), Unstructured::new(bytes));
    for _ in 0..32 {
        let Ok(step) = Step::read(&mut bytes) else { break };
        session.wait(WAITS[usize::from(step.wait) % WAITS.len()]);
        let request = step.request(&mut session);
        session.send(request);
    }
    session.end();
}

/// The octets of the step that comes nearest to a request, after so much was found.
pub fn step(request: &Request, clients: &[Client], found: &Found) -> Option<Vec<u8>> {
    let path = request.path();
    let endpoint = ENDPOINTS.iter().position(|known| *known == (request.method.as_str(), path))?;
    let mut params = request.query_params().pairs().to_vec();
    params.extend(request.form().unwrap_or_default().pairs().iter().cloned());
    let id =
        basic(request).or_else(|| params.iter().find(|(name, _)| name == "client_id").map(|(_, id)| id.to_string()));
    let client = clients.iter().position(|client| id.as_deref() == Some(&*client.id)).unwrap_or(0);
    let manner = usize::from(request.header("authorization").is_some());
    let browser = usize::from(request.header("cookie").is_some());
    let known = params.iter().filter_map(|(name, value)| {
        let name = NAMES.iter().position(|known| known == name)?;
        let value = found.abstracted(value);
        Some([name, VALUES.iter().position(|known| *known == value).unwrap_or(0)])
    });
    let known: Vec<[usize; 2]> = known.take(MOST).collect();
    let head = [0, endpoint, client + manner * clients.len(), browser, known.len()];
    head.into_iter().chain(known.concat()).map(|octet| u8::try_from(octet).ok()).collect()
}

struct Step {
    wait: u8,
    endpoint: u8,
    /// Who asks, and how that is proven.
    who: u8,
    /// Which session's cookie is sent.
    browser: u8,
    /// Names and values.
    params: Vec<(u8, u8)>,
}

impl Step {
    fn read(bytes: &mut Unstructured<'_>) -> Result<Self> {
        if bytes.is_empty() {
            return Err(arbitrary::Error::NotEnoughData);
        }
        let [wait, endpoint, who, browser, count] = bytes.arbitrary()?;
        let params = (0..usize::from(count) % (MOST + 1)).map(|_| bytes.arbitrary()).collect::<Result<_>>()?;
        Ok(Self { wait, endpoint, who, browser, params })
    }

    fn request(&self, session: &mut Session) -> Request {
        let (method, path) = ENDPOINTS[usize::from(self.endpoint) % ENDPOINTS.len()];
        let clients = session.config().clients.len();
        let client = session.config().clients[usize::from(self.who) % clients].clone();
        let manner = usize::from(self.who) / clients;
        let signed = if manner == 4 { session.timely(path) } else { path.to_owned() };
        let params = self.encoded(session, &client, manner);
        let request = match method {
            "POST" => Request::post(&signed, &params),
            _ => Request::get(&format!("{path}?{params}")),
        };
        let request = match session.found().earlier("session", usize::from(self.browser.wrapping_sub(1))) {
            Some(id) => request.with("Cookie", &format!("session={id}")),
            None => request,
        };
        match credential(session, &client, path, manner) {
            Some(value) => request.with("Authorization", &value),
            None => request,
        }
    }

    fn encoded(&self, session: &Session, client: &Client, manner: usize) -> String {
        let mut params = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.params {
            let name = NAMES[usize::from(*name) % NAMES.len()];
            let value = match VALUES[usize::from(*value) % VALUES.len()] {
                "" => fitting(name, client),
                value => value.to_owned(),
            };
            params.append_pair(name, &String::from_utf8_lossy(&filled(value.as_bytes(), session.found())));
        }
        if manner == 2 {
            params.append_pair("client_id", &client.id);
            params.append_pair("client_secret", client.secret.as_deref().unwrap_or_default());
        }
        params.finish()
    }
}

fn credential(session: &Session, client: &Client, path: &str, manner: usize) -> Option<String> {
    if path.starts_with("/resource") || matches!(path, "/archive" | "/userinfo") {
        let token = session.found().earlier("access_token", manner.checked_sub(1)?)?;
        return Some(format!("Bearer {token}"));
    }
    let form = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let secret = client.secret.as_deref().unwrap_or_default();
    let basic = |secret: &str| {
        let pair = format!("{}:{}", form(&client.id), form(secret));
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
    };
    match manner {
        1 => Some(basic(secret)),
        4 => session.found().latest("signed").map(str::to_owned),
        5 => Some(basic("wrong")),
        _ => None,
    }
}

/// The client of Basic credentials.
fn basic(request: &Request) -> Option<String> {
    let value = std::str::from_utf8(request.header("authorization")?).ok()?;
    let pair = base64::engine::general_purpose::STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    Some(String::from_utf8(pair).ok()?.split(':').next()?.to_owned())
}

fn fitting(name: &str, client: &Client) -> String {
    let text = match name {
        "response_type" => "code",
        "client_id" => &client.id,
        "client_secret" => client.secret.as_deref().unwrap_or_default(),
        "redirect_uri" => client.redirect_uris.first().map_or("", String::as_str),
        "scope" => "read",
        "code_challenge" => return s256(VERIFIER),
        "code_challenge_method" => "S256",
        "code_verifier" => VERIFIER,
        "grant_type" => "authorization_code",
        "code" => "{{code}}",
        "refresh_token" => "{{refresh_token}}",
        "token" | "access_token" => "{{access_token}}",
        "csrf" => "{{csrf}}",
        "username" => "alice",
        "password" => "wonderland-4711",
        "decision" => "approve",
        "resource" => "http://127.0.0.1:9400/resource",
        "post_logout_redirect_uri" => client.post_logout_redirect_uris.first().map_or("", String::as_str),
        _ => "s",
    };
    text.to_owned()
}

/// Most parameters of a step.
const MOST: usize = 12;

/// Seconds that pass before a step.
const WAITS: &[u64] = &[0, 0, 0, 0, 1, 31, 61, 3601];

const ENDPOINTS: &[(&str, &str)] = &[
    ("GET", "/authorize"),
    ("POST", "/login"),
    ("POST", "/consent"),
    ("POST", "/token"),
    ("GET", "/resource"),
    ("POST", "/introspect"),
    ("POST", "/revoke"),
    ("POST", "/authorize"),
    ("POST", "/resource"),
    ("GET", "/resource/write"),
    ("GET", "/oauth/authorize"),
    ("POST", "/oauth/token"),
    ("GET", "/logout"),
    ("GET", "/archive"),
    ("GET", "/userinfo"),
];

const NAMES: &[&str] = &[
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "csrf",
    "username",
    "password",
    "decision",
    "grant_type",
    "code",
    "code_verifier",
    "refresh_token",
    "token",
    "token_type_hint",
    "access_token",
    "client_secret",
    "response_mode",
    "resource",
    "post_logout_redirect_uri",
];

const VALUES: &[&str] = &[
    "",
    "{{code}}",
    "{{code.1}}",
    "{{access_token}}",
    "{{access_token.1}}",
    "{{refresh_token}}",
    "{{refresh_token.1}}",
    "{{refresh_token.2}}",
    "{{csrf.1}}",
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "password",
    "access_token",
    "token",
    "code",
    "read",
    "write",
    "read write",
    "admin",
    "plain",
    "S256",
    VERIFIER,
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "fragment",
    "form_post",
    "query",
    "deny",
    "bob",
    "builder-0815",
    "zoë",
    "app",
    "other",
    "spa",
    "native",
    "strict",
    "https://app.example/cb",
    "https://other.example/cb?keep=1",
    "https://spa.example/cb",
    "https://evil.example/cb",
    "http://127.0.0.1:4711/cb",
    "http://127.0.0.1.evil.example/cb",
    "com.example.native:/cb",
    "https://two.example/b",
    "\u{0}<script>\r\n\"",
    "code token",
    "token code",
    "http://127.0.0.1:9400/archive",
    "https://app.example/bye",
];
