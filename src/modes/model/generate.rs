//! Random histories: mostly what good clients do, with one wrong thing now and then, so that a refusal has one reason.
//!
//! This is a generator of our own and not `proptest-state-machine`: histories are played over networks as well, with
//! pauses and bounds that a synchronous runner does not know, and each step of its shrinking would be another login there.

mod choice;
mod pick;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::action::{Action, Event, Id};
use super::dice::Dice;
use super::forecast::{Forecast, Prediction};
use super::play::Player;
use super::predict::Predictor;
use super::rule::Rule;
use super::state::State;
use super::world::World;
use choice::Chooser;

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
