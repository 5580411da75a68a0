//! A bounded table of secrets that end by themselves. Keys are SHA-256 digests, so the table holds no
//! secret and its lookups tell nothing about one by their time.

use std::collections::VecDeque;

use hashbrown::HashTable;
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

/// Entries with an end, at most `room` of them. They stand in the order in which they came, so that a new one touches
/// memory that was used just now; only where it stands goes into a table, which is small.
#[derive(Debug)]
pub struct Shelf<T> {
    entries: VecDeque<Entry<T>>,
    places: HashTable<Place>,
    /// The number of the entry at the front.
    front: u32,
    room: usize,
}

#[derive(Debug)]
struct Entry<T> {
    key: Key,
    ends: u64,
    /// None once it was taken away.
    value: Option<T>,
}

/// Where an entry stands. Numbers are given one after the other and start over when they have all been given.
#[derive(Debug)]
struct Place {
    prefix: u32,
    number: u32,
}

impl<T> Shelf<T> {
    /// A shelf for this many entries.
    pub fn new(room: usize) -> Self {
        Self { entries: VecDeque::new(), places: HashTable::new(), front: 0, room }
    }

    /// Keeps an entry until its end.
    pub fn put(&mut self, key: Key, value: T, ends: u64, now: u64) -> Result<(), Full> {
        self.sweep(now, SWEEP);
        while self.len() >= self.room {
            if self.sweep(now, SWEEP) == 0 {
                return Err(Full);
            }
        }
        self.insert(Entry { key, ends, value: Some(value) });
        Ok(())
    }

    /// Keeps an entry until its end; when there is no room, the oldest leaves.
    pub fn push(&mut self, key: Key, value: T, ends: u64, now: u64) {
        self.sweep(now, SWEEP);
        while self.len() >= self.room && self.leave() {}
        self.insert(Entry { key, ends, value: Some(value) });
    }

    /// The entry of this key, unless it ended.
    pub fn get(&self, key: &Key, now: u64) -> Option<&T> {
        let entry = &self.entries[self.find(key)?];
        entry.value.as_ref().filter(|_| now < entry.ends)
    }

    /// The entry of this key, to change it.
    pub fn get_mut(&mut self, key: &Key, now: u64) -> Option<&mut T> {
        let at = self.find(key)?;
        let entry = &mut self.entries[at];
        entry.value.as_mut().filter(|_| now < entry.ends)
    }

    /// Lets the entry of this key end at this time.
    pub fn end_at(&mut self, key: &Key, ends: u64) {
        if let Some(at) = self.find(key) {
            self.entries[at].ends = ends;
        }
    }

    /// How many entries there are, those included that ended and did not leave yet.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Lets all entries leave that ended.
    pub fn clear_out(&mut self, now: u64) {
        while self.sweep(now, SWEEP) > 0 {}
    }

    /// Takes the entry of this key away.
    pub fn take(&mut self, key: &Key, now: u64) -> Option<T> {
        let at = self.find(key)?;
        self.forget(key, at);
        let entry = &mut self.entries[at];
        entry.value.take().filter(|_| now < entry.ends)
    }

    /// Every entry, to be changed; ended ones may be among them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().filter_map(|entry| entry.value.as_mut())
    }

    /// Every entry, ended or not, in no order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().filter_map(|entry| entry.value.as_ref())
    }

    fn insert(&mut self, entry: Entry<T>) {
        if let Some(at) = self.find(&entry.key) {
            self.forget(&entry.key, at);
            self.entries[at].value = None;
        }
        let number = self.number(self.entries.len());
        note(&mut self.places, &entry.key, number);
        self.entries.push_back(entry);
        if self.entries.len() > 2 * self.len() + 64 {
            self.close_ranks();
        }
    }

    /// Takes away entries that ended, at most so many; how many places became free in the order.
    fn sweep(&mut self, now: u64, most: usize) -> usize {
        let is_over = |entry: &Entry<T>| entry.value.is_none() || entry.ends <= now;
        (0..most).take_while(|_| self.entries.front().is_some_and(is_over) && self.leave()).count()
    }

    /// Lets the oldest leave, if there is one.
    fn leave(&mut self) -> bool {
        let Some(oldest) = self.entries.front() else { return false };
        if oldest.value.is_some() {
            let key = oldest.key;
            self.forget(&key, 0);
        }
        self.entries.pop_front();
        self.front = self.front.wrapping_add(1);
        true
    }

    /// Closes the gaps that taken entries left.
    fn close_ranks(&mut self) {
        self.entries.retain(|entry| entry.value.is_some());
        self.places.clear();
        self.front = 0;
        for (number, entry) in (0..).zip(&self.entries) {
            note(&mut self.places, &entry.key, number);
        }
    }

    /// Where the entry of this key stands, counted from the front.
    fn find(&self, key: &Key) -> Option<usize> {
        let prefix = prefix(key);
        let is_it = |place: &Place| place.prefix == prefix && self.entries[self.at(place)].key == *key;
        self.places.find(hash(prefix), is_it).map(|place| self.at(place))
    }

    /// No longer knows where the entry of this key stands, which is there.
    fn forget(&mut self, key: &Key, at: usize) {
        let number = self.number(at);
        if let Ok(place) = self.places.find_entry(hash(prefix(key)), |place| place.number == number) {
            place.remove();
        }
    }

    fn at(&self, place: &Place) -> usize {
        place.number.wrapping_sub(self.front) as usize
    }

    fn number(&self, at: usize) -> u32 {
        self.front.wrapping_add(at as u32)
    }
}

/// So many ended entries leave at a time: nobody waits long for somebody else's, and they leave sooner than new ones come.
const SWEEP: usize = 64;

/// Notes where the entry of this key stands, which nobody knew.
fn note(places: &mut HashTable<Place>, key: &Key, number: u32) {
    let prefix = prefix(key);
    places.insert_unique(hash(prefix), Place { prefix, number }, |place| hash(place.prefix));
}

/// The first bytes of a digest, which are as good as random.
fn prefix(key: &Key) -> u32 {
    u32::from_le_bytes([key[0], key[1], key[2], key[3]])
}

/// The table takes a place from the lower bits and a mark from the upper ones.
fn hash(prefix: u32) -> u64 {
    u64::from(prefix) << 32 | u64::from(prefix)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        assert!(shelf.entries.len() < 100);
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

    /// What a shelf without limits is to do, in the simplest way: entries with their end, and those that ended looked over.
    #[derive(Default)]
    struct Plain(Vec<(Key, u8, u64)>);

    impl Plain {
        fn put(&mut self, key: Key, value: u8, ends: u64) {
            self.take(&key, 0);
            self.0.push((key, value, ends));
        }

        fn get(&self, key: &Key, now: u64) -> Option<u8> {
            self.0.iter().find(|entry| entry.0 == *key && now < entry.2).map(|entry| entry.1)
        }

        fn take(&mut self, key: &Key, now: u64) -> Option<u8> {
            let found = self.get(key, now);
            self.0.retain(|entry| entry.0 != *key);
            found
        }

        fn end_at(&mut self, key: &Key, ends: u64) {
            self.0.iter_mut().filter(|entry| entry.0 == *key).for_each(|entry| entry.2 = ends);
        }
    }

    proptest! {
        /// Few keys of few prefixes, so that they meet; the numbers start over on the way.
        #[test]
        fn it_does_what_a_plain_list_does(steps in prop::collection::vec((0..4, 0..9_u8, any::<u8>(), 1..400_u64), 0..400)) {
            let (mut shelf, mut plain) = (Shelf::new(1000), Plain::default());
            shelf.front = u32::MAX - 20;
            for (now, (act, name, value, lives)) in (0..).zip(steps) {
                let mut key = [name; 32];
                key[0] = name % 2;
                match act {
                    0 | 1 => {
                        shelf.put(key, value, now + lives, now).unwrap();
                        plain.put(key, value, now + lives);
                    }
                    2 => prop_assert_eq!(shelf.take(&key, now), plain.take(&key, now)),
                    // What ended may have left already, and then it does not come back.
                    _ if plain.get(&key, now).is_none() => {}
                    _ => {
                        shelf.end_at(&key, now + lives);
                        plain.end_at(&key, now + lives);
                    }
                }
                for name in 0..9 {
                    let mut key = [name; 32];
                    key[0] = name % 2;
                    prop_assert_eq!(shelf.get(&key, now).copied(), plain.get(&key, now));
                }
            }
        }
    }
}
