//! What the same text always gives, made once and held together by many grants: scopes. Only a few, of short texts; beyond
//! that each grant has its own.

use std::sync::{PoisonError, RwLock};

/// So few are compared sooner than hashed.
const MANY: usize = 64;
const LONG: usize = 256;

/// Values by the text that they were made of.
#[derive(Debug)]
pub struct Shared<T>(RwLock<Vec<(Box<str>, T)>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T: Clone> Shared<T> {
    /// The value of this text; made when there is none yet.
    pub fn one(&self, text: &str, make: impl FnOnce(&str) -> T) -> T {
        self.known(text).unwrap_or_else(|| {
            let made = make(text);
            let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if values.len() < MANY && text.len() <= LONG && values.iter().all(|(known, _)| **known != *text) {
                values.push((text.into(), made.clone()));
            }
            made
        })
    }

    fn known(&self, text: &str) -> Option<T> {
        let values = self.0.read().unwrap_or_else(PoisonError::into_inner);
        values.iter().find(|(known, _)| **known == *text).map(|(_, value)| value.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_text_has_one_value_until_there_are_many_or_it_is_long() {
        let shared: Shared<Arc<str>> = Shared::default();
        let get = |text: &str| shared.one(text, |text| text.into());
        let is_one = |text: &str| Arc::ptr_eq(&get(text), &get(text));
        assert!(is_one("a") && is_one(&"a".repeat(LONG)) && !is_one(&"a".repeat(LONG + 1)));
        (0..MANY).for_each(|number| _ = is_one(&number.to_string()));
        assert!(!is_one("late"));
    }
}
