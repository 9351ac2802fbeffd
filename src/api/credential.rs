//! A key on its way into a request, and out of whatever comes back.

use std::fmt::Write as _;

use reqwest::header::{HeaderValue, InvalidHeaderValue};
use zeroize::Zeroizing;

const SCHEME: &str = "Bearer ";
/// What stands where the key stood.
const MASK: &str = "[redacted]";
/// The most characters of a message that are kept.
const LONGEST_MESSAGE: usize = 300;
/// The letters and digits of a made-up key's secret.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The value of an Authorization header, marked as sensitive: hidden in `Debug`, never indexed by HPACK.
#[derive(Clone)]
pub(super) struct Credential(HeaderValue);

impl Credential {
    /// The header for a key. The key's own buffer is wiped by its owner, this one by us.
    pub(super) fn bearer(key: &str) -> Result<Self, InvalidHeaderValue> {
        let mut text = Zeroizing::new(String::with_capacity(SCHEME.len() + key.len()));
        text.push_str(SCHEME);
        text.push_str(key);
        let mut value = HeaderValue::from_bytes(text.as_bytes())?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    /// The header for a key that nobody has: the usual shape, 40 random letters and digits.
    pub(super) fn made_up() -> Option<Self> {
        let mut random = [0; 40];
        rustls::crypto::ring::default_provider().secure_random.fill(&mut random).ok()?;
        let secret = random.iter().map(|b| char::from(ALPHABET[usize::from(*b) % ALPHABET.len()]));
        Self::bearer(&format!("sk_{}", secret.collect::<String>())).ok()
    }

    /// The header's value.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// Whether the key stands in a text, in any case, wholly or partly URL-encoded.
    pub(super) fn is_in(&self, text: &str) -> bool {
        (0..text.len()).any(|at| self.match_at(&text.as_bytes()[at..]).is_some())
    }

    /// A text from outside without the key, at most 300 characters of it.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut kept = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            match self.match_at(rest) {
                Some(length) => {
                    kept.extend_from_slice(MASK.as_bytes());
                    rest = &rest[length..];
                }
                None => {
                    kept.push(*first);
                    rest = after;
                }
            }
        }
        shorten(&String::from_utf8_lossy(&kept))
    }

    /// How many bytes of the text's beginning are the key.
    fn match_at(&self, text: &[u8]) -> Option<usize> {
        let key = self.0.as_bytes().get(SCHEME.len()..).filter(|k| !k.is_empty())?;
        let mut at = 0;
        for byte in key {
            let (found, length) = decoded(text.get(at..)?)?;
            if !found.eq_ignore_ascii_case(byte) {
                return None;
            }
            at += length;
        }
        Some(at)
    }
}

/// The text's first byte, with `%2B` read as `+`, and how many bytes it took.
fn decoded(text: &[u8]) -> Option<(u8, usize)> {
    let digit = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
    match (text.first()?, digit(1), digit(2)) {
        (b'%', Some(high), Some(low)) => Some((u8::try_from(high * 16 + low).ok()?, 3)),
        (byte, ..) => Some((*byte, 1)),
    }
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST_MESSAGE).collect();
    if short.len() < text.len() {
        let _ = short.write_char('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> String {
        format!("sk_{}+/==", "aB3".repeat(8))
    }

    #[test]
    fn the_key_is_masked_in_every_spelling_of_it() {
        let credential = Credential::bearer(&key()).unwrap();
        let encoded = key().replace('+', "%2B").replace('/', "%2f").replace('=', "%3D");
        let wholly: String = key().bytes().map(|b| format!("%{b:02x}")).collect();
        for spelling in [key(), encoded, wholly, key().to_uppercase()] {
            let text = format!("é{spelling}{spelling}, 100% wrong");
            assert!(credential.is_in(&text), "{text}");
            assert_eq!(credential.redact(&text), "é[redacted][redacted], 100% wrong");
        }
        assert!(!credential.is_in(key().trim_end_matches('=')));
        assert!(!credential.is_in(""));
    }

    #[test]
    fn a_long_message_is_cut_after_it_was_masked() {
        let credential = Credential::bearer(&key()).unwrap();
        let text = credential.redact(&format!("{}{}", "é".repeat(290), key()));
        assert_eq!(text, format!("{}[redacted]", "é".repeat(290)));
        assert_eq!(credential.redact(&"é".repeat(301)), format!("{}…", "é".repeat(300)));
    }

    #[test]
    fn a_made_up_key_is_another_each_time_and_hidden() {
        let (one, two) = (Credential::made_up().unwrap(), Credential::made_up().unwrap());
        assert_ne!(one.0.as_bytes(), two.0.as_bytes());
        assert!(one.0.as_bytes().starts_with(b"Bearer sk_"));
        assert_eq!(format!("{:?}", one.header()), "Sensitive");
    }

    #[test]
    fn no_text_makes_it_panic() {
        let credential = Credential::bearer(&key()).unwrap();
        proptest::proptest!(|(text: String)| { credential.redact(&text); });
    }
}
