//! A key taken out of a stream of bytes, wherever the stream is cut.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// What stands in the key's place.
pub const MASK: &[u8] = b"********";

/// The ways a key can be written: as it is, URL-encoded, and in base64 at each of its three places in a group.
///
/// In base64 the characters that also depend on what stands beside the key are left as they are: at each end
/// at most two of the key's own.
#[derive(Default)]
pub struct KeyMask {
    ways: Vec<Zeroizing<Vec<u8>>>,
}

/// One stream under a [`KeyMask`]: holds back what may be the beginning of a key, and nothing else.
pub struct Masked<'a> {
    mask: &'a KeyMask,
    held: Zeroizing<Vec<u8>>,
}

impl KeyMask {
    /// The mask for a key; an empty one masks nothing.
    pub fn of(key: &str) -> Self {
        let mut mask = Self::default();
        mask.add(Zeroizing::new(key.as_bytes().to_vec()));
        for upper in [true, false] {
            mask.add(url_encoded(key, upper));
        }
        for skipped in 0..3 {
            let rest = key.as_bytes().get(skipped..).unwrap_or_default();
            let whole = &rest[..rest.len() - rest.len() % 3];
            for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                mask.add(Zeroizing::new(engine.encode(whole).into_bytes()));
            }
        }
        mask
    }

    /// Begins a stream.
    pub fn stream(&self) -> Masked<'_> {
        Masked { mask: self, held: Zeroizing::default() }
    }

    fn add(&mut self, way: Zeroizing<Vec<u8>>) {
        if !way.is_empty() && !self.ways.contains(&way) {
            self.ways.push(way);
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
            let undecided = |way: &Zeroizing<Vec<u8>>| way.len() > rest.len() && way.starts_with(rest);
            if !ended && self.mask.ways.iter().any(undecided) {
                break;
            }
            let found = self.mask.ways.iter().filter(|way| rest.starts_with(way)).map(|way| way.len()).max();
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

fn url_encoded(key: &str, upper: bool) -> Zeroizing<Vec<u8>> {
    let mut encoded = Zeroizing::new(Vec::with_capacity(key.len() * 3));
    for byte in key.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => encoded.push(byte),
            _ if byte.is_ascii_alphanumeric() => encoded.push(byte),
            _ if upper => encoded.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            _ => encoded.extend_from_slice(format!("%{byte:02x}").as_bytes()),
        }
    }
    encoded
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
        for text in ["ab+/cdefgh~=", "ab%2B%2Fcdefgh~%3D", "ab%2b%2fcdefgh~%3d"] {
            assert_eq!(masked(key, &[b"<", text.as_bytes(), b">"]), "<********>");
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
            text in "[ab+%2BYWIr]{0,80}",
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
