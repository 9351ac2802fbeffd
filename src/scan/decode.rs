//! Base64, URL-encoding and UTF-16, undone around one place.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::known::is_key_byte;

/// The characters of base64; a value's second character is the URL-safe alphabet's.
const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// How much is decoded on each side of an anchor: the longest key three times over, for URL-encoding.
const REACH: usize = 3 * 1024 + 64;

/// A decoded piece of a text.
pub(super) struct Window {
    /// What it says.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// For each decoded byte, and for the end, where in the text it comes from.
    origin: Vec<usize>,
    /// Where in `bytes` the anchor is.
    pub(super) at: usize,
    /// Whether a decoded byte may share characters with its neighbours.
    shared: bool,
}

impl Window {
    /// The characters of the text that hold any part of these decoded bytes.
    pub(super) fn range_of(&self, start: usize, end: usize) -> std::ops::Range<usize> {
        let group = |n: usize| if self.shared { n / 3 * 3 } else { n };
        let last = if self.shared { end.div_ceil(3) * 3 } else { end };
        let from = self.origin.get(group(start)).copied().unwrap_or_default();
        let to = self.origin.get(last).or(self.origin.last()).copied().unwrap_or(from);
        from..to.max(from)
    }
}

/// The base64 texts that the bytes turn into, at each of three alignments and in both alphabets.
///
/// Each comes with the number of characters from the start of its group of four. Where the wholly determined
/// characters are fewer than four, a partly determined neighbour is spelt out.
pub(super) fn base64_forms(plain: &[u8]) -> Vec<(Vec<u8>, usize)> {
    let mut forms = BTreeSet::new();
    for alignment in 0..3 {
        let (from, to) = (alignment * 8, (alignment + plain.len()) * 8);
        let bit =
            |n: usize| if (from..to).contains(&n) { plain[n / 8 - alignment] >> (7 - n % 8) & 1 } else { 0 };
        let sextet = |n: usize| (6 * n..6 * n + 6).fold(0, |value, n| value << 1 | bit(n));
        let (first, last) = (from.div_ceil(6), to / 6);
        let whole: Vec<u8> = (first..last).map(sextet).collect();
        let spelt: Vec<(Vec<u8>, usize)> = if whole.len() >= 4 {
            vec![(whole, first)]
        } else if 6 * first - from == 4 {
            (0..4)
                .map(|high| ([vec![sextet(first - 1) | high << 4], whole.clone()].concat(), first - 1))
                .collect()
        } else {
            (0..4).map(|low| ([whole.clone(), vec![sextet(last) | low]].concat(), first)).collect()
        };
        for alphabet in [STANDARD, URL_SAFE] {
            let text = |sextets: &[u8]| sextets.iter().map(|s| alphabet[usize::from(*s)]).collect();
            forms.extend(spelt.iter().map(|(sextets, back)| (text(sextets), *back)));
        }
    }
    forms.into_iter().collect()
}

/// Decodes the base64 around an anchor, whose group of four begins `back` characters before it.
///
/// Line breaks inside are passed over. The first `back` characters must be there.
pub(super) fn base64_around(text: &[u8], anchor: usize, back: usize) -> Option<Window> {
    base64_within(REACH, text, anchor, back)
}

/// Whether the base64 on one side of an anchor says characters of a key: a glance, before all of it is decoded.
pub(super) fn is_base64_of_key(text: &[u8], anchor: usize, back: usize, tail: bool) -> bool {
    let Some(window) = base64_within(24, text, anchor, back) else { return false };
    let (before, after) = window.bytes.split_at(window.at);
    let near = if tail { before.last_chunk::<9>() } else { after.first_chunk::<9>() };
    near.is_some_and(|near| near.iter().all(|b| is_key_byte(*b) || *b == b'='))
}

fn base64_within(reach: usize, text: &[u8], anchor: usize, back: usize) -> Option<Window> {
    let mut before: Vec<usize> = base64_places(text, (anchor.saturating_sub(reach)..anchor).rev()).collect();
    let usable = before.len().checked_sub(back)? / 4 * 4 + back;
    before.truncate(usable);
    before.reverse();
    let groups_before = usable / 4;
    let after = base64_places(text, anchor..text.len().min(anchor + reach));
    let places: Vec<usize> = before.into_iter().chain(after).collect();
    let end = places.last().map_or(anchor, |last| last + 1);
    let mut window = Window { bytes: Zeroizing::new(Vec::new()), origin: Vec::new(), at: 0, shared: true };
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
    window.at = groups_before * 3 + [0, 1, 1, 2].get(back)?;
    Some(window)
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
    let high = text.len().min(anchor + REACH);
    let end = text[anchor..high].iter().position(is_break).map_or(high, |n| anchor + n);
    let mut window = Window { bytes: Zeroizing::new(Vec::new()), origin: Vec::new(), at: 0, shared: false };
    let mut place = start;
    while place < end {
        if place <= anchor {
            window.at = window.bytes.len();
        }
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

/// Whether the bytes after an anchor's run of key characters are an escape worth undoing.
pub(super) fn is_escape(text: &[u8]) -> bool {
    !text.is_empty() && unescape(text).1 > 1
}

/// Takes the zeros out of the UTF-16 around an anchor, of either byte order.
pub(super) fn widened_around(text: &[u8], anchor: usize) -> Window {
    let is_unit = |at: usize| text.get(at + 1) == Some(&0) && text[at] != 0;
    let before =
        (1..=REACH / 2).map_while(|n| anchor.checked_sub(2 * n)).take_while(|at| is_unit(*at)).count();
    let start = anchor - 2 * before;
    // The last character of a text with the high byte first has no zero after it.
    let whole = (0..REACH / 2).map(|n| anchor + 2 * n).take_while(|at| is_unit(*at)).count();
    let last = anchor + 2 * whole;
    let one_more = usize::from(last > 0 && last < text.len() && text[last - 1] == 0 && text[last] != 0);
    let origin: Vec<usize> =
        (0..=before + whole + one_more).map(|n| (start + 2 * n).min(text.len())).collect();
    let bytes = origin[..origin.len() - 1].iter().map(|at| text[*at]).collect();
    Window { bytes: Zeroizing::new(bytes), origin, at: before, shared: false }
}

/// How the code units of a UTF-16 text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Utf16 {
    /// Low byte first.
    Little,
    /// High byte first.
    Big,
}

impl Utf16 {
    /// Tells by the byte order mark, else by the zeros at the start of a text.
    pub(super) fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0xff, 0xfe, ..] => return Some(Self::Little),
            [0xfe, 0xff, ..] => return Some(Self::Big),
            _ => {}
        }
        let sample = &start[..start.len().min(512) / 2 * 2];
        let zeros = |side: usize| sample.iter().skip(side).step_by(2).filter(|b| **b == 0).count();
        let (high, low, units) = (zeros(0), zeros(1), sample.len() / 2);
        let begins = |side: usize| sample.iter().skip(side).step_by(2).take(4).all(|b| *b == 0);
        match units {
            0..8 => None,
            _ if low * 4 > units * 3 && high * 4 < units && begins(1) => Some(Self::Little),
            _ if high * 4 > units * 3 && low * 4 < units && begins(0) => Some(Self::Big),
            _ => None,
        }
    }

    /// One byte a code unit; whatever is not ASCII becomes a byte that no key has.
    pub(super) fn narrow(self, text: &[u8]) -> Vec<u8> {
        let unit = |pair: &[u8]| match self {
            Self::Little => u16::from_le_bytes([pair[0], pair[1]]),
            Self::Big => u16::from_be_bytes([pair[0], pair[1]]),
        };
        let narrow = |unit: u16| u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(b'?');
        text.chunks_exact(2).map(|pair| narrow(unit(pair))).collect()
    }
}
