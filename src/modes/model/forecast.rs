//! What the model says about the answer to one event.

use super::action::Id;
use super::rule::Rule;
use super::scope::Words;

/// What must, may and must not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// It is accepted.
    Must(Rule),
    /// It is better accepted.
    Should(Rule),
    /// The server is free.
    May,
    /// It is better refused.
    ShouldNot(Rule),
    /// It is refused.
    MustNot(Rule),
}

/// Everything that is expected of the answer to one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// Accepted or refused.
    pub forecast: Forecast,
    /// The rule that the step is about, also where the server is free.
    pub rule: Rule,
    /// What the forecast takes for granted.
    pub given: Option<Rotation>,
    /// The most that an issued token may say or have.
    pub bound: Option<Words>,
    /// Whether the answer has to name that scope, since it is not the one asked for.
    pub told: bool,
    /// The token is known to stand for this user; `Some(None)`: for none.
    pub user: Option<Option<&'static str>>,
    /// The token is known to belong to this client.
    pub client: Option<&'static str>,
}

/// The server replaces refresh tokens: the one that came later differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The event that gave the old one.
    pub old: Id,
    /// The event that gave the new one.
    pub new: Id,
}

impl Prediction {
    /// The rule that the answer is held against, if it is held against any.
    pub fn tries(&self) -> Option<Rule> {
        let kept = self.bound.is_some() && matches!(self.rule, Rule::RefreshKeepsScope | Rule::ScopeIsGranted);
        self.forecast.rule().or(kept.then_some(self.rule))
    }
}

impl Forecast {
    /// The rule behind it.
    pub fn rule(self) -> Option<Rule> {
        match self {
            Forecast::Must(rule) | Forecast::Should(rule) | Forecast::ShouldNot(rule) | Forecast::MustNot(rule) => {
                Some(rule)
            }
            Forecast::May => None,
        }
    }

    /// Whether it is refused, or better refused.
    pub fn refuses(self) -> bool {
        matches!(self, Forecast::ShouldNot(_) | Forecast::MustNot(_))
    }

    /// What still holds when the thing is no longer sure to be accepted.
    pub fn doubted(self) -> Self {
        if self.refuses() { self } else { Forecast::May }
    }

    /// What still holds when acceptance is only advised, or has another reason.
    pub fn softened(self, rule: Rule) -> Self {
        match self {
            Forecast::Must(_) | Forecast::Should(_) => Forecast::Should(rule),
            other => other,
        }
    }

    /// What was just issued is good for a reason that depends on its use.
    pub fn named(self, rule: Rule) -> Self {
        if self == Forecast::Must(Rule::GoodAccessToken) { Forecast::Must(rule) } else { self }
    }

    /// The same demand for another reason.
    pub fn because(self, rule: Rule) -> Self {
        match self {
            Forecast::Must(_) => Forecast::Must(rule),
            other => other,
        }
    }

    /// The stricter of two refusals; any refusal goes before an acceptance.
    pub fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Forecast::MustNot(_), _) => self,
            (_, Forecast::MustNot(_) | Forecast::ShouldNot(_)) => other,
            _ => self,
        }
    }
}
