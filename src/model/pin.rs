//! A directory's pin: which profiles may be used below it, and which one is selected.

use std::path::PathBuf;

use serde::Deserialize;

use super::policy::PolicySection;
use super::profiles::AllowedPin;
use super::{Fingerprint, ProfileName, Profiles};

/// One `.getimg-keys.toml` from the working directory upwards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pin {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
    /// Whether it, or the link to it, belongs to another user; root does not count.
    pub foreign: bool,
    /// The profile it selects.
    pub profile: Option<ProfileName>,
    /// The only profiles that may be used below it.
    pub allow: Option<Vec<ProfileName>>,
    /// Its policy, which can only tighten.
    pub policy: PolicySection,
    /// The keys that a scan below it need not report again.
    pub known_leaks: Vec<KnownLeak>,
    /// Its settings that a pin may not have; ignored.
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
    pub fn is_allowed(&self, profiles: &Profiles) -> bool {
        self.is_among(&profiles.allowed)
    }

    /// Records that the person has accepted it, in place of what was accepted there before.
    pub fn allow(&self, profiles: &mut Profiles) {
        let path = AllowedPin::written(&self.path);
        profiles.allowed.retain(|a| a.path != path);
        profiles.allowed.push(AllowedPin { path, sha256: self.sha256.clone() });
    }

    /// Whether a profile may be used below it.
    pub fn permits(&self, name: &ProfileName) -> bool {
        self.allow.as_ref().is_none_or(|names| names.contains(name))
    }

    fn is_among(&self, accepted: &[AllowedPin]) -> bool {
        let path = AllowedPin::written(&self.path);
        accepted.iter().any(|a| a.path == path && a.sha256 == self.sha256)
    }
}

/// The combined rules of all pins from the working directory upwards.
#[derive(Clone, Debug, Default)]
pub struct Pins<'a> {
    /// Those that count, the nearest first.
    pub counting: Vec<&'a Pin>,
    /// The nearest that names a profile, whether it counts or not.
    naming: Option<&'a Pin>,
}

/// Composes pins, the nearest first: the nearest that names a profile selects, and whatever any of them forbids is
/// forbidden. Another person's counts only where it was accepted, as with git's `safe.directory`.
pub fn compose<'a>(found: &'a [Pin], accepted: &[AllowedPin]) -> Pins<'a> {
    let counting = found.iter().filter(|pin| !pin.foreign || pin.is_among(accepted)).collect();
    Pins { counting, naming: found.iter().find(|pin| pin.profile.is_some()) }
}

impl<'a> Pins<'a> {
    /// The pin that selects.
    pub fn selecting(&self) -> Option<&'a Pin> {
        self.naming.filter(|pin| self.counts(pin))
    }

    /// Another person's pin that would select, and was not accepted.
    pub fn stranger(&self) -> Option<&'a Pin> {
        self.naming.filter(|pin| !self.counts(pin))
    }

    /// The nearest pin that does not permit a profile.
    pub fn refusing(&self, name: &ProfileName) -> Option<&'a Pin> {
        self.counting.iter().find(|pin| !pin.permits(name)).copied()
    }

    /// The policy of every pin; each tightens.
    pub fn policies(&self) -> Vec<PolicySection> {
        self.counting.iter().map(|pin| pin.policy.clone()).collect()
    }

    /// The keys that a scan need not report again.
    pub fn known_leaks(&self) -> Vec<KnownLeak> {
        self.counting.iter().flat_map(|pin| pin.known_leaks.iter().cloned()).collect()
    }

    /// Their settings that a pin may not have, with the first file that has one.
    pub fn ignored(&self) -> Option<(&'a Pin, Vec<String>)> {
        let first = self.counting.iter().find(|pin| !pin.ignored.is_empty())?;
        Some((first, self.counting.iter().flat_map(|pin| pin.ignored.iter().cloned()).collect()))
    }

    fn counts(&self, pin: &Pin) -> bool {
        self.counting.iter().any(|counting| std::ptr::eq(*counting, pin))
    }
}

#[cfg(test)]
#[path = "pin_tests.rs"]
mod tests;
