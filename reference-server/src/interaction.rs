//! The steps that the user takes between an authorization request and its answer: log in, then approve or deny.
//! Every form carries the ticket of its request, which is good only in the session that began it; the session
//! changes its identifier at login. Consent is asked every time.

use std::sync::Arc;

use crate::authorize::{Ask, Pending};
use crate::config::{ResponseType, User};
use crate::constant_time::same;
use crate::destination::Mode;
use crate::grants::{Code, Grant};
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::sessions::{self, Session};
use crate::shelf::key;
use crate::{
    Defect, Liberty, Params, Provider, Request, Response, device, flaws, id_token, pages, second_factor, token,
};

/// Begins the interaction: the login page, or for a user who is logged in the consent page.
pub fn begin(provider: &Provider, request: &Request, pending: Pending, now: u64) -> Response {
    if let Some(response) = flaws::shortcut(provider, request, &pending, now) {
        return response;
    }
    ask_user(provider, request, pending, now)
}

/// The same where there is no way around the login page.
pub fn ask_user(provider: &Provider, request: &Request, pending: Pending, now: u64) -> Response {
    match provider.sessions.find(request, now) {
        Some((id, session)) if is_logged_in(provider, &session) => proceed(provider, &id, &session, pending, now),
        Some((id, _)) => ask_for_login(provider, &id, pending, now),
        None => {
            let id = provider.sessions.begin(provider, Session::default(), now);
            ask_for_login(provider, &id, pending, now).with("Set-Cookie", sessions::cookie(provider, &id))
        }
    }
}

fn is_logged_in(provider: &Provider, session: &Session) -> bool {
    session.user.is_some() && !provider.is_off(session.user.as_deref(), Defect::DisabledUserKeepsSession)
}

/// Answers the login form.
pub fn login(provider: &Provider, request: &Request, now: u64) -> Response {
    let (id, form, ticket, mut pending) = match submitted(provider, request, now) {
        Ok(submitted) => submitted,
        Err(response) => return response,
    };
    let known = check_password(provider, &form, now);
    let user = match known.and_then(|user| second_factor::check(provider, user, &form, now)) {
        Ok(user) => user,
        Err(refusal) => {
            let page = pages::login(provider, &pending, &ticket, Some(&refusal));
            return flaws::early_session(provider, page, &refusal, &form, now);
        }
    };
    if let Some(elsewhere) = flaws::detour(provider, &form) {
        return elsewhere;
    }
    if provider.breaks(Defect::StateLostAfterLogin) {
        pending.destination.state = None;
    }
    let Some(mut session) = provider.sessions.with(&id, now, |session| session.clone()) else {
        return stale(provider);
    };
    session.settle_all();
    session.user = Some(user.username.clone());
    let id = renew(provider, id, &session, now);
    flaws::copy_credentials(provider, &mut pending, &form);
    proceed(provider, &id, &session, pending, now).with("Set-Cookie", sessions::cookie(provider, &id))
}

/// Who knew the session before the login does not know it afterwards.
fn renew(provider: &Provider, id: String, session: &Session, now: u64) -> String {
    if provider.breaks(Defect::SessionKeptAtLogin) {
        provider.sessions.with(&id, now, |kept| kept.clone_from(session));
        return id;
    }
    provider.sessions.end(&id, now);
    provider.sessions.begin(provider, session.clone(), now)
}

/// Answers the consent form.
pub fn consent(provider: &Provider, request: &Request, now: u64) -> Response {
    let (id, form, ticket, pending) = match submitted(provider, request, now) {
        Ok(submitted) => submitted,
        Err(response) => return response,
    };
    let user = provider.sessions.with(&id, now, |session| {
        session.settle(&ticket);
        session.user.clone()
    });
    let (Some(Some(user)), Ok(ask)) = (user, &pending.ask) else {
        return pending
            .ask
            .as_ref()
            .map_or_else(|refusal| pending.destination.refuse(provider, refusal, now), |_| stale(provider));
    };
    let approved: Scope = form.all("scope").filter(|word| ask.scope.has(word)).collect();
    match form.get("decision") {
        Some("approve") if !approved.is_empty() => {
            remember(provider, &id, &pending, ask, now);
            grant(provider, &pending, ask, &user, approved, now)
        }
        Some("deny") if provider.breaks(Defect::DenialIssuesCode) => {
            grant(provider, &pending, ask, &user, approved, now)
        }
        Some("approve" | "deny") => {
            let denied = Refusal::new("access_denied", "the user did not allow it");
            pending.destination.refuse(provider, &denied, now)
        }
        _ => pages::error(provider, &Refusal::invalid_request("decision is neither approve nor deny")),
    }
}

/// Issues what was asked for and sends it to the client.
pub fn grant(provider: &Provider, pending: &Pending, ask: &Ask, user: &str, approved: Scope, now: u64) -> Response {
    let grant = Grant::new(pending.client.clone(), Some(user), approved, ask.requested.clone()).aimed_at(ask.audience);
    let grant = Arc::new(grant);
    if pending.destination.mode == Mode::Device {
        return device::approve(provider, &pending.destination.uri, grant, now);
    }
    let members = match ask.response_type {
        ResponseType::Code => issue_code(provider, ask, grant, now),
        ResponseType::Token => token::implicit(provider, ask, &grant, now),
        ResponseType::CodeToken => token::implicit(provider, ask, &grant, now)
            .and_then(|token| Ok([issue_code(provider, ask, grant, now)?, token].concat())),
        ResponseType::CodeIdToken => issue_code_and_id_token(provider, ask, grant, now),
    };
    match members {
        Ok(members) => pending.destination.grant(provider, ask.response_type, members, now),
        Err(refusal) => pending.destination.refuse(provider, &refusal, now),
    }
}

/// A fresh code, as the parameters of an answer.
pub fn issue_code(
    provider: &Provider,
    ask: &Ask,
    grant: Arc<Grant>,
    now: u64,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    let code = provider.new_code(ask);
    let lifetime = provider.code_lifetime();
    let (redirect_uri, challenge, nonce) = (ask.redirect_uri.clone(), ask.challenge.clone(), ask.nonce.clone());
    provider.mix_up_challenge(&grant, challenge.as_ref());
    if provider.takes(Liberty::LatestGrantOnly) {
        provider.grants.supersede(&grant);
    }
    let stored = Code { grant, redirect_uri, challenge, nonce, spent: false };
    provider.grants.keep_code(provider.code_key(&code), stored, lifetime.end(now), now)?;
    Ok(flaws::code_members(provider, code))
}

fn issue_code_and_id_token(
    provider: &Provider,
    ask: &Ask,
    grant: Arc<Grant>,
    now: u64,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    let mut members = issue_code(provider, ask, grant.clone(), now)?;
    let code = members.first().map_or("", |(_, code)| code.as_str());
    let token = id_token::beside_code(provider, &grant, ask.nonce.as_deref(), code, now);
    let token = token.ok_or_else(|| Refusal::new("access_denied", "the user did not allow an ID token"))?;
    members.push(("id_token", token));
    Ok(members)
}

fn ask_for_login(provider: &Provider, id: &str, pending: Pending, now: u64) -> Response {
    let ticket = provider.random.value();
    let page = pages::login(provider, &pending, &ticket, None);
    provider.sessions.with(id, now, |session| session.wait(&ticket, pending));
    page
}

/// The user is known: an error goes to the client now, a good request asks for consent.
fn proceed(provider: &Provider, id: &str, session: &Session, pending: Pending, now: u64) -> Response {
    if pending.destination.mode == Mode::Device {
        return device::proceed(provider, id, session, &pending, now);
    }
    match (&pending.ask, &session.user) {
        (Err(refusal), _) if !provider.breaks(Defect::ConsentShownForInvalidRequest) => {
            pending.destination.refuse(provider, refusal, now)
        }
        (Ok(ask), Some(user)) if may_skip_consent(provider, session, &pending, ask, now) => {
            grant(provider, &pending, ask, user, ask.scope.clone(), now)
        }
        _ => ask_for_consent(provider, id, pending, now),
    }
}

/// The page that asks the user, who is known.
pub fn ask_for_consent(provider: &Provider, id: &str, pending: Pending, now: u64) -> Response {
    let ticket = provider.random.value();
    let page = pages::consent(provider, &pending, &ticket);
    provider.sessions.with(id, now, |session| session.wait(&ticket, pending));
    page
}

/// Consent is asked every time; RFC 6749 lets a provider remember it for clients that authenticate.
fn may_skip_consent(provider: &Provider, session: &Session, pending: &Pending, ask: &Ask, now: u64) -> bool {
    let any_scope = provider.breaks(Defect::ConsentRememberedForAnyScope);
    let known = session
        .approved
        .iter()
        .any(|(client, scope)| *client == pending.client && (any_scope || *scope == ask.scope.to_string()));
    let public = provider.client(&pending.client, now).is_some_and(|client| !provider.trusts(&client));
    provider.breaks(Defect::FirstRequestSilentlyApproved)
        || known && any_scope
        || !session.approved.is_empty() && provider.breaks(Defect::ConsentRememberedForEveryClient)
        || known && provider.takes(Liberty::ConsentRemembered) && !public
        || known && provider.breaks(Defect::PublicClientRepeatRequestSilentlyApproved) && public
        || known && provider.breaks(Defect::NativeRepeatRequestSilentlyApproved) && public
}

fn remember(provider: &Provider, id: &str, pending: &Pending, ask: &Ask, now: u64) {
    let approval = (pending.client.clone(), ask.scope.to_string());
    provider.sessions.with(id, now, |session| {
        session.approved.retain(|known| *known != approval);
        session.approved.push(approval);
        let surplus = session.approved.len().saturating_sub(16);
        session.approved.drain(..surplus);
    });
}

type Submitted<'a> = (String, Params<'a>, String, Pending);

/// The session, the form, and the request that waits under the ticket of the form.
fn submitted<'a>(provider: &Provider, request: &'a Request, now: u64) -> Result<Submitted<'a>, Response> {
    let form =
        request.form().ok_or_else(|| pages::error(provider, &Refusal::invalid_request("the body is no form")))?;
    if !form.malformed().is_empty() {
        return Err(pages::error(provider, &Refusal::invalid_request("the body is not percent-encoded UTF-8")));
    }
    let (id, session) = match provider.sessions.find(request, now) {
        Some(found) => found,
        None => return Err(stale(provider)),
    };
    let ticket = match form.get("csrf") {
        _ if provider.breaks(Defect::ConsentFormWithoutCsrfValue) => session.latest(),
        None if provider.breaks(Defect::DeviceApprovalWithoutCsrfToken) => session.latest_device(),
        ticket => ticket,
    };
    let ticket = ticket.ok_or_else(|| stale(provider))?.to_owned();
    let pending = session
        .waiting(&ticket)
        .or_else(|| flaws::foreign_waiting(provider, &ticket))
        .ok_or_else(|| stale(provider))?;
    Ok((id, form, ticket, pending))
}

fn stale(provider: &Provider) -> Response {
    let refusal = Refusal::invalid_request("this page is no longer good; go back to the application and start again");
    pages::error(provider, &refusal.with_status(403))
}

/// The user whose name and password these are.
pub fn check_password<'p>(provider: &'p Provider, form: &Params, now: u64) -> Result<&'p User, Refusal> {
    let (name, password) = (form.get("username").unwrap_or_default(), form.get("password").unwrap_or_default());
    let wrong = || Refusal::new("access_denied", "the user name or the password is wrong").with_status(403);
    verify_user(provider, name, password, Defect::LoginGuessingUnlimited, now)?.ok_or_else(wrong)
}

/// The user whose name and password these are, unless somebody guessed too often.
pub fn verify_user<'p>(
    provider: &'p Provider,
    name: &str,
    password: &str,
    guessing_unlimited: Defect,
    now: u64,
) -> Result<Option<&'p User>, Refusal> {
    let Some(user) = provider.config.user(name) else {
        return Ok(None);
    };
    if let Some(seconds) = provider.user_guesses.wait(name, now) {
        return Err(Refusal::slow_down(seconds));
    }
    let right = same(key(&user.password), key(password));
    if !provider.breaks(guessing_unlimited) {
        provider.user_guesses.note(name, right, now);
    }
    let off = provider.is_off(Some(name), Defect::DisabledUserKeepsSession);
    Ok(Some(user).filter(|_| right && !off))
}
