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
    pub(super) fn new<'a>(tails: impl Iterator<Item = (&'a [u8; 4], usize)>) -> Self {
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
    pub(super) fn each(&self, text: &[u8], found: impl FnMut(usize, Anchor)) {
        self.each_in(text, 0..text.len(), found);
    }

    fn each_in(&self, text: &[u8], part: Range<usize>, mut found: impl FnMut(usize, Anchor)) {
        self.tails.each(&text[part.clone()], &mut |at, anchor| found(part.start + at, anchor));
        let Some(machine) = &self.machine else { return };
        let mut from = part.start;
        while let Some(hit) = machine.find(Input::new(text).span(from..part.end)) {
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

    /// Whether there may be a key at an anchor, now or after a change that is not in the run around it.
    ///
    /// A key that begins there needs a run of its length: `sk_` in `task_size` is none.
    pub(super) fn counts(&self, text: &[u8], at: usize, anchor: Anchor) -> bool {
        !anchor.begins_a_key() || self.tails.has_room(&text[at..])
    }

    /// Whether a text has no anchor that counts, if it has none but where it changed: in these parts, in order.
    pub(super) fn are_not_in(&self, text: &[u8], changed: &[Range<usize>]) -> bool {
        Windows::new(text, changed, &self.tails).all(|window| {
            let mut is_blank = true;
            self.each_in(text, window, |at, anchor| is_blank &= !self.counts(text, at, anchor));
            is_blank
        })
    }
}

/// The parts of a text in which a change can make an anchor: what changed, widened by an anchor's length and then to
/// whole runs, since an anchor counts by its place in one. None overlaps another, so that each byte is looked at once.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the windows of these changes begin and end in a text.
    fn windows(text: &str, changed: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let changed: Vec<_> = changed.iter().map(|(start, end)| *start..*end).collect();
        let tails = Tails::new([(b"tail", 20)].into_iter());
        Windows::new(text.as_bytes(), &changed, &tails).map(|window| (window.start, window.end)).collect()
    }

    #[test]
    fn outside_of_runs_only_what_is_as_near_as_an_anchor_is_long_is_looked_at() {
        let text = " ".repeat(200);
        for (changed, looked_at) in [
            (vec![], vec![]),
            (vec![(0, 0)], vec![(0, 16)]),
            (vec![(3, 4)], vec![(0, 20)]),
            (vec![(100, 110)], vec![(84, 126)]),
            (vec![(190, 200)], vec![(174, 200)]),
            (vec![(50, 50), (70, 80)], vec![(34, 96)]),
            (vec![(50, 50), (82, 82)], vec![(34, 98)]),
            (vec![(50, 50), (83, 83)], vec![(34, 66), (67, 99)]),
            (vec![(10, 10), (20, 30), (100, 100), (180, 180)], vec![(0, 46), (84, 116), (164, 196)]),
        ] {
            assert_eq!(windows(&text, &changed), looked_at, "{changed:?}");
        }
    }

    #[test]
    fn a_run_is_looked_at_as_a_whole_and_once() {
        let text = [" ".repeat(20), "a".repeat(100), " ".repeat(40), "a".repeat(40)].join("");
        for (changed, looked_at) in [
            (vec![(60, 60)], vec![(20, 120)]),
            (vec![(37, 37), (40, 50), (90, 90)], vec![(20, 120)]),
            (vec![(36, 36)], vec![(20, 120)]),
            (vec![(35, 35)], vec![(19, 120)]),
            (vec![(60, 60), (110, 110)], vec![(20, 126)]),
            (vec![(60, 60), (137, 137)], vec![(20, 120), (121, 153)]),
            (vec![(60, 60), (136, 136)], vec![(20, 152)]),
            (vec![(60, 60), (150, 150)], vec![(20, 120), (134, 200)]),
            (vec![(180, 180)], vec![(160, 200)]),
        ] {
            assert_eq!(windows(&text, &changed), looked_at, "{changed:?}");
        }
    }
}
