//! A directory's say in which profile is used below it.

use std::path::PathBuf;

use serde::Deserialize;

use super::policy::PolicySection;
use super::{Fingerprint, ProfileName, Profiles};

/// The nearest `.getimg-keys.toml` from the working directory upwards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pin {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
    /// The profile it selects.
    pub profile: Option<ProfileName>,
    /// The only profiles that may be used below it.
    pub allow: Option<Vec<ProfileName>>,
    /// Its policy, which can only tighten.
    pub policy: PolicySection,
    /// The keys that a scan below it need not report again.
    pub known_leaks: Vec<KnownLeak>,
    /// What it says that no pin may say; ignored.
    pub ignored: Vec<String>,
}

/// A key that was looked at and found harmless, by fingerprint and never by path: `[[scan.ignore]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownLeak {
    /// The key: 12 hex digits as reports show them, or more.
    pub fingerprint: FingerprintStart,
    /// Why it is harmless.
    pub reason: String,
}

/// The first 12 to 64 hex digits of a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct FingerprintStart(String);

impl TryFrom<String> for FingerprintStart {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_hex || !(12..=64).contains(&text.len()) {
            return Err("a fingerprint has 12 to 64 hex digits".to_owned());
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl KnownLeak {
    /// Whether it is about this key.
    pub fn names(&self, fingerprint: &Fingerprint) -> bool {
        fingerprint.to_hex().starts_with(&self.fingerprint.0)
    }
}

impl Pin {
    /// Whether the person has accepted this very content at this very place.
    pub fn is_allowed(&self, book: &Profiles) -> bool {
        let path = self.path.to_string_lossy();
        book.allowed.iter().any(|a| a.path == path && a.sha256 == self.sha256)
    }

    /// Whether a profile may be used below it.
    pub fn permits(&self, name: &ProfileName) -> bool {
        self.allow.as_ref().is_none_or(|names| names.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::name;

    #[test]
    fn without_a_list_it_permits_all_and_with_one_only_those() {
        let lists = [None, Some(vec![]), Some(vec![name("dev"), name("ci")])];
        let permits = |allow| Pin { allow, ..Pin::default() }.permits(&name("dev"));
        assert_eq!(lists.map(permits), [true, false, true]);
        assert!(!Pin { allow: Some(vec![name("ci")]), ..Pin::default() }.permits(&name("dev")));
    }
}
