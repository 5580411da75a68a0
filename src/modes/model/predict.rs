//! What the model says about an event in a state: it must be accepted, must be refused, or the server is free. It asks for
//! nothing that the specifications leave to a server: no rotation, no refresh token, no `scope` in an answer.

use super::action::*;
use super::forecast::{Forecast, Prediction, Rotation};
use super::rule::Rule;
use super::scope::Words;
use super::state::{Code, State, Token};
use super::world::World;

/// Within so many seconds nothing that was just issued may have ended.
const FRESH: u64 = 10;

/// A look at the state from the world it stands in.
pub struct Predictor<'a> {
    pub world: &'a World,
    pub state: &'a State,
}

impl Predictor<'_> {
    /// What is expected of the answer.
    pub fn predict(&self, event: &Event) -> Prediction {
        match &event.action {
            Action::Authorize(authorize) => self.authorize(authorize),
            Action::Redeem(redeem) => self.redeem(redeem),
            Action::Refresh(refresh) => self.refresh(refresh),
            Action::Own(own) => self.own(own),
            Action::Password(password) => self.password(password),
            Action::Revoke(revoke) => self.revoke(revoke),
            Action::Introspect(introspect) => self.introspect(introspect),
            Action::Call(call) => self.call(call),
            Action::Tick(_) | Action::SwitchOff(_) => Prediction::of(Rule::UserSwitchedOff, Forecast::May),
        }
    }

    fn authorize(&self, asked: &Authorize) -> Prediction {
        let foreign = asked.uri.is_some_and(|uri| uri.of != asked.client || uri.longer);
        let ambiguous = asked.uri.is_none() && self.world.client(asked.client).is_none_or(|client| client.uris != 1);
        let forecast = match () {
            () if foreign => Forecast::MustNot(Rule::RedirectUriIsRegistered),
            () if self.state.off.contains(asked.user) => Forecast::MustNot(Rule::UserSwitchedOff),
            () if asked.denied => Forecast::MustNot(Rule::DenialGivesNothing),
            () if ambiguous || asked.uri.is_none() && self.world.openid || !asked.scope.is_allowed() => Forecast::May,
            () => Forecast::Must(Rule::GoodAuthorization),
        };
        Prediction::of(Rule::GoodAuthorization, forecast)
    }

    fn redeem(&self, redeem: &Redeem) -> Prediction {
        let Some(code) = self.state.codes.get(&redeem.code.of).filter(|_| redeem.code.kind == Kind::Code) else {
            return Prediction::of(Rule::KindsDiffer, Forecast::MustNot(Rule::KindsDiffer));
        };
        let faults = [
            redeem.code.fault(),
            self.fault_of(&redeem.by),
            differs(redeem.by.role, code.asked.client, Rule::CodeIsForItsClient),
            self.fault_of_uri(redeem, code),
            fault_of_verifier(redeem, code),
            self.fault_of_user(Some(code.asked.user)),
            self.past(code.born, |lifetimes| lifetimes.code).then_some(Rule::CodeEnds),
        ];
        let free = code.asked.uri.is_none() && redeem.uri.is_some()
            || self.world.oauth21 && code.asked.uri.is_some() && redeem.uri.is_none()
            || code.asked.pkce == Pkce::None && redeem.verifier == Verifier::Empty
            || self.state.now > code.born + FRESH;
        let standing = if free { code.standing.doubted() } else { code.standing };
        let granted = code.asked.granted();
        Prediction {
            bound: Some(granted),
            told: granted != code.asked.scope,
            ..Prediction::of(about(Rule::GoodCode, code.asked.scope), refused(faults).unwrap_or(standing))
        }
    }

    fn refresh(&self, refresh: &Refresh) -> Prediction {
        let Some(token) = self.state.refresh.get(&refresh.token.of).filter(|_| refresh.token.kind == Kind::Refresh)
        else {
            return Prediction::of(Rule::KindsDiffer, Forecast::MustNot(Rule::KindsDiffer));
        };
        let faults = [
            refresh.token.fault(),
            self.fault_of(&refresh.by),
            differs(refresh.by.role, token.client, Rule::RefreshTokenIsForItsClient),
            self.fault_of_user(token.user),
        ];
        let idle = self.past(token.born, |lifetimes| lifetimes.refresh);
        let wider = refresh.scope.is_some_and(|scope| !token.scope.covers(scope));
        let standing = match token.standing.named(Rule::GoodRefreshToken) {
            standing if standing.refuses() => standing,
            _ if idle => Forecast::ShouldNot(Rule::RefreshTokenEnds),
            _ if wider => Forecast::May,
            standing => standing,
        };
        let forecast = refused(faults).unwrap_or(standing);
        let rule = if wider { Rule::RefreshKeepsScope } else { Rule::GoodRefreshToken };
        let given = token.replaced.filter(|_| forecast.rule() == Some(Rule::ReplacedRefreshTokenIsDead));
        let rotation = |new| Rotation { old: refresh.token.of, new };
        Prediction {
            given: given.filter(|_| !self.world.is_public(token.client)).map(rotation),
            bound: Some(refresh.scope.map_or(token.scope, |scope| scope.common(token.scope))),
            ..Prediction::of(rule, forecast)
        }
    }

    fn own(&self, own: &Own) -> Prediction {
        let fault = self.fault_of(&own.by).map(Forecast::MustNot);
        let free = if own.scope.is_allowed() { Forecast::Must(Rule::GoodClientCredentials) } else { Forecast::May };
        let bound = Some(own.scope.allowed());
        Prediction { bound, ..Prediction::of(about(Rule::GoodClientCredentials, own.scope), fault.unwrap_or(free)) }
    }

    fn password(&self, password: &Password) -> Prediction {
        let faults = [self.fault_of(&password.by), self.fault_of_user(Some(password.user))];
        let free = if password.scope.is_allowed() { Forecast::Must(Rule::GoodPassword) } else { Forecast::May };
        let bound = Some(password.scope.allowed());
        Prediction {
            bound,
            ..Prediction::of(about(Rule::GoodPassword, password.scope), refused(faults).unwrap_or(free))
        }
    }

    /// Withdrawing what is unknown, has ended, or is another client's, is answered as the server likes. So is a client that
    /// sends its secret in the body: not every endpoint has to know that method.
    fn revoke(&self, revoke: &Revoke) -> Prediction {
        let own = self.state.owner(&revoke.token) == Some(revoke.by.role);
        let known = revoke.token.form == Form::Whole && revoke.token.kind != Kind::Code && own;
        let supported = revoke.token.kind == Kind::Refresh || self.world.offers("access_token_revocation");
        let admitted = self.world.client(revoke.by.role).is_some_and(|client| !client.posts);
        let free = match known && supported && admitted {
            true if self.world.is_public(revoke.by.role) => Forecast::Should(Rule::GoodRevocation),
            true => Forecast::Must(Rule::GoodRevocation),
            false => Forecast::May,
        };
        let fault = self.fault_of(&revoke.by).map(Forecast::MustNot);
        Prediction::of(Rule::GoodRevocation, fault.unwrap_or(free))
    }

    fn introspect(&self, introspect: &Introspect) -> Prediction {
        let thing = &introspect.token;
        let fault = refused([self.fault_of(&introspect.by), thing.fault()]);
        let Some(token) = self.state.token(thing) else {
            let forecast = fault.unwrap_or(Forecast::ShouldNot(Rule::KindsDiffer));
            return Prediction::of(Rule::KindsDiffer, forecast);
        };
        let own = token.client == introspect.by.role;
        let told = thing.kind == Kind::Access || self.world.offers("refresh_token_introspection");
        let alive = match self.alive(thing, token).named(Rule::GoodIntrospection) {
            Forecast::Must(_) if own && told && introspect.hint.is_some_and(|hint| hint != thing.kind) => {
                Forecast::Must(Rule::HintIsOnlyAHint)
            }
            standing if own && told => standing,
            standing => standing.doubted(),
        };
        // Whether a rotated token is dead depends on whether the server rotates; the refresh grant shows that better.
        let replaced = alive.rule() == Some(Rule::ReplacedRefreshTokenIsDead) && !self.world.is_public(token.client);
        let alive = if replaced { Forecast::May } else { alive };
        Prediction {
            user: Some(token.user),
            client: Some(token.client),
            bound: Some(token.scope),
            ..Prediction::of(Rule::GoodIntrospection, fault.unwrap_or(alive))
        }
    }

    fn call(&self, call: &Call) -> Prediction {
        let Some(token) = self.state.access.get(&call.token.of).filter(|_| call.token.kind == Kind::Access) else {
            return Prediction::of(Rule::KindsDiffer, Forecast::MustNot(Rule::KindsDiffer));
        };
        let narrow = (!token.scope.opens(call.write)).then_some(Rule::AccessTokenKeepsItsScope);
        let alive = self.alive(&call.token, token);
        let open = token.user.is_some() || self.world.offers("machine_resource");
        let standing = if open { alive } else { alive.doubted() };
        let forecast = refused([call.token.fault(), narrow]).map_or(standing, |fault| standing.stricter(fault));
        Prediction::of(Rule::GoodAccessToken, forecast)
    }

    /// What a token gets that is used rightly.
    fn alive(&self, thing: &Thing, token: &Token) -> Forecast {
        let access = thing.kind == Kind::Access;
        let ended = self.past(token.born, |lifetimes| if access { lifetimes.access } else { lifetimes.refresh });
        match token.standing {
            standing if standing.refuses() => standing,
            _ if ended && access => Forecast::MustNot(Rule::AccessTokenEnds),
            _ if ended => Forecast::ShouldNot(Rule::RefreshTokenEnds),
            _ if token.user.is_some_and(|user| self.state.off.contains(user)) && access => {
                Forecast::ShouldNot(Rule::UserSwitchedOff)
            }
            _ if token.user.is_some_and(|user| self.state.off.contains(user)) => Forecast::May,
            standing if self.state.now > token.born + FRESH => standing.doubted(),
            standing => standing,
        }
    }

    fn past(&self, born: u64, lifetime: impl Fn(&super::world::Lifetimes) -> u64) -> bool {
        self.world.lifetimes.as_ref().is_some_and(|lifetimes| self.state.now > born + lifetime(lifetimes))
    }

    fn fault_of(&self, caller: &Caller) -> Option<Rule> {
        let proven = caller.secret == Secret::Right || self.world.is_public(caller.role);
        (!proven).then_some(Rule::ClientAuthenticates)
    }

    fn fault_of_user(&self, user: Option<&'static str>) -> Option<Rule> {
        user.filter(|user| self.state.off.contains(user)).map(|_| Rule::UserSwitchedOff)
    }

    fn fault_of_uri(&self, redeem: &Redeem, code: &Code) -> Option<Rule> {
        let wrong = match (code.asked.uri, redeem.uri) {
            (None, _) => false,
            (Some(_), None) => !self.world.oauth21,
            (Some(asked), Some(sent)) => asked != sent,
        };
        wrong.then_some(Rule::CodeIsForItsRedirectUri)
    }
}

/// Where a scope was asked for that the client may not have, that is what the answer is about.
fn about(rule: Rule, asked: Words) -> Rule {
    if asked.is_allowed() { rule } else { Rule::ScopeIsGranted }
}

fn fault_of_verifier(redeem: &Redeem, code: &Code) -> Option<Rule> {
    match (code.asked.pkce, redeem.verifier) {
        (Pkce::None, Verifier::Missing | Verifier::Empty) => None,
        (Pkce::None, _) => Some(Rule::VerifierNeedsChallenge),
        (_, Verifier::Of(id)) if id == redeem.code.of => None,
        (Pkce::Plain, Verifier::Challenge) => None,
        _ => Some(Rule::CodeIsForItsVerifier),
    }
}

fn differs(role: &str, owner: &str, rule: Rule) -> Option<Rule> {
    (role != owner).then_some(rule)
}

/// The first fault is the reason of the refusal.
fn refused<const N: usize>(faults: [Option<Rule>; N]) -> Option<Forecast> {
    faults.into_iter().flatten().next().map(Forecast::MustNot)
}

impl Thing {
    /// What is wrong with how it is presented.
    fn fault(&self) -> Option<Rule> {
        (self.form != Form::Whole).then_some(Rule::ValuesAreExact)
    }
}

impl Authorize {
    /// What the user grants.
    pub fn granted(&self) -> Words {
        self.approved.unwrap_or(self.scope).common(self.scope).allowed()
    }
}

impl Prediction {
    /// Nothing beyond this.
    fn of(rule: Rule, forecast: Forecast) -> Self {
        let rule = forecast.rule().unwrap_or(rule);
        Self { forecast, rule, given: None, bound: None, told: false, user: None, client: None }
    }
}
