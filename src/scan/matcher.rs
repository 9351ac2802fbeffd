//! One pass over a text: anchors, candidates, verdicts.

use std::ops::Range;

use super::anchor::Anchor;
use super::anchors::Anchors;
use super::decode::{is_base64_of_key, is_escape};
use super::finding::Found;
use super::key_index::{PREFIXES, mask};
use super::redact::Section;
use super::text::{Candidate, Decoding, Text, legacy, take, unknown_v2};
use super::utf16::Utf16;
use super::window::Window;
use super::{Hit, KeyIndex, RuleId, State, redact};
use crate::model::api_key::LONGEST;

/// What is known of a text after a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// Whether all of it was judged.
    pub is_whole: bool,
    /// Whether nothing in it indicates a key, so that a version of it can only have one where it differs.
    pub is_blank: bool,
}

impl Scanned {
    const BLANK: Self = Self { is_whole: true, is_blank: true };
}

/// Finds keys in texts; built once, shared by every thread.
#[derive(Debug)]
pub struct Matcher {
    known: KeyIndex,
    anchors: Anchors,
}

impl Matcher {
    /// A matcher for the known keys and for everything of getimg's shapes.
    pub fn new(known: KeyIndex) -> Self {
        let anchors = Anchors::new(known.tails());
        Self { known, anchors }
    }

    /// Finds every key in a whole text of any encoding, in order of place; returns whether all of it was judged.
    pub fn scan(&self, bytes: &[u8], found: &mut impl FnMut(Hit)) -> bool {
        self.scan_version(bytes, None, found).is_whole
    }

    /// The same for a version of a text; where the other version was blank, `changed` has the parts in which this one
    /// differs from it, in order, and an empty part where something is gone.
    pub fn scan_version(
        &self,
        bytes: &[u8],
        changed: Option<&[Range<usize>]>,
        found: &mut impl FnMut(Hit),
    ) -> Scanned {
        match Utf16::of(bytes) {
            None if changed.is_some_and(|changed| self.is_blank_in(bytes, changed)) => Scanned::BLANK,
            None => self.report(bytes, &Section::default(), found),
            Some(encoding) => self.report_both_ways(bytes, encoding, found),
        }
    }

    /// Reads a text that begins in UTF-16 as bytes too: whoever added to it later may have written something else, or
    /// at an odd place.
    fn report_both_ways(&self, bytes: &[u8], encoding: Utf16, found: &mut impl FnMut(Hit)) -> Scanned {
        let (mut hits, mut more) = (Vec::new(), Vec::new());
        let place = Section { width: 2, ..Section::default() };
        let wide = self.report(&encoding.narrow(bytes), &place, &mut |hit: Hit| hits.push(hit));
        let plain = self.report(bytes, &Section::default(), &mut |hit: Hit| more.push(hit));
        let is_new = |hit: &Hit| {
            let next = hits.partition_point(|wide| wide.range.end <= hit.range.start);
            hits.get(next).is_none_or(|wide| wide.range.start >= hit.range.end)
        };
        more.retain(is_new);
        hits.append(&mut more);
        hits.sort_by_key(|hit| hit.range.start);
        hits.into_iter().for_each(found);
        Scanned { is_whole: wide.is_whole && plain.is_whole, is_blank: false }
    }

    /// The name of a file or a branch for display: with every key in it masked.
    pub fn masked(&self, name: &str) -> String {
        redact::name(name.as_bytes(), &self.keys_in(name.as_bytes()).0)
    }

    /// Whether what changed indicates no key, alone or with what is beside it.
    fn is_blank_in(&self, text: &[u8], changed: &[Range<usize>]) -> bool {
        !self.known.has_short() && self.anchors.are_not_in(text, changed)
    }

    /// Finds the keys in one-byte text and reports those that start in the part that `place` owns.
    pub(super) fn report(&self, text: &[u8], place: &Section, found: &mut impl FnMut(Hit)) -> Scanned {
        let (keys, scanned) = self.keys_in(text);
        redact::each_with_its_line(text, &keys, place, |at, key, redacted| {
            let known = self.known.get(&key.fingerprint);
            found(Hit {
                range: at.range,
                line: at.line,
                column: at.column,
                rule: key.rule,
                state: known.map_or(State::Unknown, |k| k.state),
                profile: known.map(|k| k.profile.clone()),
                fingerprint: key.fingerprint,
                redacted,
            });
        });
        scanned
    }

    fn keys_in(&self, bytes: &[u8]) -> (Vec<Found>, Scanned) {
        let text = self.judged(bytes);
        let is_blank = !text.has_anchors && !self.known.has_short();
        (without_overlaps(text.keys), Scanned { is_whole: text.budget > 0, is_blank })
    }

    /// How much is decoded to judge a text.
    #[cfg(test)]
    pub(super) fn decoded_bytes(&self, bytes: &[u8]) -> usize {
        self.judged(bytes).decoded.bytes
    }

    fn judged<'t>(&self, bytes: &'t [u8]) -> Text<'t> {
        let mut text = Text::new(bytes);
        self.anchors.each(bytes, |at, anchor| {
            text.has_anchors |= self.anchors.counts(bytes, at, anchor);
            self.judge(&mut text, at, anchor);
        });
        if self.known.has_short() {
            self.known.short_words(bytes, |start, length, fingerprint| {
                let range = start..start + length;
                let mask = mask(&bytes[range.clone()]);
                text.keys.push(Found { range, rule: RuleId::KnownKey, fingerprint, mask });
            });
        }
        text
    }

    fn judge(&self, text: &mut Text<'_>, at: usize, anchor: Anchor) {
        let bytes = text.bytes;
        match anchor {
            Anchor::Prefix(prefix) => self.judge_prefix(text, at, prefix),
            Anchor::Tail => self.judge_tail(text, at),
            Anchor::Bearer => text.bearer(at),
            Anchor::Vendor => text.assigned(at),
            Anchor::Base64 { tail, back } => {
                if is_base64_of_key(bytes, at, back, tail)
                    && let Some((window, at)) = text.decoded.base64(bytes, at, back)
                {
                    let verdict = self.in_window(window, at, tail);
                    text.take_decoded(verdict);
                }
            }
            Anchor::Wide { tail } => {
                let window = text.decoded.widened(bytes, at);
                let verdict = window.and_then(|(window, at)| self.in_window(window, at, tail));
                text.take_decoded(verdict);
            }
            Anchor::Url { tail } => self.judge_escaped(text, at, tail),
        }
    }

    fn judge_escaped(&self, text: &mut Text<'_>, at: usize, tail: bool) {
        let window = text.decoded.unescaped(text.bytes, at);
        let verdict = window.and_then(|(window, at)| self.in_window(window, at, tail));
        text.take_decoded(verdict);
    }

    fn judge_prefix(&self, text: &mut Text<'_>, at: usize, prefix: &'static str) {
        let bytes = text.bytes;
        if let Some((length, _)) = self.known.starting_at(bytes, at, prefix) {
            text.keys.push(take(bytes, &Candidate { start: at, length, rule: RuleId::KnownKey }));
            return;
        }
        if prefix == "key-" {
            text.keys.extend(legacy(bytes, at).map(|v| take(bytes, &v)));
        }
        // Longer than any key: neither a key nor the rest of an escape.
        let end = text.run_end(at);
        if end - at > LONGEST {
            return;
        }
        let verdict = unknown_v2(bytes, at, prefix, &mut text.budget);
        let is_near = |v: &Candidate| text.vendor.are_near(bytes, &(v.start..v.start + v.length));
        text.keys.extend(verdict.filter(is_near).map(|v| take(bytes, &v)));
        if is_escape(&bytes[end..]) {
            self.judge_escaped(text, at, false);
        }
    }

    fn judge_tail(&self, text: &mut Text<'_>, at: usize) {
        let bytes = text.bytes;
        if let Some((start, length, _)) = self.known.ending_at(bytes, at) {
            text.keys.push(take(bytes, &Candidate { start, length, rule: RuleId::KnownKey }));
            return;
        }
        let run =
            bytes[..at].iter().rev().take(1024).take_while(|b| super::key_index::is_key_byte(**b)).count();
        if matches!(bytes[..at - run].last(), Some(b'%' | b'\\')) {
            self.judge_escaped(text, at, true);
        }
    }

    /// What is at a place in a decoded text: a known key, or a possible unknown one near the vendor's name.
    fn in_window(&self, window: &mut Window, at: usize, tail: bool) -> Option<Decoding> {
        let bytes = &window.bytes;
        let of = |start: usize, length: usize, rule| {
            let range = window.range_of(start, start + length);
            Some(Decoding::Key(Found { range, ..take(bytes, &Candidate { start, length, rule }) }))
        };
        if tail {
            let (start, length, _) = self.known.ending_at(bytes, at)?;
            return of(start, length, RuleId::KnownKey);
        }
        let prefix = PREFIXES.into_iter().find(|p| bytes[at..].starts_with(p.as_bytes()))?;
        if let Some((length, _)) = self.known.starting_at(bytes, at, prefix) {
            return of(at, length, RuleId::KnownKey);
        }
        if prefix == "key-" {
            return legacy(bytes, at).and_then(|v| of(v.start, v.length, v.rule));
        }
        let (mut budget, most) = (usize::MAX, usize::MAX);
        let verdict = unknown_v2(bytes, at, prefix, &mut budget);
        let key = verdict.map(|v| {
            let range = window.range_of(v.start, v.start + v.length);
            (Found { range, ..take(bytes, &v) }, v.start..v.start + v.length)
        });
        let spent = most - budget;
        let near = window.range_of(at, at + 1);
        let is_named = key.as_ref().is_some_and(|(_, inside)| window.vendor.are_near(&window.bytes, inside));
        Some(Decoding::Unknown { key: key.map(|(key, _)| key), near, is_named, spent })
    }
}

/// In order of place; of two findings that overlap the more certain one is kept.
fn without_overlaps(mut keys: Vec<Found>) -> Vec<Found> {
    keys.sort_by_key(|key| (key.range.start, key.rule, usize::MAX - key.range.end));
    let mut kept: Vec<Found> = Vec::with_capacity(keys.len());
    for key in keys {
        match kept.last_mut() {
            Some(last) if key.range.start < last.range.end => {
                if key.rule < last.rule {
                    *last = key;
                }
            }
            _ => kept.push(key),
        }
    }
    kept
}
