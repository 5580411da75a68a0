//! Which event comes next, and its details: mostly right ones, with one wrong thing now and then.

use super::super::action::*;
use super::super::dice::Dice;
use super::super::scope::Words;
use super::super::state::State;
use super::super::world::World;

/// What can happen next.
pub struct Chooser<'a> {
    pub world: &'a World,
    pub state: &'a State,
    pub dice: &'a mut Dice,
}

/// Which kind of event, before its details.
#[derive(Clone, Copy)]
enum Next {
    Authorize,
    Redeem,
    Refresh,
    Own,
    Password,
    Revoke,
    Introspect,
    Call,
    Tick,
    SwitchOff,
}

impl Chooser<'_> {
    /// Something that can happen.
    pub fn action(&mut self) -> Action {
        match self.next() {
            Next::Authorize => Action::Authorize(self.authorize()),
            Next::Redeem => Action::Redeem(self.redeem()),
            Next::Refresh => Action::Refresh(self.refresh()),
            Next::Own => {
                let by = self.machine(|client| client.own);
                Action::Own(Own { by, scope: self.scope() })
            }
            Next::Password => {
                let by = self.machine(|client| client.password);
                let user = self.user();
                Action::Password(Password { by, user, scope: self.scope() })
            }
            Next::Revoke => {
                let token = self.token(&[Kind::Access, Kind::Refresh]);
                let by = self.caller(self.state.owner(&token));
                Action::Revoke(Revoke { token, by, hint: self.hint(token.kind) })
            }
            Next::Introspect => Action::Introspect(self.introspect()),
            Next::Call => Action::Call(self.call()),
            Next::Tick => Action::Tick(self.tick()),
            Next::SwitchOff => {
                let users: Vec<&'static str> = self.state.codes.values().map(|code| code.asked.user).collect();
                Action::SwitchOff(self.dice.one(&users))
            }
        }
    }

    fn next(&mut self) -> Next {
        let (world, state) = (self.world, self.state);
        let tokens = !state.access.is_empty();
        let fresh = state.codes.values().filter(|code| !code.redeemed).count();
        let weighed = [
            (Next::Authorize, if fresh < 2 { 5 } else { 1 }),
            (Next::Redeem, if fresh > 0 { 9 } else { 3 * usize::from(!state.codes.is_empty()) }),
            (Next::Refresh, 7 * usize::from(world.offers("refresh_token") && !state.refresh.is_empty())),
            (Next::Own, 2 * usize::from(world.offers("client_credentials") && world.clients.iter().any(|one| one.own))),
            (Next::Password, usize::from(world.offers("password") && world.clients.iter().any(|one| one.password))),
            (Next::Revoke, 2 * usize::from(world.offers("revocation") && tokens)),
            (Next::Introspect, 3 * usize::from(world.offers("introspection_caller") && tokens)),
            (Next::Call, 4 * usize::from(world.offers("resource_endpoint") && tokens)),
            (Next::Tick, 2 * usize::from(world.lifetimes.is_some() && (fresh > 0 || tokens))),
            (
                Next::SwitchOff,
                usize::from(world.offers("hook_disable_user") && !state.codes.is_empty() && state.off.is_empty()),
            ),
        ];
        self.dice.weighed(&weighed)
    }

    fn tick(&mut self) -> Tick {
        let fresh = self.state.codes.values().any(|code| !code.redeemed);
        let ticks = [Tick::Seconds, Tick::PastAccess, Tick::PastAccess, Tick::PastRefresh];
        if fresh && self.dice.below(2) == 0 { Tick::PastCode } else { self.dice.one(&ticks) }
    }

    fn scope(&mut self) -> Words {
        match (self.world.beyond, self.dice.below(16)) {
            (Some(beyond), 0) => beyond,
            _ => self.dice.one(&self.world.scopes),
        }
    }

    fn authorize(&mut self) -> Authorize {
        let last = self.state.codes.values().last().map(|code| (code.asked.client, code.asked.user));
        let last = last.filter(|_| self.dice.below(2) == 0);
        let party = last.and_then(|(role, _)| self.world.client(role));
        let party = party.unwrap_or_else(|| self.dice.one_of(&self.world.clients));
        let own = Uri { of: party.role, index: self.dice.below(party.uris), longer: false };
        let mut asked = Authorize {
            client: party.role,
            user: last.map_or_else(|| self.user(), |(_, user)| user),
            uri: Some(own),
            scope: self.scope(),
            approved: None,
            pkce: self.pkce(party.public),
            denied: false,
        };
        match self.dice.below(24) {
            0 => asked.uri = Some(Uri { longer: true, ..own }),
            1 => asked.uri = Some(self.uri_of_anybody()),
            2 | 3 => asked.uri = None,
            4 | 5 => asked.denied = self.world.offers("scripted_denial"),
            6..10 => asked.approved = self.approved(&asked),
            _ => {}
        }
        asked
    }

    /// A user who was asked before may not be asked again, so less is granted the first time only.
    fn approved(&self, asked: &Authorize) -> Option<Words> {
        let first =
            !self.state.codes.values().any(|code| (code.asked.client, code.asked.user) == (asked.client, asked.user));
        let offered = self.world.offers("partial_consent") && self.world.offers("fresh_consent");
        let whole = asked.scope == Words::BOTH;
        (first && offered && whole).then_some(Words::READ)
    }

    fn pkce(&mut self, public: bool) -> Pkce {
        let plain = self.world.offers("pkce_plain");
        let none = !public && self.world.offers("pkce_optional");
        match self.dice.below(8) {
            _ if !self.world.offers("pkce") => Pkce::None,
            0 if plain => Pkce::Plain,
            1 | 2 if none => Pkce::None,
            _ => Pkce::S256,
        }
    }

    fn redeem(&mut self) -> Redeem {
        let code = self.token(&[Kind::Code]);
        let Some(known) = self.state.codes.get(&code.of).filter(|_| code.kind == Kind::Code) else {
            let by = self.caller(None);
            return Redeem { code, by, uri: None, verifier: Verifier::Missing };
        };
        let right = if known.asked.pkce == Pkce::None { Verifier::Missing } else { Verifier::Of(code.of) };
        let by = Caller { role: known.asked.client, secret: Secret::Right };
        let mut redeem = Redeem { code, by, uri: known.asked.uri, verifier: right };
        match self.dice.below(14) {
            0 | 1 => redeem.by = self.caller(None),
            2 => redeem.by = self.unproven(known.asked.client),
            3 => redeem.uri = None,
            4 => redeem.uri = Some(self.uri_of_anybody()),
            5 | 6 => redeem.verifier = self.verifier(),
            _ => {}
        }
        redeem
    }

    fn verifier(&mut self) -> Verifier {
        let other = self.state.codes.iter().filter(|(_, code)| code.asked.pkce != Pkce::None).map(|(id, _)| *id);
        let other: Vec<Id> = other.collect();
        let foreign = if other.is_empty() { Verifier::Wrong } else { Verifier::Of(self.dice.one(&other)) };
        self.dice.one(&[Verifier::Missing, Verifier::Empty, Verifier::Wrong, Verifier::Challenge, foreign])
    }

    fn refresh(&mut self) -> Refresh {
        let mut token = self.token(&[Kind::Refresh]);
        if token.kind == Kind::Refresh && self.dice.below(4) == 0 {
            token.of = self.oldest(token.of);
        }
        let by = self.caller(self.state.owner(&token));
        let scoped = self.world.scopes.len() > 1 && self.dice.below(3) == 0;
        Refresh { token, by, scope: scoped.then(|| self.scope()) }
    }

    /// The first refresh token of the same grant.
    fn oldest(&self, id: Id) -> Id {
        let grant = self.state.refresh.get(&id).map(|token| token.grant);
        let family = self.state.refresh.iter().filter(|(_, token)| Some(token.grant) == grant);
        family.map(|(id, _)| *id).min().unwrap_or(id)
    }

    fn introspect(&mut self) -> Introspect {
        let token = self.token(&[Kind::Access, Kind::Refresh]);
        let secret = if self.dice.below(12) == 0 { Secret::Wrong } else { Secret::Right };
        Introspect { token, by: Caller { role: "confidential", secret }, hint: self.hint(token.kind) }
    }

    fn call(&mut self) -> Call {
        let token = self.token(&[Kind::Access]);
        Call { token, write: self.world.scopes.len() > 1 && self.dice.below(3) == 0 }
    }
}
