//! Removes a key from a stream of bytes, wherever the stream is split.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// What stands in the key's place.
pub const MASK: &[u8] = b"********";

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The ways a key can be written: as it is and reversed, each character perhaps escaped as in a URL, in JSON or in a
/// byte string; in hexadecimal; and in base64 at each of its three places in a group.
///
/// In base64 the characters that also depend on what stands beside the key are left as they are: at each end
/// at most two of the key's own.
#[derive(Default)]
pub struct KeyMask {
    ways: Vec<Way>,
}

/// One stream under a [`KeyMask`]: holds back what may be the beginning of a key, and nothing else.
pub struct Masked<'a> {
    mask: &'a KeyMask,
    held: Zeroizing<Vec<u8>>,
}

/// One way to write a key.
struct Way {
    bytes: Zeroizing<Vec<u8>>,
    spellings: &'static [Spelling],
}

/// How each byte of a way may stand in a text.
#[derive(Clone, Copy)]
enum Spelling {
    /// As it is, or as `%2f`, `\u002f`, `\x2f`, `\/`; the digits in either case.
    Escaped,
    /// As two hexadecimal digits, in either case.
    Hex,
}

/// What the beginning of a text has to do with a way.
enum Match {
    /// So many bytes are the key.
    Whole(usize),
    /// All of the text can still become it.
    Begun,
    /// Nothing.
    None,
}

impl KeyMask {
    /// The mask for a key; an empty one masks nothing.
    pub fn of(key: &str) -> Self {
        let mut mask = Self::default();
        let key = key.as_bytes();
        // One copy of the key for both spellings.
        mask.add(key.to_vec(), &[Spelling::Escaped, Spelling::Hex]);
        mask.add(key.iter().rev().copied().collect(), &[Spelling::Escaped]);
        for skipped in 0..3 {
            let rest = key.get(skipped..).unwrap_or_default();
            let whole = &rest[..rest.len() - rest.len() % 3];
            for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                mask.add(engine.encode(whole).into_bytes(), &[Spelling::Escaped]);
            }
        }
        mask
    }

    /// Begins a stream.
    pub fn stream(&self) -> Masked<'_> {
        Masked { mask: self, held: Zeroizing::default() }
    }

    fn spelled(&self) -> impl Iterator<Item = (&Way, &Spelling)> {
        self.ways.iter().flat_map(|way| way.spellings.iter().map(move |spelling| (way, spelling)))
    }

    fn add(&mut self, bytes: Vec<u8>, spellings: &'static [Spelling]) {
        let bytes = Zeroizing::new(bytes);
        if !bytes.is_empty() && !self.ways.iter().any(|way| way.bytes == bytes) {
            self.ways.push(Way { bytes, spellings });
        }
    }
}

impl Masked<'_> {
    /// Takes a chunk, and gives what can leave: all but an end that can still become the key.
    pub fn push(&mut self, chunk: &[u8]) -> Zeroizing<Vec<u8>> {
        self.held.extend_from_slice(chunk);
        self.pass(false)
    }

    /// Gives what was held back, at the end of the stream.
    pub fn finish(mut self) -> Zeroizing<Vec<u8>> {
        self.pass(true)
    }

    fn pass(&mut self, ended: bool) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(self.held.len()));
        let mut at = 0;
        while at < self.held.len() {
            let rest = &self.held[at..];
            let (mut found, mut begun) = (None, false);
            for (way, spelling) in self.mask.spelled() {
                match way.begins(*spelling, rest) {
                    Match::Whole(length) => found = found.max(Some(length)),
                    Match::Begun => begun = true,
                    Match::None => {}
                }
            }
            if begun && !ended {
                break;
            }
            match found {
                Some(_) => out.extend_from_slice(MASK),
                None => out.push(rest[0]),
            }
            at += found.unwrap_or(1);
        }
        self.held.drain(..at);
        out
    }
}

impl Way {
    fn begins(&self, spelling: Spelling, text: &[u8]) -> Match {
        let mut at = 0;
        for byte in self.bytes.iter() {
            let rest = &text[at..];
            if rest.is_empty() {
                return Match::Begun;
            }
            match spelling.begins(*byte, rest) {
                Match::Whole(length) => at += length,
                other => return other,
            }
        }
        Match::Whole(at)
    }
}

impl Spelling {
    /// One byte at the beginning of a text that is not empty.
    fn begins(self, byte: u8, text: &[u8]) -> Match {
        let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
        match (self, text[0]) {
            (Self::Hex, _) => is(&digits, text),
            (_, first) if first == byte => Match::Whole(1),
            (Self::Escaped, b'%') => is(&[b'%', digits[0], digits[1]], text),
            (Self::Escaped, b'\\') => match (text.get(1), byte) {
                (None, _) => Match::Begun,
                (Some(b'/'), b'/') => Match::Whole(2),
                (Some(b'u'), _) => is(&[b'\\', b'u', b'0', b'0', digits[0], digits[1]], text),
                (Some(_), _) => is(&[b'\\', b'x', digits[0], digits[1]], text),
            },
            _ => Match::None,
        }
    }
}

/// Whether a text begins so, whatever the case of its hexadecimal digits.
fn is(wanted: &[u8], text: &[u8]) -> Match {
    let length = wanted.len().min(text.len());
    match wanted[..length].eq_ignore_ascii_case(&text[..length]) {
        true if length == wanted.len() => Match::Whole(length),
        true => Match::Begun,
        false => Match::None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(key: &str, chunks: &[&[u8]]) -> String {
        let mask = KeyMask::of(key);
        let mut stream = mask.stream();
        let mut out: Vec<u8> = chunks.iter().flat_map(|chunk| stream.push(chunk).to_vec()).collect();
        out.extend_from_slice(&stream.finish());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn every_way_to_write_the_key_is_masked() {
        let key = "ab+/cdefgh~=";
        let each = |write: fn(u8) -> String| key.bytes().map(write).collect::<String>();
        let written = [
            key.to_owned(),
            "ab%2B%2Fcdefgh~%3D".to_owned(),
            "ab%2b/cdefgh%7E%3d".to_owned(),
            r"ab+\/cdefgh~=".to_owned(),
            r"ab\u002B\u002fcdefgh~\u003d".to_owned(),
            "=~hgfedc/+ba".to_owned(),
            r"=~hgfedc\/+ba".to_owned(),
            each(|b| format!("{b:02x}")),
            each(|b| format!("{b:02X}")),
            each(|b| format!("%{b:02X}")),
            each(|b| format!("\\x{b:02x}")),
            each(|b| format!("\\u{b:04x}")),
        ];
        for text in written {
            assert_eq!(masked(key, &[b"<", text.as_bytes(), b">"]), "<********>", "{text}");
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(masked(key, &bytes), "********", "{text}");
        }
        assert_eq!(masked(key, &[STANDARD_NO_PAD.encode(key).as_bytes()]), "********");
        for before in ["x", "xy", "xyz"] {
            let text = STANDARD_NO_PAD.encode(format!("{before}{key}!"));
            let out = masked(key, &[text.as_bytes()]);
            assert_eq!(out.matches("********").count(), 1, "{before}: {out}");
        }
    }

    #[test]
    fn only_what_can_begin_the_key_is_held_back() {
        let mask = KeyMask::of("secret");
        let mut stream = mask.stream();
        assert_eq!(stream.push(b"Name? ").as_slice(), b"Name? ");
        assert_eq!(stream.push(b"a secr").as_slice(), b"a ");
        assert_eq!(stream.push(b"x").as_slice(), b"secrx");
        assert_eq!(stream.push(b"secre").as_slice(), b"");
        assert_eq!(stream.push(b"t").as_slice(), MASK);
        assert_eq!(stream.push(b"se").as_slice(), b"");
        assert_eq!(stream.finish().as_slice(), b"se");
        assert_eq!(masked("", &[b"nothing"]), "nothing");
    }

    proptest! {
        #[test]
        fn the_cuts_make_no_difference(
            key in "[ab+]{1,7}",
            text in r"[ab+%2BYWIr6\\\\u0/]{0,80}",
            inside in 0..80_usize,
            sizes in prop::collection::vec(1..9_usize, 0..80),
        ) {
            let mut text = text;
            text.insert_str(inside.min(text.len()), &key);
            let mut rest = text.as_bytes();
            let mut chunks = Vec::new();
            for size in sizes {
                let (chunk, after) = rest.split_at(size.min(rest.len()));
                chunks.push(chunk);
                rest = after;
            }
            chunks.push(rest);
            let out = masked(&key, &chunks);
            prop_assert_eq!(&out, &masked(&key, &[text.as_bytes()]));
            prop_assert!(!out.contains(&key));
        }
    }
}
