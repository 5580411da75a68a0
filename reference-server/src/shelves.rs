//! A large shelf as many small ones, by the last byte of the key: threads hardly ever wait for each other, and growing
//! or clearing one keeps nobody from the others. All together have room for a fixed number of entries.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::shelf::{Full, Key, Shelf};

const MANY: usize = 16;

/// Shelves that share their room.
#[derive(Debug)]
pub struct Shelves<T> {
    shelves: [Mutex<Shelf<T>>; MANY],
    /// Entries on all shelves, those included that ended and did not leave yet.
    entries: AtomicUsize,
    room: usize,
}

impl<T> Shelves<T> {
    /// Shelves for this many entries.
    pub fn new(room: usize) -> Self {
        let shelves = std::array::from_fn(|_| Mutex::new(Shelf::new(room)));
        Self { shelves, entries: AtomicUsize::new(0), room }
    }

    /// The shelf of this key.
    pub fn of(&self, key: &Key) -> MutexGuard<'_, Shelf<T>> {
        lock(&self.shelves[usize::from(key[key.len() - 1]) % MANY])
    }

    /// Keeps an entry until its end.
    pub fn put(&self, key: Key, entry: T, ends: u64, now: u64) -> Result<(), Full> {
        if self.entries.load(Relaxed) >= self.room {
            self.clear_out(now);
        }
        let mut shelf = self.of(&key);
        let before = shelf.len();
        if self.entries.fetch_add(1, Relaxed) >= self.room {
            self.entries.fetch_sub(1, Relaxed);
            return Err(Full);
        }
        let put = shelf.put(key, entry, ends, now);
        let left = before + 1 - shelf.len();
        if left > 0 {
            self.entries.fetch_sub(left, Relaxed);
        }
        put
    }

    /// Looks at every entry, ended or not, in no order.
    pub fn each(&self, mut look: impl FnMut(&T)) {
        self.shelves.iter().for_each(|shelf| lock(shelf).values().for_each(&mut look));
    }

    /// The same, to change them.
    pub fn each_mut(&self, mut change: impl FnMut(&mut T)) {
        self.shelves.iter().for_each(|shelf| lock(shelf).values_mut().for_each(&mut change));
    }

    /// Lets whatever ended leave all shelves, one after the other.
    fn clear_out(&self, now: u64) {
        for shelf in &self.shelves {
            let mut shelf = lock(shelf);
            let before = shelf.len();
            shelf.clear_out(now);
            self.entries.fetch_sub(before - shelf.len(), Relaxed);
        }
    }
}

fn lock<T>(shelf: &Mutex<Shelf<T>>) -> MutexGuard<'_, Shelf<T>> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shelf::key;

    #[test]
    fn the_room_is_that_of_all_together_and_what_ended_makes_some() {
        let shelves = Shelves::new(3);
        let put = |name: &str, ends, now| shelves.put(key(name), (), ends, now);
        for name in ["a", "b", "c"] {
            put(name, 10, 0).unwrap();
        }
        assert_eq!((put("d", 20, 9), put("d", 20, 10), put("e", 20, 10)), (Err(Full), Ok(()), Ok(())));
        assert!(shelves.of(&key("a")).get(&key("a"), 10).is_none());
        assert!(shelves.of(&key("e")).get(&key("e"), 10).is_some());
    }

    #[test]
    fn putting_the_same_key_again_takes_no_further_room() {
        let shelves = Shelves::new(2);
        for _ in 0..10 {
            shelves.put(key("a"), (), 10, 0).unwrap();
        }
        assert_eq!(shelves.put(key("b"), (), 10, 0), Ok(()));
        assert_eq!(shelves.put(key("c"), (), 10, 0), Err(Full));
    }
}
