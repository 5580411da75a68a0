//! Choices, all of them from one seed.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

/// A source of choices.
pub struct Dice(pub ChaCha8Rng);

impl Dice {
    /// A number below this one; zero when there is none.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { self.0.next_u32() as usize % end }
    }

    /// One of these. There is at least one.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        *self.one_of(of)
    }

    /// The same without a copy.
    pub fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// One of these, a late one twice as likely as the others.
    pub fn latest<T: Copy>(&mut self, of: &[T]) -> T {
        let (first, second) = (self.below(of.len()), self.below(of.len()));
        of[first.max(second)]
    }

    /// One of these by its weight.
    pub fn weighed<T: Copy>(&mut self, of: &[(T, usize)]) -> T {
        let mut point = self.below(of.iter().map(|(_, weight)| weight).sum());
        for (thing, weight) in of {
            if point < *weight {
                return *thing;
            }
            point -= weight;
        }
        of[0].0
    }
}
