//! Broken promises that no RFC names and published flaws do: input that stalls, input that is computed, credentialed
//! sharing with every site, tokens that forge themselves, forms that lead elsewhere.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::config::Client;
use crate::grants::{AccessToken, Reach};
use crate::refusal::Refusal;
use crate::sessions::{self, Session};
use crate::{Defect, Params, Provider, Request, Response, second_factor};

/// How long a stalled provider takes.
const STALL_MS: u64 = 5_000;
/// A run of one character that a careless pattern stumbles over.
const RUN: usize = 1_000;

/// Any answer on its way out.
pub fn practice(provider: &Provider, request: &Request, mut response: Response) -> Response {
    let path = request.path();
    if stalls(provider, request, path) {
        response.stall_ms = STALL_MS;
    }
    let bracket = request.query_params().get("redirect_uri").is_some_and(|uri| uri.contains('['));
    if provider.breaks(Defect::OddRedirectUriCrashes) && path.ends_with("/authorize") && bracket {
        response.status = 500;
    }
    let computed = provider.breaks(Defect::InputEvaluatedInErrorPage) && path.ends_with("/authorize");
    if computed
        && response.status >= 400
        && request.query_params().pairs().iter().any(|(_, value)| value.contains("1234567*3"))
    {
        response.body.extend_from_slice(b"3703701");
    }
    if response.status >= 400 && response.header("content-type").is_some_and(|media| media.starts_with("text/html")) {
        response.body.extend_from_slice(inner_workings(provider).as_bytes());
    }
    let origin = request.header("origin").map(|origin| String::from_utf8_lossy(origin).into_owned());
    match origin.filter(|_| path.ends_with("/token") && provider.breaks(Defect::TokenCorsWithCredentials)) {
        None => response,
        Some(origin) => {
            response.with("Access-Control-Allow-Origin", origin).with("Access-Control-Allow-Credentials", "true")
        }
    }
}

/// What the developers wanted to see when something goes wrong.
fn inner_workings(provider: &Provider) -> &'static str {
    if provider.breaks(Defect::ErrorsShowTheStack) {
        return "<pre>Traceback (most recent call last):\n  File \"/srv/app/authorize.py\", line 12, in authorize</pre>";
    }
    if provider.breaks(Defect::ErrorsShowAKey) {
        return "<pre>cannot use key: -----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==</pre>";
    }
    ""
}

/// A client whose secret is compared by an operator that the request brought along.
pub fn by_operator<'p>(provider: &'p Provider, form: &Params, now: u64) -> Option<Cow<'p, Client>> {
    if !provider.breaks(Defect::QueryOperatorsAreRead) {
        return None;
    }
    form.get("client_secret[$ne]")?;
    provider.client(form.get("client_id")?, now)
}

/// A code taken for the access token that it would give.
pub fn code_as_token(provider: &Provider, token: &str, now: u64) -> Option<AccessToken> {
    if !provider.breaks(Defect::CodeWorksAsAccessToken) {
        return None;
    }
    let grant = provider.grants.with_code(&provider.code_key(token), now, |code| code.grant.clone())?;
    let reach = grant.reach();
    Some(AccessToken { grant, reach, issued: now, ends: u64::MAX, revoked: false })
}

/// A token that reaches as far as the exchange asks for.
pub fn widened(provider: &Provider, reach: Reach, form: &Params) -> Reach {
    match form.get("scope").filter(|_| provider.breaks(Defect::ExchangeTakesScope)) {
        Some(scope) => Reach { scope: scope.split(' ').collect(), ..reach },
        None => reach,
    }
}

fn stalls(provider: &Provider, request: &Request, path: &str) -> bool {
    let header = request.header("authorization").unwrap_or_default();
    let spaces = header.windows(RUN).any(|run| run.iter().all(|byte| *byte == b' '));
    let redirect_uri = request.query_params().get("redirect_uri").map_or(0, str::len);
    provider.breaks(Defect::RedirectUriPatternStalls) && path.ends_with("/authorize") && redirect_uri >= RUN
        || provider.breaks(Defect::TokenHeaderPatternStalls) && path.ends_with("/token") && spaces
        || provider.breaks(Defect::ResourceHeaderPatternStalls) && path.ends_with("/resource") && spaces
}

/// Whether a JWT that anybody can make passes for an access token.
pub fn forged_jwt(provider: &Provider, token: &str) -> bool {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { return false };
    let algorithm = algorithm(header).unwrap_or_default();
    let unsigned = algorithm.eq_ignore_ascii_case("none") && signature.is_empty();
    let empty =
        || Hmac::<Sha256>::new_from_slice(b"").map(|mac| mac.chain_update(format!("{header}.{claims}")).finalize());
    let signed = || empty().is_ok_and(|mac| URL_SAFE_NO_PAD.encode(mac.into_bytes()) == signature);
    super::forged_token(provider, token)
        || provider.breaks(Defect::JwtAlgNoneAccepted) && unsigned
        || provider.breaks(Defect::JwtEmptyKeyAccepted) && algorithm == "HS256" && signed()
}

fn algorithm(header: &str) -> Option<String> {
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    header["alg"].as_str().map(str::to_owned)
}

/// Where the login form leads, when it leads elsewhere.
pub fn detour(provider: &Provider, form: &Params) -> Option<Response> {
    let place = form.get("return_to").filter(|place| *place != RETURN_TO)?;
    provider.breaks(Defect::LoginFormOpenRedirect).then(|| Response::empty(303).with("Location", place.to_owned()))
}

/// The hidden field that a form has which may lead elsewhere.
pub fn return_to(provider: &Provider) -> &'static str {
    match provider.breaks(Defect::LoginFormOpenRedirect) {
        true => "<input type=\"hidden\" name=\"return_to\" value=\"/authorize\">",
        false => "",
    }
}

const RETURN_TO: &str = "/authorize";

/// The cookie of a session that begins with the password, and its end, where a second factor is still due.
pub fn early_session(provider: &Provider, page: Response, refusal: &Refusal, form: &Params, now: u64) -> Response {
    let awaits = refusal.error == second_factor::REQUIRED;
    if !awaits || !provider.breaks(Defect::SessionCookieBeforeSecondFactor) {
        return page;
    }
    let mut session = Session::default();
    session.user = form.get("username").map(str::to_owned);
    let id = provider.sessions.begin(provider, session, now);
    let taken_back = format!("{}=; Max-Age=0; Path=/", sessions::COOKIE);
    page.with("Set-Cookie", sessions::cookie(provider, &id)).with("Set-Cookie", taken_back)
}
