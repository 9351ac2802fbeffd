//! The line around a key, with every key on it masked.

use std::ops::Range;

use memchr::{memchr_iter, memrchr};

use super::finding::Found;
use super::key_index::{is_key_byte, mask};
use super::plausible::{is_start, is_v2_secret};
use crate::model::api_key::LONGEST;

/// How many bytes of a line are shown on each side of a key.
const AROUND: usize = 60;

/// The place of a text in the whole that it is a part of.
#[derive(Clone, Debug)]
pub(super) struct Section {
    /// The bytes of the whole before it.
    pub(super) offset: u64,
    /// The lines that end before it.
    pub(super) lines: u64,
    /// The characters of its first line before it.
    pub(super) columns: u64,
    /// The bytes of the whole for each of its own.
    pub(super) width: u64,
    /// The part whose findings are reported; the rest is there for overlaps.
    pub(super) owned: Range<usize>,
}

/// The place of a finding in the whole.
pub(super) struct Position {
    pub(super) range: Range<u64>,
    pub(super) line: u64,
    pub(super) column: u64,
}

impl Default for Section {
    fn default() -> Self {
        Self { offset: 0, lines: 0, columns: 0, width: 1, owned: 0..usize::MAX }
    }
}

/// Calls back for each key that starts in the owned part, with its place and its redacted line.
pub(super) fn each_with_its_line(
    text: &[u8],
    keys: &[Found],
    place: &Section,
    mut call: impl FnMut(Position, &Found, String),
) {
    let (mut line, mut column, mut counted) = (place.lines + 1, place.columns + 1, 0);
    for (n, key) in keys.iter().enumerate() {
        let passed = &text[counted..key.range.start];
        line += count(passed);
        column = memrchr(b'\n', passed)
            .map_or(column + characters(passed), |end| characters(&passed[end + 1..]) + 1);
        counted = key.range.start;
        if place.owned.contains(&key.range.start) {
            let offset = |at: usize| place.offset + at as u64 * place.width;
            let at = Position { range: offset(key.range.start)..offset(key.range.end), line, column };
            call(at, key, line_around(text, keys, n));
        }
    }
}

/// The number of line ends in a part of a text.
pub(super) fn count(text: &[u8]) -> u64 {
    memchr_iter(b'\n', text).count() as u64
}

/// The number of characters; bytes that are not text count one each.
pub(super) fn characters(text: &[u8]) -> u64 {
    text.iter().filter(|b| !(0x80..0xc0).contains(*b)).count() as u64
}

fn line_around(text: &[u8], keys: &[Found], n: usize) -> String {
    let key = &keys[n].range;
    let is_end = |b: &u8| matches!(b, b'\n' | b'\r');
    let low = key.start.saturating_sub(AROUND);
    let low = text[low..key.start].iter().rposition(is_end).map_or(low, |at| low + at + 1);
    let high = text.len().min(key.end + AROUND);
    let high = text[key.end..high].iter().position(is_end).map_or(high, |at| key.end + at);
    let mut masked = masks(keys[n.saturating_sub(64)..].iter().take(128));
    masked.extend(others(text, low, high));
    with_masks(text, low..high, masked)
}

/// The name of a file or a branch, with every key in it masked.
pub(super) fn name(text: &[u8], keys: &[Found]) -> String {
    let mut masked = masks(keys.iter());
    masked.extend(random_words(text));
    with_masks(text, 0..text.len(), masked)
}

fn masks<'a>(keys: impl Iterator<Item = &'a Found>) -> Vec<(Range<usize>, String)> {
    keys.map(|key| (key.range.clone(), key.mask.clone())).collect()
}

fn with_masks(text: &[u8], part: Range<usize>, mut masked: Vec<(Range<usize>, String)>) -> String {
    let (low, high) = (part.start, part.end);
    masked.sort_by_key(|(range, _)| (range.start, usize::MAX - range.end));
    let (mut line, mut at, mut hidden) = (String::new(), low, 0);
    for (range, mask) in masked.into_iter().filter(|(range, _)| range.end > low && range.start < high) {
        line.push_str(&String::from_utf8_lossy(&text[at..range.start.max(at)]));
        if range.start >= hidden {
            line.push_str(&mask);
        }
        hidden = range.end.max(hidden);
        at = hidden;
    }
    line.push_str(&String::from_utf8_lossy(&text[at..high.max(at)]));
    line
}

/// `sk_` and a random word after it; file names also contain words that are not keys.
fn random_words(text: &[u8]) -> impl Iterator<Item = (Range<usize>, String)> {
    let starts = memchr::memmem::find_iter(text, b"sk_").filter(|at| is_start(text, *at));
    starts.filter_map(|at| {
        let length = text[at + 3..].iter().take_while(|b| b.is_ascii_alphanumeric()).count() + 3;
        let word = &text[at..at + length];
        let is_random = word[3..].iter().any(u8::is_ascii_digit) && word.iter().any(u8::is_ascii_uppercase);
        (is_random && is_v2_secret(word)).then(|| (at..at + length, mask(word)))
    })
}

/// Anything else on the line that looks like a key, with its hint; complete, even if it begins or ends outside.
///
/// No key is longer than what is read on either side; a long run is not scanned again for each key in it.
fn others(text: &[u8], low: usize, high: usize) -> Vec<(Range<usize>, String)> {
    let mut runs = Vec::new();
    let mut at = low - text[..low].iter().rev().take(LONGEST).take_while(|b| is_key_byte(**b)).count();
    let text = &text[..text.len().min(high + LONGEST)];
    while at < high {
        let run = text[at..].iter().take_while(|b| is_key_byte(**b)).count();
        let word = &text[at..at + run];
        let from = ["sk_", "key-"].iter().filter_map(|p| memchr::memmem::find(word, p.as_bytes())).min();
        if let Some(from) = from.filter(|from| run - from >= 20) {
            runs.push((at + from..at + run, mask(&word[from..])));
        }
        at += run.max(1);
    }
    runs
}
