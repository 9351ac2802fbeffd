//! The byte strings that indicate a key, and one pass that finds them.
//!
//! Each known key without the vendor's prefix would add about twenty of them, and an automaton of thousands is
//! slow; [`Tails`] finds those keys.

use std::iter::Peekable;
use std::ops::Range;
use std::slice;

use aho_corasick::{AhoCorasick, Input, MatchKind};

use super::anchor::{Anchor, encoded};
use super::key_index::PREFIXES;
use super::tails::Tails;

/// No anchor is longer.
const LONGEST: usize = 16;

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

    /// Whether a text has no anchor, if it has none but where it changed: in these parts, which are in order.
    pub(super) fn are_not_in(&self, text: &[u8], changed: &[Range<usize>]) -> bool {
        let mut windows = Windows::new(text, changed, &self.tails);
        windows.all(|window| {
            let part = &text[window];
            let mut is_blank = self.machine.as_ref().is_none_or(|machine| machine.find(part).is_none());
            if is_blank {
                self.tails.each(part, &mut |_, _| is_blank = false);
            }
            is_blank
        })
    }
}

/// The parts of a text in which a change can make an anchor: what changed, widened by an anchor's length and then to
/// whole runs, since a tail counts by its place in one. None overlaps another, so that each byte is looked at once.
struct Windows<'t> {
    text: &'t [u8],
    changed: Peekable<slice::Iter<'t, Range<usize>>>,
    tails: &'t Tails,
    /// Where the last one ended: at a byte outside of runs.
    done: usize,
}

impl<'t> Windows<'t> {
    fn new(text: &'t [u8], changed: &'t [Range<usize>], tails: &'t Tails) -> Self {
        Self { text, changed: changed.iter().peekable(), tails, done: 0 }
    }

    fn end_after(&self, change: &Range<usize>) -> usize {
        let from = self.text.len().min(change.end + LONGEST);
        self.text[from..]
            .iter()
            .position(|b| !self.tails.may_be_in_run(*b))
            .map_or(self.text.len(), |n| from + n)
    }
}

impl Iterator for Windows<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let change = self.changed.next()?;
        let start = change.start.saturating_sub(LONGEST).max(self.done);
        let before = self.text[self.done..start].iter().rposition(|b| !self.tails.may_be_in_run(*b));
        let start = before.map_or(self.done, |at| self.done + at + 1);
        let mut end = self.end_after(change);
        while let Some(change) = self.changed.next_if(|change| change.start.saturating_sub(LONGEST) <= end) {
            if change.end + LONGEST > end {
                end = self.end_after(change);
            }
        }
        self.done = end;
        Some(start..end)
    }
}

fn sharing_a_start(patterns: &[(Vec<u8>, Anchor)], of: usize) -> Vec<usize> {
    let (pattern, _) = &patterns[of];
    let shares = |other: &Vec<u8>| other.starts_with(pattern) || pattern.starts_with(other);
    (0..patterns.len()).filter(|i| *i != of && shares(&patterns[*i].0)).collect()
}
