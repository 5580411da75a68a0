//! Random histories: mostly what good clients do, with one wrong thing now and then, so that a refusal has one reason.
//!
//! This is a generator of our own and not `proptest-state-machine`: histories are played over networks as well, with
//! pauses and bounds that a synchronous runner does not know, and each step of its shrinking would be another login there.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::action::*;
use super::dice::Dice;
use super::forecast::{Forecast, Prediction};
use super::play::Player;
use super::predict::Predictor;
use super::rule::Rule;
use super::scope::Words;
use super::state::State;
use super::world::World;

/// The longest history, in events.
const LONGEST: usize = 10;

/// The history of this number; the same seed and number give the same one.
pub fn history(player: &Player<'_>, seed: u64, number: u64) -> Vec<Event> {
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(mixed(seed, number)));
    let length = 3 + dice.below(LONGEST - 2);
    let mut state = State::default();
    let (mut history, mut tried) = (Vec::new(), Vec::new());
    // Every other history is good for a while, so that there is much to go wrong with.
    let good = if dice.below(2) == 0 { 0 } else { length * 2 / 3 };
    for id in 0..length {
        let mut next = || candidate(player.world, &state, &mut dice, id);
        let candidates = [next(), next(), next()];
        let Some((event, prediction)) = candidates.iter().rev().max_by_key(|one| worth(one, &tried, id < good)) else {
            break;
        };
        tried.extend(prediction.tries());
        state.take(player.world, event, prediction);
        history.push(event.clone());
    }
    history
}

/// Something that can happen. Of some such the history takes one that tries a rule it has not tried yet.
fn candidate(world: &World, state: &State, dice: &mut Dice, id: Id) -> (Event, Prediction) {
    let event = Event { id, action: Chooser { world, state, dice }.action() };
    let prediction = Predictor { world, state }.predict(&event);
    (event, prediction)
}

/// What prepares others, and what tries another rule, goes before what says nothing.
fn worth((event, prediction): &(Event, Prediction), tried: &[Rule], good: bool) -> usize {
    match (&event.action, prediction.tries()) {
        _ if good => usize::from(matches!(prediction.forecast, Forecast::Must(_))),
        (Action::Tick(_) | Action::SwitchOff(_), _) => 1 + tried.len() % 2,
        (Action::Revoke(_), None) => 1,
        (_, None) => 0,
        (_, Some(rule)) => 2 - usize::from(tried.contains(&rule)),
    }
}

/// Another seed for each number.
pub fn mixed(seed: u64, number: u64) -> u64 {
    seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03).rotate_left(31)
}

/// What can happen next.
struct Chooser<'a> {
    world: &'a World,
    state: &'a State,
    dice: &'a mut Dice,
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
    fn action(&mut self) -> Action {
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

    /// Something that was issued: mostly of these kinds, whole, and among the newest.
    fn token(&mut self, kinds: &[Kind]) -> Thing {
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
    fn caller(&mut self, owner: Option<&'static str>) -> Caller {
        let anybody = self.dice.one_of(&self.world.clients).role;
        match (owner, self.dice.below(10)) {
            (Some(role), 0) => self.unproven(role),
            (Some(role), 3..) => Caller { role, secret: Secret::Right },
            _ => Caller { role: anybody, secret: Secret::Right },
        }
    }

    /// A client without its secret; a public one has none to lack.
    fn unproven(&mut self, role: &'static str) -> Caller {
        let secret = self.dice.one(&[Secret::Wrong, Secret::Missing]);
        Caller { role, secret: if self.world.is_public(role) { Secret::Right } else { secret } }
    }

    /// A client for a grant without a browser.
    fn machine(&mut self, may: impl Fn(&super::world::Party) -> bool) -> Caller {
        let roles: Vec<&'static str> = self.world.clients.iter().filter(|one| may(one)).map(|one| one.role).collect();
        let secret = if self.dice.below(8) == 0 { Secret::Wrong } else { Secret::Right };
        Caller { role: self.dice.one(&roles), secret }
    }

    fn uri_of_anybody(&mut self) -> Uri {
        let party = self.dice.one_of(&self.world.clients);
        Uri { of: party.role, index: self.dice.below(party.uris), longer: false }
    }

    fn user(&mut self) -> &'static str {
        self.dice.one(&self.world.users)
    }

    fn hint(&mut self, kind: Kind) -> Option<Kind> {
        let wrong = if kind == Kind::Refresh { Kind::Access } else { Kind::Refresh };
        match self.dice.below(8) {
            0 => Some(kind),
            1 => Some(wrong),
            _ => None,
        }
    }
}
