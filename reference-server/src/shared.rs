//! Values that many grants have in common, kept once: the names of clients, and scopes. Only as many as are configured
//! or a few more; beyond that each grant has its own.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

const MANY: usize = 256;

/// Values that are there once.
#[derive(Debug)]
pub struct Shared<T: ?Sized>(RwLock<HashSet<Arc<T>>>);

impl<T: ?Sized> Default for Shared<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T: ?Sized + Eq + Hash> Shared<T> {
    /// The one that equals this value; made when there is none yet.
    pub fn one(&self, value: &T, make: impl FnOnce() -> Arc<T>) -> Arc<T> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(value) {
            return known.clone();
        }
        let made = make();
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if values.len() < MANY {
            values.insert(made.clone());
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_one_until_there_are_many() {
        let shared: Shared<str> = Shared::default();
        let get = |text: &str| shared.one(text, || text.into());
        assert!(Arc::ptr_eq(&get("a"), &get("a")) && !Arc::ptr_eq(&get("a"), &get("b")));
        (0..MANY).for_each(|number| _ = get(&number.to_string()));
        assert!(!Arc::ptr_eq(&get("late"), &get("late")));
    }
}
