//! What an event changes in the state, if the answer was as predicted.

use super::action::*;
use super::forecast::{Forecast, Prediction};
use super::rule::Rule;
use super::scope::Words;
use super::state::{Code, State, Token};
use super::world::World;

impl State {
    /// Takes an event in.
    pub fn take(&mut self, world: &World, event: &Event, prediction: &Prediction) {
        let forecast = prediction.forecast;
        match &event.action {
            Action::Authorize(asked) => self.authorized(event.id, asked, forecast),
            Action::Redeem(redeem) => self.redeemed(world, event.id, redeem, forecast),
            Action::Refresh(refresh) => self.refreshed(event.id, refresh, prediction),
            Action::Own(own) if !forecast.refuses() => {
                let token = self.issued(event.id, own.by.role, None, own.scope.allowed(), forecast);
                self.access.insert(event.id, token);
            }
            Action::Password(password) if !forecast.refuses() => {
                let (role, user) = (password.by.role, Some(password.user));
                let token = self.issued(event.id, role, user, password.scope.allowed(), forecast);
                self.keep(world, event.id, token);
            }
            Action::Revoke(revoke) => self.revoked(revoke, forecast),
            Action::Tick(tick) => self.now += tick.seconds(world),
            Action::SwitchOff(user) => {
                self.off.insert(user);
            }
            _ => {}
        }
    }

    fn authorized(&mut self, id: Id, asked: &Authorize, forecast: Forecast) {
        if forecast.refuses() {
            return;
        }
        let left_out = asked.uri.is_none();
        let standing = forecast.because(if left_out { Rule::RedirectUriMayBeLeftOut } else { Rule::GoodCode });
        self.codes.insert(id, Code { asked: asked.clone(), born: self.now, standing, redeemed: false });
    }

    fn redeemed(&mut self, world: &World, id: Id, redeem: &Redeem, forecast: Forecast) {
        let whole = redeem.code.kind == Kind::Code && redeem.code.form == Form::Whole;
        let Some(code) = self.codes.get_mut(&redeem.code.of).filter(|_| whole) else { return };
        let (grant, asked, spent) = (redeem.code.of, code.asked.clone(), code.redeemed);
        match forecast {
            Forecast::MustNot(Rule::CodeWorksOnce) => {
                self.spare_others(grant);
                let ended = |standing: Forecast| standing.stricter(Forecast::ShouldNot(Rule::ReplayEndsTokens));
                self.change_tokens(grant, ended);
            }
            forecast if forecast.refuses() && spent => {
                self.spare_others(grant);
                self.change_tokens(grant, |standing| standing.softened(Rule::VainReplayEndsNothing));
            }
            // A server may spend the code at the first attempt, good or bad.
            forecast if forecast.refuses() => code.standing = code.standing.doubted(),
            forecast => {
                // A server that is free to refuse it may also take it for a replay.
                if spent {
                    self.may_have_ended(grant);
                }
                let Some(code) = self.codes.get_mut(&grant) else { return };
                code.redeemed |= forecast != Forecast::May;
                code.standing = if code.redeemed { Forecast::MustNot(Rule::CodeWorksOnce) } else { Forecast::May };
                let token = self.issued(grant, asked.client, Some(asked.user), asked.granted(), forecast);
                self.keep(world, id, token);
            }
        }
    }

    fn refreshed(&mut self, id: Id, refresh: &Refresh, prediction: &Prediction) {
        let whole = refresh.token.kind == Kind::Refresh && refresh.token.form == Form::Whole;
        let Some(token) = self.refresh.get_mut(&refresh.token.of).filter(|_| whole) else { return };
        let (grant, replaced) = (token.grant, token.replaced.is_some());
        match prediction.forecast {
            Forecast::MustNot(Rule::ReplacedRefreshTokenIsDead) => {
                self.spare_others(grant);
                let dead = |standing: Forecast| standing.stricter(Forecast::MustNot(Rule::ReuseEndsFamily));
                self.change_refresh(grant, dead);
                self.change_access(grant, |standing| standing.stricter(Forecast::ShouldNot(Rule::ReuseEndsAccess)));
            }
            forecast if forecast.refuses() && replaced => self.may_have_ended(grant),
            forecast if forecast.refuses() => self.change_refresh(grant, Forecast::doubted),
            forecast => {
                let sure = forecast != Forecast::May;
                token.replaced = Some(id);
                let dead = Forecast::MustNot(Rule::ReplacedRefreshTokenIsDead);
                token.standing = if sure { dead } else { token.standing.doubted() };
                let (client, user, scope) = (token.client, token.user, token.scope);
                self.change_access(grant, Forecast::doubted);
                let next = self.issued(grant, client, user, scope, forecast);
                let access = Token { scope: prediction.bound.unwrap_or(scope), ..next.clone() };
                self.refresh.insert(id, next);
                self.access.insert(id, access);
            }
        }
    }

    /// A withdrawn access token may take the rest of its grant along; a refresh token takes its family.
    fn revoked(&mut self, revoke: &Revoke, forecast: Forecast) {
        let Some(token) = self.token(&revoke.token) else {
            return self.tried(revoke);
        };
        let (grant, own, replaced) = (token.grant, token.client == revoke.by.role, token.replaced.is_some());
        if forecast.refuses() || !own {
            return self.tried(revoke);
        }
        let hinted = revoke.hint.is_some_and(|hint| hint != revoke.token.kind);
        let rule = if hinted { Rule::HintIsOnlyAHint } else { Rule::RevokedIsDead };
        let dead = |standing: Forecast| Forecast::MustNot(rule).or(standing);
        match revoke.token.kind {
            _ if forecast == Forecast::May => self.may_have_ended(grant),
            Kind::Refresh if !replaced => {
                self.spare_others(grant);
                self.change_refresh(grant, dead);
                self.change_access(grant, |standing| {
                    standing.stricter(Forecast::ShouldNot(Rule::RevocationEndsAccess))
                });
            }
            Kind::Refresh => self.may_have_ended(grant),
            _ => {
                self.may_have_ended(grant);
                let token = self.access.get_mut(&revoke.token.of);
                token.into_iter().for_each(|token| token.standing = dead(token.standing));
            }
        }
    }

    /// Whether the tokens of a grant are still good is the server's business.
    fn may_have_ended(&mut self, grant: Id) {
        self.spare_others(grant);
        self.change_tokens(grant, Forecast::doubted);
    }

    /// Grants that nobody withdrew go on. What one user allows one client twice may be one grant to a server.
    fn spare_others(&mut self, grant: Id) {
        let Some(ended) = self.access.values().chain(self.refresh.values()).find(|token| token.grant == grant) else {
            return;
        };
        let (client, user) = (ended.client, ended.user);
        let others = self.access.values_mut().chain(self.refresh.values_mut()).filter(|token| token.grant != grant);
        for token in others {
            token.standing = match token.standing {
                standing if (token.client, token.user) == (client, user) => {
                    standing.softened(Rule::OtherGrantsStayGood)
                }
                standing => standing.named(Rule::OtherGrantsStayGood),
            };
        }
        let codes = self.codes.iter_mut().filter(|(id, _)| **id != grant).map(|(_, code)| code);
        let same = codes.filter(|code| (code.asked.client, Some(code.asked.user)) == (client, user));
        same.for_each(|code| code.standing = code.standing.doubted());
    }

    /// An attempt at a revocation that nobody has to grant: the thing stays what it was.
    fn tried(&mut self, revoke: &Revoke) {
        let whole = revoke.token.form == Form::Whole;
        match revoke.token.kind {
            Kind::Code if whole => {
                let code = self.codes.get_mut(&revoke.token.of);
                code.into_iter().for_each(|code| code.standing = code.standing.doubted());
            }
            Kind::Access | Kind::Refresh if whole => {
                let Some(grant) = self.token(&revoke.token).map(|token| token.grant) else { return };
                self.change_tokens(grant, |standing| standing.because(Rule::OnlyTheOwnerRevokes));
            }
            _ => {}
        }
    }

    fn issued(
        &self,
        grant: Id,
        client: &'static str,
        user: Option<&'static str>,
        scope: Words,
        forecast: Forecast,
    ) -> Token {
        let standing = if forecast == Forecast::May { Forecast::May } else { Forecast::Must(Rule::GoodAccessToken) };
        Token { grant, client, user, scope, born: self.now, standing, replaced: None }
    }

    fn keep(&mut self, world: &World, id: Id, token: Token) {
        if world.client(token.client).is_some_and(|client| client.refreshes) {
            self.refresh.insert(id, token.clone());
        }
        self.access.insert(id, token);
    }
}

impl Forecast {
    /// This one, unless the other is a refusal already.
    fn or(self, known: Self) -> Self {
        if matches!(known, Forecast::MustNot(_)) { known } else { self }
    }
}

impl Tick {
    /// How many seconds that is.
    pub fn seconds(self, world: &World) -> u64 {
        let Some(lifetimes) = world.lifetimes else { return 0 };
        match self {
            Tick::Seconds => 5,
            Tick::PastCode => lifetimes.code + 5,
            Tick::PastAccess => lifetimes.access + 5,
            Tick::PastRefresh => lifetimes.refresh + 5,
        }
    }
}
