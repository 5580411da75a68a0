//! The two tables: every promise of the provider that can be broken (a defect, `defects.rs`) and every freedom
//! that the specifications leave (a liberty, `liberties.rs`), one line each. A handler asks `conduct.breaks(Defect::X)` or
//! `conduct.takes(Liberty::Y)` in exactly one line. Names are those of the requirement catalogue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Declares an enum of switches with their names and one sentence each.
macro_rules! switches {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $text:literal, $what:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $(#[doc = $what] $variant,)* }

        impl $name {
            /// Every switch of this kind, in table order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name on the command line and in the catalogue.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What the provider does when it is on, in one sentence.
            pub fn what(self) -> &'static str {
                match self { $(Self::$variant => $what,)* }
            }

            /// The switch of this name.
            pub fn find(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|switch| switch.name() == name)
            }
        }
    };
}

mod defects;
mod liberties;

pub use defects::Defect;
pub use liberties::Liberty;

/// Which promises are broken and which liberties are taken. The default is none of either.
#[derive(Clone, Debug, Default)]
pub struct Conduct {
    defects: Vec<u64>,
    liberties: Vec<u64>,
    witness: Option<Arc<Witness>>,
}

impl Conduct {
    /// A provider that keeps every promise but this one.
    pub fn defect(defect: Defect) -> Self {
        Self::default().with_defect(defect)
    }

    /// A provider that takes this one liberty.
    pub fn liberty(liberty: Liberty) -> Self {
        Self::default().with_liberty(liberty)
    }

    /// Breaks one more promise.
    #[must_use]
    pub fn with_defect(mut self, defect: Defect) -> Self {
        set(&mut self.defects, defect as usize);
        self
    }

    /// Takes one more liberty.
    #[must_use]
    pub fn with_liberty(mut self, liberty: Liberty) -> Self {
        set(&mut self.liberties, liberty as usize);
        self
    }

    /// A provider that keeps every promise, and a witness of which of them mattered.
    pub fn witnessed() -> (Self, Arc<Witness>) {
        let witness = Arc::new(Witness::default());
        (Self { witness: Some(witness.clone()), ..Self::default() }, witness)
    }

    /// Whether any promise is broken, or somebody wants to know which could be.
    pub fn has_defects(&self) -> bool {
        !self.defects.is_empty() || self.witness.is_some()
    }

    /// Whether any liberty is taken, or somebody wants to know which could be.
    pub fn has_liberties(&self) -> bool {
        !self.liberties.is_empty() || self.witness.is_some()
    }

    /// Whether this promise is broken.
    pub fn breaks(&self, defect: Defect) -> bool {
        self.witness.iter().for_each(|witness| witness.defects.note(defect as usize));
        holds(&self.defects, defect as usize)
    }

    /// Whether this liberty is taken.
    pub fn takes(&self, liberty: Liberty) -> bool {
        self.witness.iter().for_each(|witness| witness.liberties.note(liberty as usize));
        holds(&self.liberties, liberty as usize)
    }
}

/// Which switches were asked about. One that never was cannot have changed anything: with it on, all would have gone alike.
#[derive(Debug, Default)]
pub struct Witness {
    defects: Asked,
    liberties: Asked,
}

impl Witness {
    /// Whether a handler asked for this defect.
    pub fn saw_defect(&self, defect: Defect) -> bool {
        self.defects.has(defect as usize)
    }

    /// Whether a handler asked for this liberty.
    pub fn saw_liberty(&self, liberty: Liberty) -> bool {
        self.liberties.has(liberty as usize)
    }
}

/// Bits that several threads set.
#[derive(Debug)]
struct Asked(Box<[AtomicBool]>);

impl Default for Asked {
    fn default() -> Self {
        Self((0..Defect::ALL.len().max(Liberty::ALL.len())).map(|_| AtomicBool::new(false)).collect())
    }
}

impl Asked {
    fn note(&self, bit: usize) {
        self.0[bit].store(true, Ordering::Relaxed);
    }

    fn has(&self, bit: usize) -> bool {
        self.0[bit].load(Ordering::Relaxed)
    }
}

fn set(words: &mut Vec<u64>, bit: usize) {
    if words.len() <= bit / 64 {
        words.resize(bit / 64 + 1, 0);
    }
    words[bit / 64] |= 1 << (bit % 64);
}

fn holds(words: &[u64], bit: usize) -> bool {
    words.get(bit / 64).is_some_and(|word| word & (1 << (bit % 64)) != 0)
}
