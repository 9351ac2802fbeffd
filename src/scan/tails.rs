//! Finds known keys without the vendor's prefix by their last four characters, at a cost that does not grow with their
//! number.
//!
//! A key is in a run of at least twenty characters of its alphabet or of an encoding's, and most text has no
//! such runs: it is skipped in steps. Within a run, a filter shows where a tail may begin: a flag for each hash of
//! four bytes.

use std::collections::HashMap;
use std::fmt;

use super::anchor::{Anchor, encoded};
use super::key_index::is_key_byte;
use crate::model::api_key::SHORTEST_WITH_HINT;

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
}

impl Tails {
    /// These tails, plain and in base64, URL-encoding and UTF-16.
    pub(super) fn new<'a>(tails: impl Iterator<Item = &'a [u8; 4]>) -> Self {
        let in_run = std::array::from_fn(|byte| {
            let byte = u8::try_from(byte).unwrap_or_default();
            is_key_byte(byte) || b"=%\\\r\n\0".contains(&byte)
        });
        let mut all = Self { filter: Box::new([0; 1 << BITS]), beginning: HashMap::new(), in_run };
        for tail in tails {
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
        if self.beginning.is_empty() {
            return;
        }
        let is_other = |byte: &u8| !self.in_run[usize::from(*byte)];
        let mut at = 0;
        while let Some(first) = text.get(at..at + SHORTEST_WITH_HINT) {
            at += match first.iter().rposition(is_other) {
                Some(last) => last + 1,
                None => {
                    let run = &text[at + SHORTEST_WITH_HINT..];
                    let end = at + SHORTEST_WITH_HINT + run.iter().position(is_other).unwrap_or(run.len());
                    self.in_run(text, at + SHORTEST_WITH_HINT - 4, end, found);
                    end + 1 - at
                }
            };
        }
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

/// Multiplicative hashing, whose upper bits depend on all four bytes: a position in the filter, and a bit there.
fn hash(four: [u8; 4]) -> (usize, u8) {
    let product = u32::from_le_bytes(four).wrapping_mul(0x9E37_79B1);
    ((product >> (32 - BITS)) as usize, 1 << (product >> (29 - BITS) & 7))
}
