//! One pass over a text: anchors, candidates, verdicts.

use super::anchor::Anchor;
use super::anchors::Anchors;
use super::decode::{
    Utf16, Window, base64_around, is_base64_of_key, is_escape, unescaped_around, widened_around,
};
use super::finding::Found;
use super::known::{PREFIXES, mask};
use super::redact::Place;
use super::{Hit, Known, RuleId, State, context, plausible, redact};
use crate::model::Fingerprint;

/// Finds keys in texts; built once, shared by every thread.
#[derive(Debug)]
pub struct Matcher {
    known: Known,
    anchors: Anchors,
}

/// A candidate that was taken for a key, inside the text that was judged.
struct Verdict {
    start: usize,
    length: usize,
    rule: RuleId,
}

impl Matcher {
    /// A matcher for the known keys and for everything of getimg's shapes.
    pub fn new(known: Known) -> Self {
        let anchors = Anchors::new(known.tails());
        Self { known, anchors }
    }

    /// Finds every key in a whole text of any encoding, in order of place; whether all of it was judged.
    pub fn scan(&self, bytes: &[u8], found: &mut impl FnMut(Hit)) -> bool {
        match Utf16::of(bytes) {
            None => self.report(bytes, &Place::default(), found),
            Some(encoding) => {
                let place = Place { width: 2, ..Place::default() };
                self.report(&encoding.narrow(bytes), &place, found)
            }
        }
    }

    /// The name of a file or a branch, to be shown: with every key in it masked.
    pub fn masked(&self, name: &str) -> String {
        redact::name(name.as_bytes(), &self.keys_in(name.as_bytes()))
    }

    /// Finds the keys in one-byte text and reports those that start in the part `place` owns.
    pub(super) fn report(&self, text: &[u8], place: &Place, found: &mut impl FnMut(Hit)) -> bool {
        let keys = self.keys_in(text);
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
        true
    }

    fn keys_in(&self, text: &[u8]) -> Vec<Found> {
        let mut keys = Vec::new();
        self.anchors.each(text, |at, anchor| self.judge(text, at, anchor, &mut keys));
        if self.known.has_short() {
            self.known.short_words(text, |start, length, fingerprint| {
                let range = start..start + length;
                let mask = mask(&text[range.clone()]);
                keys.push(Found { range, rule: RuleId::KnownKey, fingerprint, mask });
            });
        }
        without_overlaps(keys)
    }

    fn judge(&self, text: &[u8], at: usize, anchor: Anchor, keys: &mut Vec<Found>) {
        match anchor {
            Anchor::Prefix(prefix) => self.judge_prefix(text, at, prefix, keys),
            Anchor::Tail => self.judge_tail(text, at, keys),
            Anchor::Bearer => keys.extend(bearer(text, at).map(|v| take(text, &v))),
            Anchor::Vendor => keys.extend(assigned(text, at).iter().map(|v| take(text, v))),
            Anchor::Base64 { tail, back } => {
                let window = is_base64_of_key(text, at, back, tail).then(|| base64_around(text, at, back));
                if let Some(window) = window.flatten() {
                    self.judge_window(text, &window, tail, keys);
                }
            }
            Anchor::Wide { tail } => self.judge_window(text, &widened_around(text, at), tail, keys),
            Anchor::Url { tail } => self.judge_window(text, &unescaped_around(text, at), tail, keys),
        }
    }

    fn judge_prefix(&self, text: &[u8], at: usize, prefix: &'static str, keys: &mut Vec<Found>) {
        let verdict = self.starting_at(text, at, prefix);
        let is_known = verdict.as_ref().is_some_and(|v| v.rule == RuleId::KnownKey);
        keys.extend(verdict.map(|v| take(text, &v)));
        let after = at + text[at..].iter().take(1024).take_while(|b| super::known::is_key_byte(**b)).count();
        if !is_known && is_escape(&text[after..]) {
            self.judge_window(text, &unescaped_around(text, at), false, keys);
        }
    }

    fn judge_tail(&self, text: &[u8], at: usize, keys: &mut Vec<Found>) {
        if let Some((start, length, _)) = self.known.ending_at(text, at) {
            keys.push(take(text, &Verdict { start, length, rule: RuleId::KnownKey }));
            return;
        }
        let run = text[..at].iter().rev().take(1024).take_while(|b| super::known::is_key_byte(**b)).count();
        if matches!(text[..at - run].last(), Some(b'%' | b'\\')) {
            self.judge_window(text, &unescaped_around(text, at), true, keys);
        }
    }

    fn judge_window(&self, text: &[u8], window: &Window, tail: bool, keys: &mut Vec<Found>) {
        let bytes = &window.bytes;
        let known_by_tail = || {
            let (start, length, _) = self.known.ending_at(bytes, window.at)?;
            Some(Verdict { start, length, rule: RuleId::KnownKey })
        };
        let by_prefix = || {
            let prefix = PREFIXES.into_iter().find(|p| bytes[window.at..].starts_with(p.as_bytes()))?;
            let verdict = self.starting_at(bytes, window.at, prefix);
            verdict.or_else(|| {
                let near = context::is_near_vendor(text, &window.range_of(window.at, window.at + 1));
                near.then(|| unknown_v2(bytes, window.at, prefix)).flatten()
            })
        };
        if let Some(verdict) = if tail { known_by_tail() } else { by_prefix() } {
            let mut found = take(bytes, &verdict);
            found.range = window.range_of(verdict.start, verdict.start + verdict.length);
            keys.push(found);
        }
    }

    /// A known key, one of the legacy shape, or one of the current shape near the vendor's name.
    fn starting_at(&self, text: &[u8], at: usize, prefix: &'static str) -> Option<Verdict> {
        if let Some((length, _)) = self.known.starting_at(text, at, prefix) {
            return Some(Verdict { start: at, length, rule: RuleId::KnownKey });
        }
        if prefix == "key-" {
            let length = plausible::v1_length(text, at).filter(|_| plausible::is_start(text, at))?;
            return Some(Verdict { start: at, length, rule: RuleId::LegacyShape });
        }
        unknown_v2(text, at, prefix).filter(|v| context::is_near_vendor(text, &(v.start..v.start + v.length)))
    }
}

fn unknown_v2(text: &[u8], at: usize, prefix: &str) -> Option<Verdict> {
    let token = plausible::token_at(text, at);
    let ours = prefix == "sk_"
        && plausible::is_start(text, at)
        && plausible::is_v2_secret(token)
        && context::owner(text, at) != context::Owner::Other;
    ours.then_some(Verdict { start: at, length: token.len(), rule: RuleId::NearGetimg })
}

fn bearer(text: &[u8], at: usize) -> Option<Verdict> {
    let start = at + "Bearer ".len();
    let token = plausible::token_at(text, start);
    let stripe = token.starts_with(b"sk_") && !plausible::is_v2_secret(token);
    let ours = plausible::is_secret_value(token)
        && !stripe
        && context::owner(text, start) != context::Owner::Other
        && context::is_near_vendor(text, &(at..start + token.len()));
    ours.then_some(Verdict { start, length: token.len(), rule: RuleId::Bearer })
}

fn assigned(text: &[u8], vendor: usize) -> Vec<Verdict> {
    if !context::is_vendor_name(text, vendor) {
        return Vec::new();
    }
    let values = context::assigned_values(text, vendor).into_iter();
    let ours = values.filter_map(|start| {
        let token = plausible::token_at(text, start);
        let is_ours =
            plausible::is_secret_value(token) && context::owner(text, start) != context::Owner::Other;
        is_ours.then_some(Verdict { start, length: token.len(), rule: RuleId::Assignment })
    });
    ours.collect()
}

fn take(text: &[u8], verdict: &Verdict) -> Found {
    let range = verdict.start..verdict.start + verdict.length;
    let key = &text[range.clone()];
    Found { rule: verdict.rule, fingerprint: Fingerprint::of(key), mask: mask(key), range }
}

/// In order of place; of two findings that overlap the surer one stays.
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
