//! Replaces the keys in a text without changing its length.

use std::ops::Range;

use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use super::{Hit, Matcher};

/// How much of a key is kept, so that a reader sees what it was.
const KEPT: usize = 3;
/// A key behind another one is only found once that one is gone; a text with more rounds than this was not written by
/// a person.
const ROUNDS: usize = 16;

/// Why a text cannot be redacted in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstinate {
    /// Keys are still found.
    StillThere,
    /// It was JSON and would no longer be.
    NoJson,
}

/// The text in which every key that is not kept is replaced by its beginning and asterisks; JSON stays JSON.
///
/// # Errors
/// Why that is impossible.
pub fn same_length(
    matcher: &Matcher,
    text: &[u8],
    stays: &mut dyn FnMut(&Hit) -> bool,
) -> Result<Zeroizing<Vec<u8>>, Obstinate> {
    let mut redacted = Zeroizing::new(text.to_vec());
    for _ in 0..ROUNDS {
        let mut ranges: Vec<Range<u64>> = Vec::new();
        matcher.scan(&redacted, &mut |hit| {
            if !stays(&hit) {
                ranges.push(hit.range);
            }
        });
        if ranges.is_empty() {
            return if is_json_as_before(text, &redacted) { Ok(redacted) } else { Err(Obstinate::NoJson) };
        }
        for range in ranges {
            let end = usize::try_from(range.end).unwrap_or(usize::MAX).min(redacted.len());
            blot(&mut redacted[usize::try_from(range.start).unwrap_or(end).min(end)..end]);
        }
    }
    Err(Obstinate::StillThere)
}

/// The zeros of UTF-16 and the line breaks of wrapped base64 stay, as does whatever may begin an escape.
fn blot(key: &mut [u8]) {
    let is_frame = |b: u8| matches!(b, 0 | b'\r' | b'\n');
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let starts = key.iter().filter(|b| !is_frame(**b)).take(KEPT).take_while(|b| is_plain(**b)).count();
    for byte in key.iter_mut().filter(|b| !is_frame(**b)).skip(starts) {
        *byte = b'*';
    }
}

fn is_json_as_before(before: &[u8], after: &[u8]) -> bool {
    if is_json(before) {
        return is_json(after);
    }
    let lines = before.split(|b| *b == b'\n').zip(after.split(|b| *b == b'\n'));
    lines.filter(|(before, after)| before != after).all(|(before, after)| !is_json(before) || is_json(after))
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fingerprint;
    use crate::scan::KeyIndex;

    fn key() -> String {
        format!("sk_{}", &Fingerprint::of(b"a").to_hex()[..40])
    }

    fn redacted(text: &[u8]) -> Vec<u8> {
        let matcher = Matcher::new(KeyIndex::default());
        same_length(&matcher, text, &mut |_| false).unwrap().to_vec()
    }

    #[test]
    fn a_key_becomes_its_beginning_and_asterisks_in_every_encoding() {
        let stars = "*".repeat(40);
        let plain = format!("{{\"GETIMG_API_KEY\": \"{}\"}}\n", key());
        let wide = |text: &str| -> Vec<u8> {
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        };
        assert_eq!(redacted(plain.as_bytes()), plain.replace(&key()[3..], &stars).as_bytes());
        assert_eq!(redacted(&wide(&plain)), wide(&plain.replace(&key()[3..], &stars)));
        for text in [
            format!("{{\"getimg\": \"a\\n{} b\"}}", key()),
            format!("{{\"getimg\": \"\\u0073{}\"}}", &key()[1..]),
            format!("{{\"getimg\": \"{}{}\"}}", key(), key()),
        ] {
            let after = redacted(text.as_bytes());
            assert_eq!(after.len(), text.len());
            assert!(is_json(&after), "{text}");
        }
    }

    #[test]
    fn what_is_to_stay_stays() {
        let text = format!("getimg {}", key());
        let matcher = Matcher::new(KeyIndex::default());
        let same = same_length(&matcher, text.as_bytes(), &mut |_| true).unwrap();
        assert_eq!(*same, text.as_bytes());
    }

    #[test]
    fn a_line_that_was_json_has_to_stay_json() {
        assert!(is_json_as_before(b"{}\nx", b"[]\ny"));
        assert!(!is_json_as_before(b"{}\nx", b"{*\nx"));
        assert!(!is_json_as_before(b"{\n}", b"{\n*"));
    }
}
