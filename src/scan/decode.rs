//! Decodes base64, URL-encoding and UTF-16 around one place.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::context::VendorNames;
use super::key_index::is_key_byte;
use super::window::Window;

/// The value of each base64 character; the second table is the URL-safe alphabet.
const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// How much is decoded on each side of an anchor: three times the longest key, for URL-encoding.
pub(super) const REACH: usize = 3 * 1024 + 64;
/// How much more is decoded after an anchor, for later anchors in the same run.
pub(super) const AHEAD: usize = 64 * 1024;

/// The base64 forms of the bytes, at each of three alignments and in both alphabets.
///
/// Each has the number of characters from the start of its group of four. A character that other bytes determine too
/// is left out.
pub(super) fn base64_forms(plain: &[u8]) -> Vec<(Vec<u8>, usize)> {
    let mut forms = BTreeSet::new();
    for alignment in 0..3 {
        let (from, to) = (alignment * 8, (alignment + plain.len()) * 8);
        let bit =
            |n: usize| if (from..to).contains(&n) { plain[n / 8 - alignment] >> (7 - n % 8) & 1 } else { 0 };
        let sextet = |n: usize| (6 * n..6 * n + 6).fold(0, |value, n| value << 1 | bit(n));
        let (first, last) = (from.div_ceil(6), to / 6);
        for alphabet in [STANDARD, URL_SAFE] {
            let text = (first..last).map(|n| alphabet[usize::from(sextet(n))]).collect();
            forms.insert((text, first));
        }
    }
    forms.into_iter().collect()
}

/// Whether the base64 on one side of an anchor contains characters of a key: a quick check before decoding all of it.
pub(super) fn is_base64_of_key(text: &[u8], anchor: usize, back: usize, tail: bool) -> bool {
    let Some((window, at)) = base64_within(24, 0, text, anchor, back) else { return false };
    let (before, after) = window.bytes.split_at(at);
    let near = if tail { before.last_chunk::<9>() } else { after.first_chunk::<9>() };
    near.is_some_and(|near| near.iter().all(|b| is_key_byte(*b) || *b == b'='))
}

/// Decodes the base64 around an anchor, whose group of four begins `back` characters before it.
///
/// Line breaks inside are skipped. The first `back` characters must be there.
pub(super) fn base64_within(
    reach: usize,
    ahead: usize,
    text: &[u8],
    anchor: usize,
    back: usize,
) -> Option<(Window, usize)> {
    let mut before: Vec<usize> = base64_places(text, (anchor.saturating_sub(reach)..anchor).rev()).collect();
    let usable = before.len().checked_sub(back)? / 4 * 4 + back;
    before.truncate(usable);
    before.reverse();
    let groups_before = usable / 4;
    let limit = text.len().min(anchor + ahead + reach);
    let mut places = before;
    places.extend(base64_places(text, anchor..limit));
    let end = places.last().map_or(anchor, |last| last + 1);
    // If the run ends before the limit, it ends there for every anchor.
    let covers = if end < limit || limit == text.len() { anchor..end } else { anchor..anchor + ahead + 1 };
    let mut window = Window {
        bytes: Zeroizing::new(Vec::new()),
        origin: Vec::new(),
        shared: true,
        covers,
        vendor: VendorNames::default(),
    };
    for group in places.chunks(4) {
        let bits =
            group.iter().fold(0_u32, |bits, place| bits << 6 | u32::from(value(text[*place]).unwrap_or(0)));
        let bits = bits << (6 * (4 - group.len()));
        let whole = group.len() * 6 / 8;
        for (n, byte) in bits.to_be_bytes()[1..].iter().take(whole).enumerate() {
            window.bytes.push(*byte);
            window.origin.push(group[n]);
        }
    }
    window.origin.push(end);
    let at = groups_before * 3 + [0, 1, 1, 2].get(back)?;
    (at <= window.bytes.len()).then_some((window, at))
}

fn base64_places(text: &[u8], places: impl Iterator<Item = usize>) -> impl Iterator<Item = usize> {
    places
        .take_while(|n| value(text[*n]).is_some() || matches!(text[*n], b'\r' | b'\n'))
        .filter(|n| value(text[*n]).is_some())
}

fn value(c: u8) -> Option<u8> {
    match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Undoes `%XX`, `\/` and `\uXXXX` on the line around an anchor.
pub(super) fn unescaped_around(text: &[u8], anchor: usize) -> Window {
    let is_break = |b: &u8| b.is_ascii_whitespace() || b.is_ascii_control() || matches!(b, b'"' | b'\'');
    let low = anchor.saturating_sub(REACH);
    let start = text[low..anchor].iter().rposition(is_break).map_or(low, |n| low + n + 1);
    let high = text.len().min(anchor + AHEAD + REACH);
    let end = text[anchor..high].iter().position(is_break).map_or(high, |n| anchor + n);
    let covers =
        if end < high || high == text.len() { anchor..end.max(anchor + 1) } else { anchor..anchor + AHEAD };
    let mut window = Window {
        bytes: Zeroizing::new(Vec::new()),
        origin: Vec::new(),
        shared: false,
        covers,
        vendor: VendorNames::default(),
    };
    let mut place = start;
    while place < end {
        let (byte, width) = unescape(&text[place..end]);
        window.bytes.push(byte);
        window.origin.push(place);
        place += width;
    }
    window.origin.push(end);
    window
}

fn unescape(text: &[u8]) -> (u8, usize) {
    let hex = |digits: Option<&[u8]>| {
        let digits = digits.filter(|d| d.iter().all(u8::is_ascii_hexdigit))?;
        u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    match text {
        [b'%', ..] => hex(text.get(1..3)).map_or((b'%', 1), |byte| (byte, 3)),
        [b'\\', b'/', ..] => (b'/', 2),
        [b'\\', b'u', b'0', b'0', ..] => hex(text.get(4..6)).map_or((b'\\', 1), |byte| (byte, 6)),
        [first, ..] => (*first, 1),
        [] => (0, 1),
    }
}

/// Whether the bytes after an anchor's run of key characters are an escape worth decoding.
pub(super) fn is_escape(text: &[u8]) -> bool {
    !text.is_empty() && unescape(text).1 > 1
}

/// Removes the zeros from the UTF-16 around an anchor, of either byte order.
pub(super) fn widened_around(text: &[u8], anchor: usize) -> Window {
    let is_unit = |at: usize| text.get(at + 1) == Some(&0) && text[at] != 0;
    let before =
        (1..=REACH / 2).map_while(|n| anchor.checked_sub(2 * n)).take_while(|at| is_unit(*at)).count();
    let start = anchor - 2 * before;
    // The last character of a text with the high byte first has no zero after it.
    let most = (AHEAD + REACH) / 2;
    let whole = (0..most).map(|n| anchor + 2 * n).take_while(|at| is_unit(*at)).count();
    let last = anchor + 2 * whole;
    let one_more = usize::from(last > 0 && last < text.len() && text[last - 1] == 0 && text[last] != 0);
    let origin: Vec<usize> =
        (0..=before + whole + one_more).map(|n| (start + 2 * n).min(text.len())).collect();
    let bytes = origin[..origin.len() - 1].iter().map(|at| text[*at]).collect();
    let covers = anchor..if whole < most { last + 1 } else { anchor + AHEAD };
    Window { bytes: Zeroizing::new(bytes), origin, shared: false, covers, vendor: VendorNames::default() }
}
