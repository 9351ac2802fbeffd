//! A key as the Authorization header of a request, and removed from whatever comes back.

use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::model::{ApiKey, Untrusted, untrusted};

const SCHEME: &str = "Bearer ";
/// The letters and digits of a made-up key's secret.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The value of an Authorization header, marked as sensitive: hidden in `Debug`, never indexed by HPACK.
#[derive(Clone)]
pub(super) struct Credential(HeaderValue);

impl Credential {
    /// The header for a key: the only place in this module where a key is exposed.
    pub(super) fn of(key: &ApiKey) -> Self {
        let key = key.expose();
        let mut text = Zeroizing::new(String::with_capacity(SCHEME.len() + key.len()));
        text.push_str(SCHEME);
        text.push_str(key);
        #[expect(clippy::expect_used, reason = "every character of a key may stand in a header")]
        let mut value = HeaderValue::from_bytes(text.as_bytes()).expect("a key can stand in a header");
        value.set_sensitive(true);
        Self(value)
    }

    /// The header for a key that nobody has.
    pub(super) fn made_up() -> Option<Self> {
        made_up_key().map(|key| Self::of(&key))
    }

    /// The header's value.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// Whether a text contains eight consecutive characters of the key.
    pub(super) fn is_in(&self, text: &str) -> bool {
        untrusted::holds_a_run(self.key(), text)
    }

    /// A text from outside, without the key or any eight characters of it.
    pub(super) fn redact(&self, text: &str) -> Untrusted {
        Untrusted::about(self.key(), text)
    }

    fn key(&self) -> &[u8] {
        self.0.as_bytes().get(SCHEME.len()..).unwrap_or_default()
    }
}

/// A key that nobody has: the usual shape, 40 random letters and digits; `None` if the system gives no random numbers.
pub fn made_up_key() -> Option<ApiKey> {
    let mut random = Zeroizing::new([0; 40]);
    rustls::crypto::ring::default_provider().secure_random.fill(&mut *random).ok()?;
    let letters = random.iter().map(|b| char::from(ALPHABET[usize::from(*b) % ALPHABET.len()]));
    ApiKey::parse(Zeroizing::new("sk_".chars().chain(letters).collect())).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_made_up_key_is_another_each_time_and_hidden() {
        let (one, two) = (Credential::made_up().unwrap(), Credential::made_up().unwrap());
        assert_ne!(one.0.as_bytes(), two.0.as_bytes());
        assert!(one.0.as_bytes().starts_with(b"Bearer sk_"));
        assert_eq!(format!("{:?}", one.header()), "Sensitive");
    }

    #[test]
    fn a_made_up_key_may_have_any_letter_and_digit() {
        let keys: String =
            (0..32).filter_map(|_| Some(made_up_key()?.expose()["sk_".len()..].to_owned())).collect();
        let letters: BTreeSet<char> = keys.chars().collect();
        // Of 1280 letters none is missing but once in ten million runs.
        assert_eq!(letters.len(), ALPHABET.len());
    }
}
