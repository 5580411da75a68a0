//! The authorization server as the model knows it: what was issued, for whom, and what still speaks for or against it.
//! It is what a history leads to; `predict` asks it and `effect` changes it.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Authorize, Form, Id, Kind, Thing};
use super::forecast::Forecast;
use super::scope::Words;

/// Everything that was issued.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Seconds since the history began.
    pub now: u64,
    /// Codes by the event that gave them.
    pub codes: BTreeMap<Id, Code>,
    /// Access tokens.
    pub access: BTreeMap<Id, Token>,
    /// Refresh tokens.
    pub refresh: BTreeMap<Id, Token>,
    /// Users who were switched off.
    pub off: BTreeSet<&'static str>,
}

/// A code.
#[derive(Clone, Debug)]
pub struct Code {
    /// The request that it answers.
    pub asked: Authorize,
    /// When it was issued.
    pub born: u64,
    /// What a good exchange gets.
    pub standing: Forecast,
    /// Whether it was redeemed for sure.
    pub redeemed: bool,
}

/// A token.
#[derive(Clone, Debug)]
pub struct Token {
    /// The event that the user or the client allowed it by.
    pub grant: Id,
    /// Whose it is.
    pub client: &'static str,
    /// For whom; `None` when the client acts for itself.
    pub user: Option<&'static str>,
    /// What it may do.
    pub scope: Words,
    /// When it was issued.
    pub born: u64,
    /// What a good use gets.
    pub standing: Forecast,
    /// The refresh that replaced it.
    pub replaced: Option<Id>,
}

impl State {
    /// Whether there is such a thing.
    pub fn has(&self, thing: &Thing) -> bool {
        match thing.kind {
            Kind::Code => self.codes.contains_key(&thing.of),
            Kind::Access => self.access.contains_key(&thing.of),
            Kind::Refresh => self.refresh.contains_key(&thing.of),
        }
    }

    /// Whether nothing is known about its standing: it may not even exist.
    pub fn is_doubtful(&self, thing: &Thing) -> bool {
        let standing = match thing.kind {
            Kind::Code => {
                self.codes.get(&thing.of).filter(|code| code.asked.scope.is_allowed()).map(|code| code.standing)
            }
            Kind::Access => self.access.get(&thing.of).map(|token| token.standing),
            Kind::Refresh => self.refresh.get(&thing.of).map(|token| token.standing),
        };
        standing == Some(Forecast::May)
    }

    /// The token behind a thing that is presented as it was given.
    pub fn token(&self, thing: &Thing) -> Option<&Token> {
        let tokens = match thing.kind {
            Kind::Code => return None,
            Kind::Access => &self.access,
            Kind::Refresh => &self.refresh,
        };
        tokens.get(&thing.of).filter(|_| thing.form == Form::Whole)
    }

    /// The client that a thing was given to.
    pub fn owner(&self, thing: &Thing) -> Option<&'static str> {
        match thing.kind {
            Kind::Code => self.codes.get(&thing.of).map(|code| code.asked.client),
            Kind::Access => self.access.get(&thing.of).map(|token| token.client),
            Kind::Refresh => self.refresh.get(&thing.of).map(|token| token.client),
        }
    }

    /// Changes what is known about the access tokens of a grant.
    pub fn change_access(&mut self, grant: Id, change: impl Fn(Forecast) -> Forecast) {
        let family = self.access.values_mut().filter(|token| token.grant == grant);
        family.for_each(|token| token.standing = change(token.standing));
    }

    /// Changes what is known about the refresh tokens of a grant.
    pub fn change_refresh(&mut self, grant: Id, change: impl Fn(Forecast) -> Forecast) {
        let family = self.refresh.values_mut().filter(|token| token.grant == grant);
        family.for_each(|token| token.standing = change(token.standing));
    }

    /// The same for both kinds.
    pub fn change_tokens(&mut self, grant: Id, change: impl Fn(Forecast) -> Forecast) {
        self.change_access(grant, &change);
        self.change_refresh(grant, &change);
    }
}
