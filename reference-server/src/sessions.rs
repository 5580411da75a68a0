//! Browser sessions: who is logged in, and which authorization requests wait for the user.
//!
//! A session is found by its cookie alone, a waiting request by its ticket inside that session; the ticket is
//! the hidden value that protects the forms against forgery. At most 100,000 sessions with 16 waiting requests
//! each; beyond that the oldest leaves, since anybody can open a login page.

use std::sync::{Arc, Mutex, PoisonError};

use crate::authorize::Pending;
use crate::destination::Mode;
use crate::shelf::{Shelf, key};
use crate::{Defect, Provider, Request};

const SESSIONS: usize = 100_000;
const WAITING: usize = 16;
/// The name of the cookie.
pub const COOKIE: &str = "session";

/// The sessions.
#[derive(Debug)]
pub struct Sessions(Mutex<Shelf<Session>>);

/// One browser.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// The user, once logged in.
    pub user: Option<String>,
    /// What this session approved before: client identifier and scope.
    pub approved: Vec<(Arc<str>, String)>,
    waiting: Vec<(String, Pending)>,
}

impl Session {
    /// Lets a request wait under this ticket.
    pub fn wait(&mut self, ticket: &str, pending: Pending) {
        if self.waiting.len() >= WAITING {
            self.waiting.remove(0);
        }
        self.waiting.push((ticket.to_owned(), pending));
    }

    /// The request that waits under this ticket.
    pub fn waiting(&self, ticket: &str) -> Option<Pending> {
        self.waiting.iter().find(|(found, _)| found == ticket).map(|(_, pending)| pending.clone())
    }

    /// The ticket of the request that came last.
    pub fn latest(&self) -> Option<&str> {
        self.waiting.last().map(|(ticket, _)| ticket.as_str())
    }

    /// The ticket of the device that came last.
    pub fn latest_device(&self) -> Option<&str> {
        let device = |(_, pending): &&(String, Pending)| pending.destination.mode == Mode::Device;
        self.waiting.iter().rfind(device).map(|(ticket, _)| ticket.as_str())
    }

    /// Ends every wait: pages from before a login asked somebody else.
    pub fn settle_all(&mut self) {
        self.waiting.clear();
    }

    /// Ends the wait under this ticket.
    pub fn settle(&mut self, ticket: &str) {
        self.waiting.retain(|(found, _)| found != ticket);
    }
}

impl Sessions {
    /// No session yet.
    pub fn new() -> Self {
        Self(Mutex::new(Shelf::new(SESSIONS)))
    }

    /// The identifier and content of the session that the cookie names.
    pub fn find(&self, request: &Request, now: u64) -> Option<(String, Session)> {
        let id = request.cookie(COOKIE)?;
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.get(&key(id), now).map(|session| (id.to_owned(), session.clone()))
    }

    /// Changes a session as one operation; `None` when it ended in the meantime.
    pub fn with<T>(&self, id: &str, now: u64, act: impl FnOnce(&mut Session) -> T) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&key(id), now).map(act)
    }

    /// Begins a session under a new identifier, which the caller sets as the cookie.
    pub fn begin(&self, provider: &Provider, session: Session, now: u64) -> String {
        let id = provider.random.value();
        let ends = provider.config.lifetimes.session.end(now);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(key(&id), session, ends, now);
        id
    }

    /// The request that waits under this ticket in whatever session.
    pub fn waiting_anywhere(&self, ticket: &str) -> Option<Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().find_map(|session| session.waiting(ticket))
    }

    /// Ends a session.
    pub fn end(&self, id: &str, now: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take(&key(id), now);
    }
}

/// The `Set-Cookie` header of a session.
pub fn cookie(provider: &Provider, id: &str) -> String {
    let secure = if provider.config.issuer.starts_with("https:") { "; Secure" } else { "" };
    let forgeable = [Defect::ConsentFormWithoutCsrfValue, Defect::DeviceApprovalWithoutCsrfToken];
    let kept = if provider.breaks_any(&forgeable) { "" } else { "; SameSite=Lax" };
    format!("{COOKIE}={id}; Path=/; HttpOnly{kept}{secure}")
}
