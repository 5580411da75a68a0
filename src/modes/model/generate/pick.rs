//! Who and what an event is about: a token, a client, a user, mostly the right one.

use super::super::action::*;
use super::super::state::State;
use super::super::world::Party;
use super::choice::Chooser;

impl Chooser<'_> {
    /// Something that was issued: mostly of these kinds, whole, and among the newest.
    pub fn token(&mut self, kinds: &[Kind]) -> Thing {
        let odd = self.dice.below(14);
        let wanted = |kind: &Kind| kinds.contains(kind) || odd == 0;
        let mut issued = self.issued();
        let sure: Vec<Thing> = issued.iter().filter(|thing| !self.state.is_doubtful(thing)).copied().collect();
        if !sure.is_empty() && self.dice.below(8) > 0 {
            issued = sure;
        }
        let fitting: Vec<Thing> = issued.iter().filter(|thing| wanted(&thing.kind)).copied().collect();
        let from = if fitting.is_empty() { issued } else { fitting };
        let thing = self.dice.latest(&from);
        let form = match odd {
            1 => Form::Forged,
            2 if thing.kind == Kind::Access => Form::OtherCase,
            _ => Form::Whole,
        };
        Thing { form, ..thing }
    }

    /// Everything that was issued, the oldest first.
    fn issued(&self) -> Vec<Thing> {
        let whole = |kind, of: &Id| Thing { kind, of: *of, form: Form::Whole };
        let State { codes, access, refresh, .. } = self.state;
        let mut issued: Vec<Thing> = codes.keys().map(|id| whole(Kind::Code, id)).collect();
        issued.extend(access.keys().map(|id| whole(Kind::Access, id)));
        issued.extend(refresh.keys().map(|id| whole(Kind::Refresh, id)));
        issued.sort_by_key(|thing| thing.of);
        issued
    }

    /// Mostly the owner with its own secret.
    pub fn caller(&mut self, owner: Option<&'static str>) -> Caller {
        let anybody = self.dice.one_of(&self.world.clients).role;
        match (owner, self.dice.below(10)) {
            (Some(role), 0) => self.unproven(role),
            (Some(role), 3..) => Caller { role, secret: Secret::Right },
            _ => Caller { role: anybody, secret: Secret::Right },
        }
    }

    /// A client without its secret; a public one has none to lack.
    pub fn unproven(&mut self, role: &'static str) -> Caller {
        let secret = self.dice.one(&[Secret::Wrong, Secret::Missing]);
        Caller { role, secret: if self.world.is_public(role) { Secret::Right } else { secret } }
    }

    /// A client for a grant without a browser.
    pub fn machine(&mut self, may: impl Fn(&Party) -> bool) -> Caller {
        let roles: Vec<&'static str> = self.world.clients.iter().filter(|one| may(one)).map(|one| one.role).collect();
        let secret = if self.dice.below(8) == 0 { Secret::Wrong } else { Secret::Right };
        Caller { role: self.dice.one(&roles), secret }
    }

    pub fn uri_of_anybody(&mut self) -> Uri {
        let party = self.dice.one_of(&self.world.clients);
        Uri { of: party.role, index: self.dice.below(party.uris), longer: false }
    }

    pub fn user(&mut self) -> &'static str {
        self.dice.one(&self.world.users)
    }

    pub fn hint(&mut self, kind: Kind) -> Option<Kind> {
        let wrong = if kind == Kind::Refresh { Kind::Access } else { Kind::Refresh };
        match self.dice.below(8) {
            0 => Some(kind),
            1 => Some(wrong),
            _ => None,
        }
    }
}
