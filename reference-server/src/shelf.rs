//! A bounded table of secrets that end by themselves. Keys are SHA-256 digests, so the table holds no
//! secret and its lookups tell nothing about one by their time.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use sha2::{Digest, Sha256};

/// The digest under which a secret is kept.
pub type Key = [u8; 32];

/// The key of this secret.
pub fn key(secret: &str) -> Key {
    Sha256::digest(secret).into()
}

/// There is no room for one more entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Entries with an end, at most `room` of them.
#[derive(Debug)]
pub struct Shelf<T> {
    entries: HashMap<Key, (u64, T), BuildHasherDefault<Prefix>>,
    order: VecDeque<(u64, Key)>,
    room: usize,
}

impl<T> Shelf<T> {
    /// A shelf for this many entries.
    pub fn new(room: usize) -> Self {
        Self { entries: HashMap::default(), order: VecDeque::new(), room }
    }

    /// Keeps an entry until its end.
    pub fn put(&mut self, key: Key, entry: T, ends: u64, now: u64) -> Result<(), Full> {
        self.sweep(now, SWEEP);
        while self.entries.len() >= self.room {
            if self.sweep(now, SWEEP) == 0 {
                return Err(Full);
            }
        }
        self.insert(key, entry, ends);
        Ok(())
    }

    /// Keeps an entry until its end; when there is no room, the oldest leaves.
    pub fn push(&mut self, key: Key, entry: T, ends: u64, now: u64) {
        self.sweep(now, SWEEP);
        while self.entries.len() >= self.room {
            let Some((_, oldest)) = self.order.pop_front() else {
                break;
            };
            self.entries.remove(&oldest);
        }
        self.insert(key, entry, ends);
    }

    /// The entry of this key, unless it ended.
    pub fn get(&self, key: &Key, now: u64) -> Option<&T> {
        self.entries.get(key).filter(|(ends, _)| now < *ends).map(|(_, entry)| entry)
    }

    /// The entry of this key, to change it.
    pub fn get_mut(&mut self, key: &Key, now: u64) -> Option<&mut T> {
        self.entries.get_mut(key).filter(|(ends, _)| now < *ends).map(|(_, entry)| entry)
    }

    /// Lets the entry of this key end at this time.
    pub fn end_at(&mut self, key: &Key, ends: u64) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.0 = ends;
        }
    }

    /// How many entries there are, those included that ended and did not leave yet.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Lets all entries leave that ended.
    pub fn clear_out(&mut self, now: u64) {
        while self.sweep(now, SWEEP) > 0 {}
    }

    /// Takes the entry of this key away.
    pub fn take(&mut self, key: &Key, now: u64) -> Option<T> {
        self.entries.remove(key).filter(|(ends, _)| now < *ends).map(|(_, entry)| entry)
    }

    /// Every entry, to be changed; ended ones may be among them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.values_mut().map(|(_, entry)| entry)
    }

    /// Every entry, ended or not, in no order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.values().map(|(_, entry)| entry)
    }

    fn insert(&mut self, key: Key, entry: T, ends: u64) {
        self.entries.insert(key, (ends, entry));
        self.order.push_back((ends, key));
        if self.order.len() > 2 * self.entries.len() + 64 {
            self.order.retain(|(_, key)| self.entries.contains_key(key));
        }
    }

    /// Takes away entries that ended, at most so many; how many there were in the queue.
    fn sweep(&mut self, now: u64, most: usize) -> usize {
        let mut swept = 0;
        while let Some((_, key)) = self.order.front().copied().filter(|(ends, _)| *ends <= now && swept < most) {
            self.order.pop_front();
            swept += 1;
            if self.entries.get(&key).is_some_and(|(ends, _)| *ends <= now) {
                self.entries.remove(&key);
            }
        }
        swept
    }
}

/// So many ended entries leave at a time: nobody waits long for somebody else's, and they leave sooner than new ones come.
const SWEEP: usize = 64;

/// Hashes a digest by its first eight bytes, which are as good as random already.
#[derive(Debug, Default)]
struct Prefix(u64);

impl Hasher for Prefix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn write_usize(&mut self, _length: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_leave_at_their_end_and_make_room() {
        let mut shelf = Shelf::new(1);
        shelf.put(key("a"), 1, 10, 0).unwrap();
        assert_eq!(shelf.put(key("b"), 2, 20, 9), Err(Full));
        assert_eq!((shelf.get(&key("a"), 9), shelf.get(&key("a"), 10)), (Some(&1), None));
        assert_eq!(shelf.get_mut(&key("a"), 9), Some(&mut 1));
        assert_eq!(shelf.get_mut(&key("a"), 10), None);
        shelf.put(key("b"), 2, 20, 10).unwrap();
        assert_eq!(shelf.take(&key("b"), 20), None);
        shelf.put(key("b"), 2, 20, 10).unwrap();
        assert_eq!(shelf.take(&key("b"), 19), Some(2));
    }

    #[test]
    fn a_pushed_entry_displaces_the_oldest() {
        let mut shelf = Shelf::new(2);
        for (at, name) in ["a", "b", "c"].into_iter().enumerate() {
            shelf.push(key(name), at, 100, 0);
        }
        assert_eq!((shelf.get(&key("a"), 0), shelf.get(&key("c"), 0)), (None, Some(&2)));
    }

    #[test]
    fn removed_entries_do_not_pile_up_in_the_order() {
        let mut shelf = Shelf::new(10);
        for name in 0..1000 {
            shelf.put(key(&name.to_string()), name, 1_000_000, 0).unwrap();
            shelf.take(&key(&name.to_string()), 0);
        }
        assert!(shelf.order.len() < 100);
    }

    #[test]
    fn ended_entries_leave_a_few_at_a_time_or_all_together() {
        let shelf = || {
            let mut shelf = Shelf::new(1000);
            (0..200).for_each(|name| shelf.put(key(&name.to_string()), name, 10, 0).unwrap());
            shelf
        };
        let (mut slowly, mut at_once) = (shelf(), shelf());
        slowly.put(key("a"), 0, 20, 10).unwrap();
        assert_eq!(slowly.len(), 200 - SWEEP + 1);
        at_once.clear_out(10);
        assert_eq!(at_once.len(), 0);
    }

    #[test]
    fn entries_are_changed_one_by_one_or_all_together() {
        let mut shelf = Shelf::new(10);
        ["a", "b"].into_iter().for_each(|name| shelf.put(key(name), 1, 10, 0).unwrap());
        shelf.values_mut().for_each(|value| *value += 1);
        shelf.end_at(&key("a"), 5);
        assert_eq!((shelf.get(&key("a"), 5), shelf.get(&key("b"), 5)), (None, Some(&2)));
        assert_eq!(shelf.get(&key("a"), 4), Some(&2));
    }
}
