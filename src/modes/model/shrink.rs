//! The shortest history that still breaks the same rule: events leave one after the other, and what is left becomes plainer.

use super::action::*;
use super::play::{Played, Player};
use super::rule::Rule;
use super::world::World;

/// Over a network a history is played no more often than this to shrink it.
pub const PLAYS: usize = 60;

/// Shrinks a history that breaks a rule.
pub async fn shrink(player: &Player<'_>, history: Vec<Event>, played: Played, seed: u64) -> (Vec<Event>, Played) {
    let Some((rule, last)) = played.broken else { return (history, played) };
    let kept = sound(player, &history).into_iter().take(last + 1).collect();
    let plays = if player.access.is_embedded() { usize::MAX } else { PLAYS };
    let mut shrinker = Shrinker { player, seed, rule, plays, best: (kept, played) };
    while shrinker.pass().await {}
    shrinker.best
}

struct Shrinker<'a> {
    player: &'a Player<'a>,
    seed: u64,
    rule: Rule,
    /// How often may still be played.
    plays: usize,
    best: (Vec<Event>, Played),
}

impl Shrinker<'_> {
    /// Tries every smaller history until one is left; whether there was one.
    async fn pass(&mut self) -> bool {
        for candidate in candidates(self.player, &self.best.0) {
            if self.plays == 0 {
                return false;
            }
            self.plays -= 1;
            let played = self.player.play(&candidate, self.seed).await;
            if let Some((_, last)) = played.broken.filter(|(rule, _)| *rule == self.rule) {
                self.best = (candidate.into_iter().take(last + 1).collect(), played);
                return true;
            }
        }
        false
    }
}

/// Every history that is one change smaller: shorter ones first.
fn candidates(player: &Player<'_>, history: &[Event]) -> Vec<Vec<Event>> {
    let shorter = (0..history.len()).rev().flat_map(|at| without(history, at));
    let plainer = (0..history.len()).flat_map(|at| {
        let with = move |action| {
            let mut changed = history.to_vec();
            changed[at].action = action;
            changed
        };
        plainer(player.world, &history[at].action).into_iter().map(with)
    });
    let sound = shorter.chain(plainer).map(|candidate| sound(player, &candidate));
    sound.filter(|candidate| !candidate.is_empty() && candidate != history).collect()
}

/// Without an event: what needs what it gave goes on with what it came from, or goes as well.
fn without(history: &[Event], at: usize) -> Vec<Vec<Event>> {
    let gone = &history[at];
    let rest: Vec<Event> = history.iter().filter(|event| event.id != gone.id).cloned().collect();
    let mut candidates = Vec::new();
    if let Action::Refresh(refresh) = &gone.action {
        let mut linked = rest.clone();
        for thing in linked.iter_mut().filter_map(|event| event.action.thing_mut()) {
            if thing.of == gone.id {
                thing.of = refresh.token.of;
            }
        }
        candidates.push(linked);
    }
    candidates.push(rest);
    candidates
}

/// The events that can happen in this order.
fn sound(player: &Player<'_>, history: &[Event]) -> Vec<Event> {
    player.predicted(history).into_iter().map(|(event, _)| event).collect()
}

/// Events that say less.
fn plainer(world: &World, action: &Action) -> Vec<Action> {
    let mut plain = action.clone();
    match &mut plain {
        Action::Authorize(asked) => {
            (asked.user, asked.approved) = (world.users[0], None);
            if asked.pkce == Pkce::Plain {
                asked.pkce = Pkce::S256;
            }
        }
        Action::Refresh(refresh) => refresh.scope = None,
        Action::Revoke(Revoke { hint, .. }) | Action::Introspect(Introspect { hint, .. }) => *hint = None,
        Action::Tick(tick) => *tick = Tick::PastCode,
        _ => {}
    }
    let mut found = vec![plain];
    if let Action::Authorize(asked) = action {
        found.push(Action::Authorize(Authorize { scope: world.scopes[0], approved: None, ..asked.clone() }));
    }
    let mut whole = action.clone();
    if let Some(thing) = whole.thing_mut() {
        thing.form = Form::Whole;
        found.push(whole);
    }
    found.retain(|plainer| plainer != action);
    found
}
