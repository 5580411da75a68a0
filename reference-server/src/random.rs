//! Where unguessable values come from: the operating system, or a seed when a run must repeat itself.

use std::sync::{Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// A source of random values.
#[derive(Debug)]
pub struct Random(Source);

#[derive(Debug)]
enum Source {
    Os,
    Seeded(Box<Mutex<ChaCha8Rng>>),
}

impl Random {
    /// The generator of the thread, seeded by the operating system.
    pub fn os() -> Self {
        Self(Source::Os)
    }

    /// The same values for the same seed. For proofs and tests only.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Box::new(Mutex::new(ChaCha8Rng::seed_from_u64(seed)))))
    }

    /// This many random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::Os => rand::rng().fill_bytes(&mut bytes),
            Source::Seeded(generator) => {
                generator.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
            }
        }
        bytes
    }

    /// 256 bits in the URL-safe alphabet of base64.
    pub fn value(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_repeat_only_under_the_same_seed() {
        assert_eq!(Random::seeded(7).value(), Random::seeded(7).value());
        assert_ne!(Random::seeded(7).value(), Random::seeded(8).value());
        assert_ne!(Random::os().value(), Random::os().value());
    }
}
