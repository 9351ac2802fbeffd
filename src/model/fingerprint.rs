//! The fingerprint, which stands for a key wherever the key itself must not be.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Keeps our fingerprints apart from any other SHA-256 of the same text.
const DOMAIN: &[u8] = b"getimg-keys fingerprint v1\0";

/// SHA-256 of a domain prefix and the key.
///
/// `Display` shows the first 12 hex digits, for people; [`Fingerprint::to_hex`] is the whole, for files.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

/// The text is not 64 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a fingerprint has 64 hex digits")]
pub struct MalformedFingerprint;

impl Fingerprint {
    /// The fingerprint of a key's bytes.
    pub fn of(key: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update(key);
        Self(hash.finalize().into())
    }

    /// All 64 hex digits, as files hold it.
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }
}

/// Lower-case hex digits of some bytes.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|n| char::from(DIGITS[usize::from(n)])).collect()
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0[..6]))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = MalformedFingerprint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(MalformedFingerprint);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| MalformedFingerprint)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| MalformedFingerprint)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_it_writes() {
        let print = Fingerprint::of(b"anything");
        assert_eq!(print.to_hex().parse(), Ok(print));
        assert_eq!(print.to_string(), print.to_hex()[..12]);
        assert_eq!(format!("{print:?}"), format!("Fingerprint({print})"));
    }

    #[test]
    fn it_is_not_the_plain_hash_of_the_key() {
        assert_ne!(Fingerprint::of(b"anything").to_hex(), hex(&Sha256::digest(b"anything")));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "abc", &"g".repeat(64), &"a".repeat(63), &"+a".repeat(32), &"é".repeat(32)] {
            assert_eq!(text.parse::<Fingerprint>(), Err(MalformedFingerprint), "{text}");
        }
    }
}
