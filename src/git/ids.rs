//! Tables keyed by object ids, which are hashes already.
//!
//! What is inlined is called for each name in each folder of a history.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use gix_hash::ObjectId;

/// A map with ids as keys.
pub(super) type IdMap<T> = HashMap<ObjectId, T, BuildHasherDefault<First>>;
/// A set of ids.
pub(super) type IdSet = HashSet<ObjectId, BuildHasherDefault<First>>;

/// Uses the first eight bytes of an id as its hash, and ignores its length.
#[derive(Default)]
pub(super) struct First(u64);

impl Hasher for First {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk().filter(|_| bytes.len() > 8) {
            self.0 = u64::from_le_bytes(*first);
        }
    }
}

/// The first eight bytes of an id.
#[inline]
pub(super) fn start(id: &[u8]) -> u64 {
    id.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// A set of ids by their first bytes, which excludes most other ids at once.
pub(super) struct Sieve {
    /// At least sixteen bits for each of the ids.
    glance: Vec<u64>,
    /// How far to shift an id so that its first bits are its position.
    shift: u32,
    starts: HashSet<u64>,
}

impl Sieve {
    pub(super) fn of<'a>(ids: impl Iterator<Item = &'a ObjectId>) -> Self {
        let starts: HashSet<u64> = ids.map(|id| start(id.as_bytes())).collect();
        let bits = (starts.len() * 16).next_power_of_two().clamp(1 << 16, 1 << 24);
        let mut sieve = Self { glance: vec![0; bits >> 6], shift: 64 - bits.ilog2(), starts: HashSet::new() };
        for start in &starts {
            let (at, bit) = sieve.place(*start);
            sieve.glance[at] |= bit;
        }
        Self { starts, ..sieve }
    }

    /// Whether it may be in the set.
    #[inline]
    pub(super) fn has(&self, id: &[u8]) -> bool {
        self.has_start(start(id))
    }

    /// The same for the first eight bytes of an id.
    #[inline]
    pub(super) fn has_start(&self, start: u64) -> bool {
        let (at, bit) = self.place(start);
        self.glance[at] & bit != 0 && self.starts.contains(&start)
    }

    #[inline]
    fn place(&self, start: u64) -> (usize, u64) {
        let first = start >> self.shift;
        ((first >> 6) as usize, 1 << (first & 63))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_by_its_first_bytes_and_told_from_one_that_begins_alike() {
        let id = |text: &str| ObjectId::from_hex(text.repeat(20).as_bytes()).unwrap();
        let (one, other) = (id("a1"), id("a2"));
        let mut near = one.as_bytes().to_vec();
        near[19] = 0;
        let near = ObjectId::try_from(&near[..]).unwrap();
        let map: IdMap<u8> = [(one, 1), (near, 2)].into_iter().collect();
        assert_eq!((map.get(&one), map.get(&near), map.get(&other)), (Some(&1), Some(&2), None));
        assert!(map.contains_key(&one) && IdSet::from_iter([one]).contains(&one));
        let sieve = Sieve::of([one].iter());
        assert!(sieve.has(one.as_bytes()) && sieve.has(near.as_bytes()) && !sieve.has(other.as_bytes()));
    }
}
