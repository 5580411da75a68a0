//! What can happen in a history, as data. Nothing is predicted here and nothing is done.

use super::scope::Words;

/// The number of an event; what it makes is called by it.
pub type Id = usize;

/// One event of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, which stays when others leave the history.
    pub id: Id,
    /// What happens.
    pub action: Action,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A user answers an authorization request.
    Authorize(Authorize),
    /// A client presents a code at the token endpoint.
    Redeem(Redeem),
    /// A client presents a refresh token at the token endpoint.
    Refresh(Refresh),
    /// A client gets a token of its own.
    Own(Own),
    /// A client presents a user's password.
    Password(Password),
    /// A client withdraws a token.
    Revoke(Revoke),
    /// A client asks about a token.
    Introspect(Introspect),
    /// Somebody calls the protected resource.
    Call(Call),
    /// Time passes.
    Tick(Tick),
    /// A user is switched off.
    SwitchOff(&'static str),
}

/// An authorization request and the user's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorize {
    /// The client's role.
    pub client: &'static str,
    /// The user's role.
    pub user: &'static str,
    /// The redirect URI; `None` when the request names none.
    pub uri: Option<Uri>,
    /// What is asked for.
    pub scope: Words,
    /// What the user leaves ticked, when that is less.
    pub approved: Option<Words>,
    /// The challenge.
    pub pkce: Pkce,
    /// The user says no.
    pub denied: bool,
}

/// A redirect URI of the target file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uri {
    /// Whose.
    pub of: &'static str,
    /// Which.
    pub index: usize,
    /// With something behind it, so that nobody registered it.
    pub longer: bool,
}

/// The challenge of an authorization request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "names of RFC 7636")]
pub enum Pkce {
    S256,
    Plain,
    None,
}

/// A client as it shows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its role.
    pub role: &'static str,
    /// Its secret.
    pub secret: Secret,
}

/// What a client sends as its secret. Public clients have none and always send what is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they say it")]
pub enum Secret {
    Right,
    Wrong,
    Missing,
}

/// A code or token that is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thing {
    /// What it really is.
    pub kind: Kind,
    /// The event that gave it.
    pub of: Id,
    /// Whether it is presented as it was given.
    pub form: Form,
}

/// What events give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "they say it")]
pub enum Kind {
    Code,
    Access,
    Refresh,
}

/// How a value is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it was given.
    Whole,
    /// One letter near its end is another.
    Forged,
    /// Its letters are in the other case.
    OtherCase,
}

/// A code for tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeem {
    /// The code.
    pub code: Thing,
    /// The client.
    pub by: Caller,
    /// The redirect URI that is sent along.
    pub uri: Option<Uri>,
    /// The verifier that is sent along.
    pub verifier: Verifier,
}

/// The verifier of a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verifier {
    /// That of the authorization request with this number.
    Of(Id),
    /// None.
    Missing,
    /// An empty one.
    Empty,
    /// Another one.
    Wrong,
    /// The challenge itself.
    Challenge,
}

/// A refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// The refresh token.
    pub token: Thing,
    /// The client.
    pub by: Caller,
    /// What is asked for; `None` asks for what was granted.
    pub scope: Option<Words>,
}

/// The client credentials grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// The client.
    pub by: Caller,
    /// What is asked for.
    pub scope: Words,
}

/// The password grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Password {
    /// The client.
    pub by: Caller,
    /// The user's role.
    pub user: &'static str,
    /// What is asked for.
    pub scope: Words,
}

/// A revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoke {
    /// The token.
    pub token: Thing,
    /// The client.
    pub by: Caller,
    /// `token_type_hint`, as if it were of that kind.
    pub hint: Option<Kind>,
}

/// An introspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introspect {
    /// The token.
    pub token: Thing,
    /// The caller.
    pub by: Caller,
    /// `token_type_hint`, as if it were of that kind.
    pub hint: Option<Kind>,
}

/// A call of the protected resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The token.
    pub token: Thing,
    /// The operation that needs the scope for writing.
    pub write: bool,
}

/// How far the clock goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they say it")]
pub enum Tick {
    Seconds,
    PastCode,
    PastAccess,
    PastRefresh,
}

impl Action {
    /// The code or token that is presented.
    pub fn thing(&self) -> Option<&Thing> {
        match self {
            Action::Redeem(redeem) => Some(&redeem.code),
            Action::Refresh(refresh) => Some(&refresh.token),
            Action::Revoke(revoke) => Some(&revoke.token),
            Action::Introspect(introspect) => Some(&introspect.token),
            Action::Call(call) => Some(&call.token),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn thing_mut(&mut self) -> Option<&mut Thing> {
        match self {
            Action::Redeem(redeem) => Some(&mut redeem.code),
            Action::Refresh(refresh) => Some(&mut refresh.token),
            Action::Revoke(revoke) => Some(&mut revoke.token),
            Action::Introspect(introspect) => Some(&mut introspect.token),
            Action::Call(call) => Some(&mut call.token),
            _ => None,
        }
    }
}
