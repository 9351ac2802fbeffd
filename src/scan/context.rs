//! The context of a candidate: the vendor's name, the name it is assigned to.

use std::ops::Range;

/// How far the vendor's name may be from a key, in lines.
const LINES: usize = 3;
/// The same in bytes, for files with long lines.
const BYTES: usize = 1024;

/// Whose key a name suggests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The name says getimg.
    Getimg,
    /// The name says key, token or the like, or there is no name.
    Generic,
    /// The name says something else: another vendor's key.
    Other,
}

/// Words in a name that do not identify a vendor.
const GENERIC: [&str; 32] = [
    "authorization",
    "production",
    "credentials",
    "credential",
    "development",
    "password",
    "bearer",
    "staging",
    "default",
    "secret",
    "private",
    "access",
    "client",
    "header",
    "export",
    "token",
    "value",
    "local",
    "prod",
    "auth",
    "keys",
    "test",
    "live",
    "next",
    "vite",
    "user",
    "api",
    "key",
    "dev",
    "env",
    "old",
    "new",
];

/// Where the vendor is named, in a part of a text that grows as needed.
#[derive(Default)]
pub(super) struct VendorNames {
    looked_at: Range<usize>,
    places: Vec<usize>,
}

impl VendorNames {
    /// Whether the vendor is named within three lines of a range; ranges come mostly in order.
    pub(super) fn are_near(&mut self, text: &[u8], range: &Range<usize>) -> bool {
        let start = range.start.min(text.len());
        let end = range.end.clamp(start, text.len());
        let low = start.saturating_sub(BYTES);
        let from = memchr::memrchr_iter(b'\n', &text[low..start]).nth(LINES).map_or(low, |n| low + n + 1);
        let high = text.len().min(end + BYTES);
        let to = memchr::memchr_iter(b'\n', &text[end..high]).nth(LINES).map_or(high, |n| end + n);
        self.look_at(text, from..to);
        let first = self.places.partition_point(|place| *place < from);
        self.places.get(first).is_some_and(|place| *place < to)
    }

    fn look_at(&mut self, text: &[u8], part: Range<usize>) {
        if !(self.looked_at.start..=self.looked_at.end).contains(&part.start) {
            *self = Self { looked_at: part.start..part.start, places: Vec::new() };
        }
        if part.end > self.looked_at.end {
            let more = self.looked_at.end..part.end;
            self.places.extend(more.filter(|at| is_vendor_name(text, *at)));
            self.looked_at.end = part.end;
        }
    }
}

/// Whether the vendor's name is at a place: `getimg`, `GETIMG`, `Getimg` or `GetImg`, as a separate word.
///
/// `getImg` is a common name of a function that gets an image; `targetimg` and `getimgsize` are other words.
pub(super) fn is_vendor_name(text: &[u8], at: usize) -> bool {
    let Some(word) = text.get(at..at + 6) else { return false };
    if !word.eq_ignore_ascii_case(b"getimg") || !matches!(&word[..4], b"geti" | b"GETI" | b"Geti" | b"GetI") {
        return false;
    }
    let before = at.checked_sub(1).map(|n| text[n]);
    let is_new_word = word[0] == b'G' && word[1] == b'e' && before.is_some_and(|b| b.is_ascii_lowercase());
    let after = &text[at + 6..];
    let goes_on = after.first().is_some_and(|b| b.is_ascii_lowercase());
    let known_end =
        ["ai", "api", "key", "token", "secret"].iter().any(|end| after.starts_with(end.as_bytes()));
    (is_new_word || !before.is_some_and(|b| b.is_ascii_alphabetic())) && (!goes_on || known_end)
}

/// Whose key the name before a value suggests: `GETIMG_API_KEY` in `export GETIMG_API_KEY="…`.
pub(super) fn owner(text: &[u8], value: usize) -> Owner {
    let line = text[value.saturating_sub(BYTES)..value].rsplit(|b| *b == b'\n').next().unwrap_or_default();
    let line = line.trim_ascii_end();
    let line =
        ["Bearer", "bearer", "BEARER"].iter().find_map(|w| line.strip_suffix(w.as_bytes())).unwrap_or(line);
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let end = line.iter().rposition(is_name).map_or(0, |n| n + 1);
    let start = line[..end].iter().rposition(|b| !is_name(b)).map_or(0, |n| n + 1);
    if line.len() - end > 12 || start == end {
        return Owner::Generic;
    }
    if (start..end).any(|at| is_vendor_name(line, at)) {
        return Owner::Getimg;
    }
    let name = String::from_utf8_lossy(&line[start..end]).to_ascii_lowercase();
    let says_key = ["key", "token", "secret", "auth"].iter().any(|word| name.contains(word));
    let rest = GENERIC.iter().fold(name, |name, word| name.replace(word, " "));
    let vendor = rest.split(|c: char| !c.is_ascii_alphabetic()).any(|part| part.len() >= 3);
    if says_key && vendor { Owner::Other } else { Owner::Generic }
}

/// The values that are assigned to a name with `key`, `token` or `secret`, on the line after the vendor's name.
///
/// `looked_at` is how far the text was already searched for such words; it is updated.
pub(super) fn assigned_values(text: &[u8], vendor: usize, looked_at: &mut usize) -> Vec<usize> {
    let line = &text[vendor..text.len().min(vendor + BYTES)];
    let line = line.split(|b| *b == b'\n').next().unwrap_or_default();
    let words = ["key", "token", "secret"];
    let from = looked_at.saturating_sub(vendor).max(6);
    let ends = (from..line.len()).filter_map(|at| {
        let word = words.iter().find(|w| {
            line[at..].len() >= w.len() && line[at..at + w.len()].eq_ignore_ascii_case(w.as_bytes())
        })?;
        after_name(line, at + word.len())
    });
    // What the end of the reach cuts off is found from the next name.
    *looked_at = (*looked_at).max((vendor + line.len()).saturating_sub(64));
    ends.map(|at| vendor + at).collect()
}

/// From the end of the word `key` to the value, past a suffix (`_PROD`), quotes and one `=`, `:` or space.
fn after_name(line: &[u8], end: usize) -> Option<usize> {
    let is_suffix = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
    let suffix = line[end..].iter().take(16).take_while(is_suffix).count();
    let other = ["hash", "sha", "url", "file", "path", "name", "hint", "mask", "print", "length", "id"];
    let said = String::from_utf8_lossy(&line[end..end + suffix]).to_ascii_lowercase();
    if other.iter().any(|word| said.contains(word)) {
        return None;
    }
    let between = &line[end + suffix..];
    let separators = between.iter().take(16).take_while(|b| b" \t\"'`:=>,()[]".contains(b)).count();
    let value = end + suffix + separators;
    let named = ["value=\"", "value='", "Bearer ", "bearer "];
    let skip = named.iter().find(|w| line[value..].starts_with(w.as_bytes())).map_or(0, |w| w.len());
    (separators > 0).then_some(value + skip)
}
