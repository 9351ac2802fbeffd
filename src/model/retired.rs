//! Retired keys: the fingerprint is kept, never the key.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Fingerprint, ProfileName};

/// A key that no profile holds any more; remembered for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    /// The key it was.
    pub fingerprint: Fingerprint,
    /// Its length in characters, so that a scan need not hash every word it meets.
    pub length: usize,
    /// Its mask, where it was long enough for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The profile that held it last.
    pub profile: ProfileName,
    /// When it was given up.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: Reason,
    /// When the API was seen to refuse it, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<DateTime<Utc>>,
}

/// Why a key was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// Another key took its place; it never comes back.
    Rotated,
    /// It was in the wrong hands; it never comes back.
    Compromised,
    /// Its profile was removed; it may come back.
    Removed,
}

impl Retired {
    /// Whether it was in the wrong hands.
    pub fn is_compromised(&self) -> bool {
        self.reason == Reason::Compromised
    }
}

impl Reason {
    /// How a sentence says it, up to the profile's name: "was rotated out of".
    pub fn past_tense(self) -> &'static str {
        match self {
            Self::Rotated => "was rotated out of",
            Self::Compromised => "was declared compromised in",
            Self::Removed => "was removed with",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::{day, profile};

    #[test]
    fn each_reason_has_its_words_and_one_of_them_is_grave() {
        let reasons = [Reason::Rotated, Reason::Compromised, Reason::Removed];
        let dev = profile("dev");
        let is_grave = |reason| dev.key.retire(&dev.name, reason, day(1)).is_compromised();
        assert_eq!(reasons.map(is_grave), [false, true, false]);
        assert_eq!(
            reasons.map(Reason::past_tense),
            ["was rotated out of", "was declared compromised in", "was removed with"]
        );
    }
}
