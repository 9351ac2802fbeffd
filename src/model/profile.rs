//! A profile and what is known of its keys.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::pushed::Holds;
use super::{ApiKey, Attempt, Fingerprint, KeyKind, ProfileName, Pushed, Retired, Verification, retired};

/// The most characters of a note.
pub const LONGEST_NOTE: usize = 1000;

/// A note as it was typed.
///
/// # Errors
/// One of more than [`LONGEST_NOTE`] characters.
pub fn note(text: &str) -> Result<String, String> {
    match text.chars().count() {
        ..=LONGEST_NOTE => Ok(text.to_owned()),
        length => Err(format!("a note has at most {LONGEST_NOTE} characters, and this one has {length}")),
    }
}

/// What is remembered of one key instead of the key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// Identifies the key.
    pub fingerprint: Fingerprint,
    /// Its length in characters, so that a scan need not hash every word it meets.
    pub length: usize,
    /// Its mask, where it is long enough for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Which API its shape belongs to.
    pub kind: KeyKind,
    /// When it was first stored here.
    pub added_at: DateTime<Utc>,
    /// When the vendor issued it, if the user said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<DateTime<Utc>>,
    /// When it was declared compromised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compromised_at: Option<DateTime<Utc>>,
    /// The last conclusive verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// The last attempt to get a verdict, with any result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_attempt: Option<Attempt>,
}

/// One named environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// Whether the user must type its name to use or remove it.
    pub protected: bool,
    /// The user's note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When the profile was made.
    pub added_at: DateTime<Utc>,
    /// When its key was last replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_at: Option<DateTime<Utc>>,
    /// The key in use.
    pub key: KeyRecord,
    /// The key before it, while a rotation is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousKey>,
    /// The targets that a key was pushed to, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pushed: Vec<Pushed>,
}

/// The key before the last rotation, kept until the API refuses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviousKey {
    /// When it was replaced.
    pub since: DateTime<Utc>,
    /// What is known of it.
    pub key: KeyRecord,
}

impl Profile {
    /// The keys that it holds: the one in use, and the one before it.
    pub fn keys(&self) -> impl Iterator<Item = Fingerprint> {
        let previous = self.previous.as_ref().map(|previous| previous.key.fingerprint);
        std::iter::once(self.key.fingerprint).chain(previous)
    }

    /// Which of the profile's keys a target has.
    pub fn held_by(&self, pushed: &Pushed) -> Holds {
        let is_previous = |p: &PreviousKey| p.key.fingerprint == pushed.fingerprint;
        match pushed.fingerprint == self.key.fingerprint {
            true => Holds::Current,
            false if self.previous.as_ref().is_some_and(is_previous) => Holds::Previous,
            false => Holds::Retired,
        }
    }

    /// The targets that do not have the key in use.
    pub fn behind(&self) -> impl Iterator<Item = &Pushed> {
        self.pushed.iter().filter(|pushed| self.held_by(pushed) != Holds::Current)
    }
}

impl KeyRecord {
    /// The record of a new key.
    pub fn of(key: &ApiKey, now: DateTime<Utc>) -> Self {
        Self {
            fingerprint: key.fingerprint(),
            length: key.len(),
            hint: key.hint(),
            kind: key.kind(),
            added_at: now,
            issued_at: None,
            compromised_at: None,
            verification: None,
            last_attempt: None,
        }
    }

    /// The moment its age is counted from: when it was issued, and when it came here at the latest, so that
    /// a slip of the pen does not keep it young.
    pub fn born_at(&self) -> DateTime<Utc> {
        self.issued_at.map_or(self.added_at, |issued| issued.min(self.added_at))
    }

    /// Its age in whole days; 0 where the clock stands before its birth.
    pub fn age_days(&self, now: DateTime<Utc>) -> i64 {
        (now - self.born_at()).num_days().max(0)
    }

    /// How a sentence names the key: its mask, or the start of its fingerprint.
    pub fn in_words(&self) -> String {
        self.hint.clone().unwrap_or_else(|| format!("fingerprint {}", self.fingerprint))
    }

    /// What is remembered once no profile holds it: a compromised key stays one.
    pub fn retire(&self, profile: &ProfileName, reason: retired::Reason, at: DateTime<Utc>) -> Retired {
        let reason = if self.compromised_at.is_some() { retired::Reason::Compromised } else { reason };
        Retired {
            fingerprint: self.fingerprint,
            length: self.length,
            hint: self.hint.clone(),
            profile: profile.clone(),
            at,
            reason,
            refused_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::retired::Reason;
    use crate::model::test_support::{day, name, profile};

    #[test]
    fn a_key_is_named_by_its_mask_or_where_it_has_none_by_its_fingerprint() {
        let mut key = profile("dev").key;
        assert_eq!(key.in_words(), "sk_…3dev");
        key.hint = None;
        assert_eq!(key.in_words(), format!("fingerprint {}", key.fingerprint));
    }

    #[test]
    fn a_compromised_key_stays_one_however_it_is_given_up() {
        let mut key = profile("dev").key;
        assert_eq!(key.retire(&name("dev"), Reason::Removed, day(2)).reason, Reason::Removed);
        key.compromised_at = Some(day(1));
        assert_eq!(key.retire(&name("dev"), Reason::Removed, day(2)).reason, Reason::Compromised);
    }
}
