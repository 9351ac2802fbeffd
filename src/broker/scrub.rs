//! Replaces the key in answers by `*`, also across chunks; lengths do not change.

use memchr::memmem::Finder;
use zeroize::Zeroizing;

/// The secret to look for.
pub struct Scrub(Zeroizing<Vec<u8>>);

/// One body in transit; what could be the beginning of the key is held back until more comes.
pub struct Scrubbed<'a> {
    key: &'a [u8],
    held: Zeroizing<Vec<u8>>,
}

impl Scrub {
    /// For a secret; an empty one is never found.
    pub fn new(secret: Zeroizing<Vec<u8>>) -> Self {
        Self(secret)
    }

    /// Starts a body.
    pub fn body(&self) -> Scrubbed<'_> {
        Scrubbed { key: &self.0, held: Zeroizing::default() }
    }

    /// A complete text, for example a header's value, in place.
    pub fn whole(&self, text: &mut [u8]) {
        cover(&self.0, text);
    }
}

impl Scrubbed<'_> {
    /// Takes a chunk and returns what can be sent.
    pub fn push(&mut self, chunk: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.held.len() + chunk.len());
        out.append(&mut self.held);
        out.extend_from_slice(chunk);
        cover(self.key, &mut out);
        let kept = out.len() - held_back(self.key, &out);
        self.held.extend_from_slice(&out[kept..]);
        out.truncate(kept);
        out
    }

    /// Returns what was held back, at the body's end: it did not become the key.
    pub fn finish(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.held)
    }
}

fn cover(key: &[u8], text: &mut [u8]) {
    if key.is_empty() {
        return;
    }
    let finder = Finder::new(key);
    let mut from = 0;
    while let Some(at) = finder.find(&text[from..]) {
        let until = from + at + key.len();
        text[from + at..until].fill(b'*');
        from = until;
    }
}

/// The length of the longest suffix of a text that is a proper prefix of the key.
fn held_back(key: &[u8], text: &[u8]) -> usize {
    let most = key.len().saturating_sub(1).min(text.len());
    (1..=most).rev().find(|length| key.starts_with(&text[text.len() - length..])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scrubbed(key: &str, chunks: &[&[u8]]) -> String {
        let scrub = Scrub::new(Zeroizing::new(key.as_bytes().to_vec()));
        let mut body = scrub.body();
        let mut out: Vec<u8> = chunks.iter().flat_map(|chunk| body.push(chunk)).collect();
        out.extend(body.finish());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn the_key_becomes_as_many_stars_also_across_chunks() {
        assert_eq!(
            scrubbed("secret", &[b"a secret, sec", b"", b"r", b"et! secre"]),
            "a ******, ******! secre"
        );
        assert_eq!(scrubbed("", &[b"a", b"b"]), "ab");
        let mut value = *b"Bearer secret";
        Scrub::new(Zeroizing::new(b"secret".to_vec())).whole(&mut value);
        assert_eq!(&value, b"Bearer ******");
    }

    #[test]
    fn only_what_can_begin_the_key_waits() {
        let scrub = Scrub::new(Zeroizing::new(b"sk_x".to_vec()));
        let mut body = scrub.body();
        assert_eq!(body.push(b"data: 1\n\n"), b"data: 1\n\n");
        assert_eq!(body.push(b"task"), b"ta");
        assert_eq!(body.push(b"s"), b"sk");
    }

    proptest! {
        #[test]
        fn cuts_make_no_difference_and_lengths_stay(
            key in "[ab]{1,5}", text in "[ab]{0,60}", sizes in prop::collection::vec(1..7_usize, 0..60),
        ) {
            let (mut rest, mut chunks) = (text.as_bytes(), Vec::new());
            for size in sizes {
                let (chunk, after) = rest.split_at(size.min(rest.len()));
                chunks.push(chunk);
                rest = after;
            }
            chunks.push(rest);
            let out = scrubbed(&key, &chunks);
            prop_assert_eq!(&out, &scrubbed(&key, &[text.as_bytes()]));
            prop_assert_eq!(out.len(), text.len());
            prop_assert!(!out.contains(&key));
        }
    }
}
