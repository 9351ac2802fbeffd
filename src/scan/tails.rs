//! Finds known keys without the vendor's prefix by their last four characters, at a cost that does not grow with their
//! number.
//!
//! A key is in a run of as many characters of its alphabet or of an encoding's, and most text has no such runs: it is
//! skipped in steps. Within a run, a filter shows where a tail may begin: a flag for each hash of four bytes.

use std::collections::HashMap;
use std::fmt;

use super::anchor::{Anchor, encoded};
use super::key_index::is_key_byte;
use crate::model::api_key::{LONGEST, SHORTEST_WITH_HINT};

/// Bits of a hash: few enough for the filter to fit into a core's second-level cache, enough to leave it nearly
/// empty with fifty keys. With 16, one hash in 80 was flagged in vain, and a text took a tenth longer than with two
/// keys.
const BITS: u32 = 18;

/// The tails of every known key, plain and encoded.
pub(super) struct Tails {
    /// For the hash of a tail's first four bytes, one bit for three more bits of that hash.
    filter: Box<[u8; 1 << BITS]>,
    beginning: HashMap<[u8; 4], Vec<(Vec<u8>, Anchor)>>,
    in_run: [bool; 256],
    /// The length of the shortest of these keys: no run is shorter, plain or encoded.
    room: usize,
}

impl Tails {
    /// These tails, plain and in base64, URL-encoding and UTF-16.
    pub(super) fn new<'a>(tails: impl Iterator<Item = (&'a [u8; 4], usize)>) -> Self {
        let in_run = std::array::from_fn(|byte| {
            let byte = u8::try_from(byte).unwrap_or_default();
            is_key_byte(byte) || b"=%\\\r\n\0".contains(&byte)
        });
        let (filter, beginning) = (Box::new([0; 1 << BITS]), HashMap::new());
        let mut all = Self { filter, beginning, in_run, room: LONGEST };
        for (tail, length) in tails {
            all.room = all.room.min(length).max(SHORTEST_WITH_HINT);
            let mut forms = vec![(tail.to_vec(), Anchor::Tail)];
            encoded(tail, true, &mut forms);
            forms.into_iter().for_each(|(form, anchor)| all.insert(form, anchor));
        }
        all
    }

    fn insert(&mut self, form: Vec<u8>, anchor: Anchor) {
        let Some(four) = form.first_chunk::<4>() else { return };
        let (place, bit) = hash(*four);
        self.filter[place] |= bit;
        self.beginning.entry(*four).or_default().push((form, anchor));
    }

    /// Calls back for every tail in a run that is long enough for a key to end there.
    pub(super) fn each(&self, text: &[u8], found: &mut impl FnMut(usize, Anchor)) {
        if !self.beginning.is_empty() {
            between_spaces(text, self.room, |from, end| self.each_between(&text[..end], from, found));
        }
    }

    fn each_between(&self, text: &[u8], from: usize, found: &mut impl FnMut(usize, Anchor)) {
        let is_other = |byte: &u8| !self.in_run[usize::from(*byte)];
        let mut at = from;
        while let Some(first) = text.get(at..at + self.room) {
            at += match first.iter().rposition(is_other) {
                Some(last) => last + 1,
                None => {
                    let run = &text[at + self.room..];
                    let end = at + self.room + run.iter().position(is_other).unwrap_or(run.len());
                    self.in_run(text, at + self.room - 4, end, found);
                    end + 1 - at
                }
            };
        }
    }

    /// Whether a text begins with a run that is long enough for a key, plain or encoded.
    pub(super) fn has_room(&self, text: &[u8]) -> bool {
        text.get(..SHORTEST_WITH_HINT).is_some_and(|run| run.iter().all(|byte| self.may_be_in_run(*byte)))
    }

    /// Whether a run goes on at this byte.
    pub(super) fn may_be_in_run(&self, byte: u8) -> bool {
        self.in_run[usize::from(byte)]
    }

    fn in_run(&self, text: &[u8], from: usize, end: usize, found: &mut impl FnMut(usize, Anchor)) {
        // Eight positions share a branch, which makes it fast.
        let (mut at, mut rest) = (from, &text[from..end]);
        while let Some(bytes) = rest.first_chunk::<11>() {
            let flag = |n: usize| self.filter[hash([bytes[n], bytes[n + 1], bytes[n + 2], bytes[n + 3]]).0];
            if flag(0) | flag(1) | flag(2) | flag(3) | flag(4) | flag(5) | flag(6) | flag(7) != 0 {
                (at..at + 8).for_each(|at| self.at(text, at, found));
            }
            (at, rest) = (at + 8, &rest[8..]);
        }
        (at..end).for_each(|at| self.at(text, at, found));
    }

    fn at(&self, text: &[u8], at: usize, found: &mut impl FnMut(usize, Anchor)) {
        let here = &text[at..];
        let Some(four) = here.first_chunk::<4>() else { return };
        let (place, bit) = hash(*four);
        let beginning = (self.filter[place] & bit != 0).then(|| self.beginning.get(four));
        for (form, anchor) in beginning.flatten().into_iter().flatten() {
            if here.starts_with(form) {
                found(at, *anchor);
            }
        }
    }
}

impl fmt::Debug for Tails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tails({})", self.beginning.len())
    }
}

/// How many bytes are looked at for a space at once.
const GLANCE: usize = 16;

/// Calls back for the parts between spaces that have at least this much room.
///
/// Spaces end most runs, and most text has no such part: with a key of forty characters sixteen of every 25 bytes are
/// looked at, because a part with room for it, wherever it begins, contains all of one such glance.
fn between_spaces(text: &[u8], room: usize, mut found: impl FnMut(usize, usize)) {
    let (mut from, mut at) = (0, 0);
    while let Some(bytes) = text[at.min(text.len())..].first_chunk() {
        if has_space(*bytes) {
            at += room + 1 - GLANCE;
            continue;
        }
        let before = memchr::memrchr(b' ', &text[from..at]).map_or(from, |n| from + n + 1);
        let end = memchr::memchr(b' ', &text[at..]).map_or(text.len(), |n| at + n);
        if end - before >= room {
            found(before, end);
        }
        (from, at) = (end, end + 1);
    }
}

fn has_space(bytes: [u8; GLANCE]) -> bool {
    const ONES: u128 = u128::MAX / 255;
    let zeros = u128::from_le_bytes(bytes) ^ (ONES * u128::from(b' '));
    zeros.wrapping_sub(ONES) & !zeros & (ONES << 7) != 0
}

/// Multiplicative hashing, whose upper bits depend on all four bytes: a position in the filter, and a bit there.
fn hash(four: [u8; 4]) -> (usize, u8) {
    let product = u32::from_le_bytes(four).wrapping_mul(0x9E37_79B1);
    ((product >> (32 - BITS)) as usize, 1 << (product >> (29 - BITS) & 7))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts with this much room and no byte that ends runs.
    fn long_runs(text: &[u8], tails: &Tails, room: usize) -> Vec<(usize, usize)> {
        let mut from = 0;
        let runs = text.split(|byte| !tails.may_be_in_run(*byte)).map(|run| {
            let part = (from, from + run.len());
            from += run.len() + 1;
            part
        });
        runs.filter(|(from, end)| end - from >= room).collect()
    }

    #[test]
    fn a_long_run_is_wholly_between_two_spaces() {
        let tails = Tails::new(std::iter::empty());
        proptest::proptest!(|(text in "([a-z]{0,48}[ !\t\u{a0}]{0,3}){0,8}", room in 20_usize..44)| {
            let mut parts = Vec::new();
            between_spaces(text.as_bytes(), room, |from, end| parts.push((from, end)));
            proptest::prop_assert!(parts.is_sorted_by(|one, next| one.1 < next.0), "{:?}", parts);
            proptest::prop_assert!(parts.iter().all(|(from, end)| end - from >= room), "{:?}", parts);
            for (from, end) in long_runs(text.as_bytes(), &tails, room) {
                let is_in = |part: &&(usize, usize)| part.0 <= from && end <= part.1;
                proptest::prop_assert_eq!(parts.iter().filter(is_in).count(), 1, "{:?}", parts);
            }
        });
    }

    #[test]
    fn a_space_is_seen_among_any_bytes() {
        for place in 0..GLANCE {
            for byte in (0..=u8::MAX).filter(|byte| *byte != b' ') {
                let mut bytes = [byte; GLANCE];
                assert!(!has_space(bytes), "{byte}");
                bytes[place] = b' ';
                assert!(has_space(bytes), "{bytes:?}");
            }
        }
    }
}
