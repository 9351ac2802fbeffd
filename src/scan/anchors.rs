//! The byte strings that indicate a key, and one pass that finds them.
//!
//! Each known key without the vendor's prefix would add about twenty of them, and an automaton of thousands is
//! slow; [`Tails`] finds those keys.

use aho_corasick::{AhoCorasick, Input, MatchKind};

use super::anchor::{Anchor, encoded};
use super::key_index::PREFIXES;
use super::tails::Tails;

/// Every anchor, compiled.
#[derive(Debug)]
pub(super) struct Anchors {
    machine: Option<AhoCorasick>,
    patterns: Vec<(Vec<u8>, Anchor)>,
    /// For each pattern, the others that can match at the same place.
    same_start: Vec<Vec<usize>>,
    tails: Tails,
}

impl Anchors {
    /// The anchors of the vendor's shapes and of the tails of other known keys.
    pub(super) fn new<'a>(tails: impl Iterator<Item = &'a [u8; 4]>) -> Self {
        let mut patterns = Vec::new();
        for prefix in PREFIXES {
            patterns.push((prefix.as_bytes().to_vec(), Anchor::Prefix(prefix)));
            encoded(prefix.as_bytes(), false, &mut patterns);
        }
        patterns.extend(["Bearer ", "bearer ", "BEARER "].map(|w| (w.into(), Anchor::Bearer)));
        patterns.extend(["getimg", "GETIMG", "Getimg", "GetImg"].map(|w| (w.into(), Anchor::Vendor)));
        let same_start = (0..patterns.len()).map(|i| sharing_a_start(&patterns, i)).collect();
        // Always the same few patterns, which every test of the matcher has compiled.
        let machine = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(patterns.iter().map(|(pattern, _)| pattern))
            .ok();
        Self { machine, patterns, same_start, tails: Tails::new(tails) }
    }

    /// Calls back for every anchor in the text; anchors may overlap.
    pub(super) fn each(&self, text: &[u8], mut found: impl FnMut(usize, Anchor)) {
        self.tails.each(text, &mut found);
        let Some(machine) = &self.machine else { return };
        let mut from = 0;
        while let Some(hit) = machine.find(Input::new(text).span(from..text.len())) {
            let id = hit.pattern().as_usize();
            found(hit.start(), self.patterns[id].1);
            for other in &self.same_start[id] {
                let (pattern, anchor) = &self.patterns[*other];
                if text[hit.start()..].starts_with(pattern) {
                    found(hit.start(), *anchor);
                }
            }
            from = hit.start() + 1;
        }
    }
}

fn sharing_a_start(patterns: &[(Vec<u8>, Anchor)], of: usize) -> Vec<usize> {
    let (pattern, _) = &patterns[of];
    let shares = |other: &Vec<u8>| other.starts_with(pattern) || pattern.starts_with(other);
    (0..patterns.len()).filter(|i| *i != of && shares(&patterns[*i].0)).collect()
}
