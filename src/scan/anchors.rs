//! The few byte strings that give a key away, and one pass that finds them.
//!
//! Each known key without the vendor's prefix would bring a score of them, and an automaton of thousands is
//! slow; those are left to [`Tails`].

use aho_corasick::{AhoCorasick, Input, MatchKind};

use super::decode::base64_forms;
use super::known::PREFIXES;
use super::tails::Tails;

/// What stands at an anchor, and how it is written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// A prefix of the vendor's keys.
    Prefix(&'static str),
    /// The last four characters of a known key without such a prefix.
    Tail,
    /// The word `Bearer` and a space.
    Bearer,
    /// The vendor's name.
    Vendor,
    /// A prefix or tail in base64; the group it is in begins this many characters before.
    Base64 {
        /// Whether a tail, else a prefix.
        tail: bool,
        /// Characters from the start of the group of four to the anchor.
        back: usize,
    },
    /// A prefix or tail in UTF-16, amid other bytes.
    Wide {
        /// Whether a tail, else a prefix.
        tail: bool,
    },
    /// A prefix or tail that is URL-encoded.
    Url {
        /// Whether a tail, else a prefix.
        tail: bool,
    },
}

/// Every anchor, compiled.
#[derive(Debug)]
pub(super) struct Anchors {
    machine: Option<AhoCorasick>,
    patterns: Vec<(Vec<u8>, Anchor)>,
    /// For each pattern the others that can match at the same place.
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

/// The forms in which a prefix or a tail is written, but for the plain one.
pub(super) fn encoded(plain: &[u8], tail: bool, patterns: &mut Vec<(Vec<u8>, Anchor)>) {
    patterns.extend(
        base64_forms(plain).into_iter().map(|(pattern, back)| (pattern, Anchor::Base64 { tail, back })),
    );
    let wide: Vec<u8> = plain.iter().flat_map(|b| [*b, 0]).collect();
    patterns.push((wide[..wide.len() - 1].to_vec(), Anchor::Wide { tail }));
    let keep = |b: &u8| b.is_ascii_alphanumeric();
    let keep_unreserved = |b: &u8| keep(b) || matches!(b, b'-' | b'.' | b'_' | b'~');
    for upper in [true, false] {
        for pattern in [
            percent(plain, keep, upper),
            percent(plain, keep_unreserved, upper),
            percent(plain, |_| false, upper),
        ] {
            let is_new = pattern != plain && patterns.iter().all(|(known, _)| *known != pattern);
            if is_new {
                patterns.push((pattern, Anchor::Url { tail }));
            }
        }
    }
}

fn percent(plain: &[u8], keep: impl Fn(&u8) -> bool, upper: bool) -> Vec<u8> {
    let digits = |b: u8| if upper { format!("%{b:02X}") } else { format!("%{b:02x}") };
    plain.iter().flat_map(|b| if keep(b) { vec![*b] } else { digits(*b).into_bytes() }).collect()
}

fn sharing_a_start(patterns: &[(Vec<u8>, Anchor)], of: usize) -> Vec<usize> {
    let (pattern, _) = &patterns[of];
    let shares = |other: &Vec<u8>| other.starts_with(pattern) || pattern.starts_with(other);
    (0..patterns.len()).filter(|i| *i != of && shares(&patterns[*i].0)).collect()
}
