//! Finds known keys by their shape and fingerprint.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::State;
use crate::model::api_key::{LONGEST, SHORTEST, SHORTEST_WITH_HINT, is_token_character};
use crate::model::{Fingerprint, ProfileName};

/// The prefixes of the vendor's keys.
pub(super) const PREFIXES: [&str; 2] = ["sk_", "key-"];

/// What is known about a known key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// The profile that holds or held it.
    pub profile: ProfileName,
    /// Its state for that profile.
    pub state: State,
    /// Its length in characters.
    pub length: usize,
    /// Its hint (`sk_…3f9a`), for keys of 20 characters or more.
    pub hint: Option<String>,
}

/// The known keys by fingerprint, and what shows where hashing is worthwhile.
#[derive(Clone, Debug, Default)]
pub struct KeyIndex {
    keys: HashMap<Fingerprint, KnownKey>,
    /// Prefix → length → the last four characters of keys that have both.
    prefixed: HashMap<&'static str, BTreeMap<usize, HashSet<[u8; 4]>>>,
    /// Last four characters → lengths, for keys with neither of the vendor's prefixes.
    tails: BTreeMap<[u8; 4], BTreeSet<usize>>,
    /// The lengths of keys that have no hint.
    short: BTreeSet<usize>,
}

impl KeyIndex {
    /// Adds a key; of two states of one key the worse one is kept.
    pub fn insert(&mut self, fingerprint: Fingerprint, key: KnownKey) {
        let tail = key.hint.as_deref().and_then(|hint| hint.split_once('…'));
        let last = tail.and_then(|(_, tail)| <[u8; 4]>::try_from(tail.as_bytes()).ok());
        let prefix = tail.and_then(|(prefix, _)| PREFIXES.into_iter().find(|p| *p == prefix));
        match (last, prefix) {
            (Some(last), Some(prefix)) => {
                self.prefixed.entry(prefix).or_default().entry(key.length).or_default().insert(last);
            }
            (Some(last), None) => {
                self.tails.entry(last).or_default().insert(key.length);
            }
            (None, _) => {
                self.short.insert(key.length);
            }
        }
        let known = self.keys.entry(fingerprint).or_insert_with(|| key.clone());
        if key.state < known.state {
            *known = key;
        }
    }

    /// The key with this fingerprint.
    pub fn get(&self, fingerprint: &Fingerprint) -> Option<&KnownKey> {
        self.keys.get(fingerprint)
    }

    /// The last four characters of every key that starts with neither prefix, and the length of the shortest such key.
    pub(super) fn tails(&self) -> impl Iterator<Item = (&[u8; 4], usize)> {
        self.tails.iter().filter_map(|(tail, lengths)| Some((tail, *lengths.first()?)))
    }

    /// Whether a key without a hint is known, so that every word has to be tried.
    pub(super) fn has_short(&self) -> bool {
        !self.short.is_empty()
    }

    /// The length of the known key that starts at `at` with one of the vendor's prefixes.
    pub(super) fn starting_at(&self, text: &[u8], at: usize, prefix: &str) -> Option<(usize, Fingerprint)> {
        let long = self.prefixed.get(prefix).into_iter().flatten();
        let long = long.filter(|(length, tails)| {
            let end = at + **length;
            text.get(end.wrapping_sub(4)..end)
                .and_then(|t| t.try_into().ok())
                .is_some_and(|t: [u8; 4]| tails.contains(&t))
        });
        let lengths = long.map(|(length, _)| *length).chain(self.short.iter().copied());
        lengths.filter_map(|length| self.exactly(text, at, length)).max_by_key(|(length, _)| *length)
    }

    /// The start of the known key that ends with the four characters at `tail`.
    pub(super) fn ending_at(&self, text: &[u8], tail: usize) -> Option<(usize, usize, Fingerprint)> {
        let end = tail + 4;
        let last: [u8; 4] = text.get(tail..end)?.try_into().ok()?;
        let starts = self.tails.get(&last)?.iter().rev().filter_map(|length| end.checked_sub(*length));
        starts
            .filter_map(|start| self.exactly(text, start, end - start).map(|(n, print)| (start, n, print)))
            .next()
    }

    /// The known keys without a hint among the words of a text.
    pub(super) fn short_words(&self, text: &[u8], mut found: impl FnMut(usize, usize, Fingerprint)) {
        let in_key = |b: u8| is_key_byte(b) || b == b'=';
        let mut at = 0;
        while at < text.len() {
            let run = text[at..].iter().take_while(|b| in_key(**b)).count();
            if run >= SHORTEST {
                self.words_of_run(text, at, at + run, &mut found);
            }
            at += run + 1;
        }
    }

    fn words_of_run(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        found: &mut impl FnMut(usize, usize, Fingerprint),
    ) {
        let edge = |at: usize| at == end || !text[at].is_ascii_alphanumeric();
        for at in start..end + 1 - SHORTEST {
            if at > start && (text[at - 1].is_ascii_alphanumeric() || !text[at].is_ascii_alphanumeric()) {
                continue;
            }
            for length in &self.short {
                let fits = at + length <= end && edge(at + length);
                if let Some((length, print)) = fits.then(|| self.exactly(text, at, *length)).flatten() {
                    found(at, length, print);
                }
            }
        }
    }

    fn exactly(&self, text: &[u8], at: usize, length: usize) -> Option<(usize, Fingerprint)> {
        let candidate = text.get(at..at.checked_add(length)?)?;
        if !(SHORTEST..=LONGEST).contains(&length) || !is_key_shaped(candidate) {
            return None;
        }
        let print = Fingerprint::of(candidate);
        self.keys.get(&print).filter(|key| key.length == length).map(|_| (length, print))
    }
}

/// Whether a byte may be in a key before its trailing `=`.
pub(super) fn is_key_byte(byte: u8) -> bool {
    is_token_character(char::from(byte))
}

fn is_key_shaped(text: &[u8]) -> bool {
    let body = text.iter().rposition(|b| *b != b'=').map_or(0, |last| last + 1);
    body > 0 && text[..body].iter().all(|b| is_key_byte(*b))
}

/// The hint of a key: prefix and last four characters, or nothing for a short one.
pub(super) fn mask(key: &[u8]) -> String {
    let long = key.len() >= SHORTEST_WITH_HINT && key.is_ascii();
    let text = std::str::from_utf8(key).ok().filter(|_| long);
    text.map_or_else(
        || "…".to_owned(),
        |text| {
            let prefix = PREFIXES.into_iter().find(|p| text.starts_with(p)).unwrap_or("");
            format!("{prefix}…{}", &text[text.len() - 4..])
        },
    )
}
