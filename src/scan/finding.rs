//! A key that was found, with its place; never the key itself.

use std::ops::Range;

use serde::Serialize;

use super::RuleId;
use crate::model::{Fingerprint, ProfileName};

/// Whose key it is and what became of it, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A profile's key in use.
    Current,
    /// A key that was declared compromised, in use or not.
    Compromised,
    /// The key before an open rotation; the API may still admit it.
    Previous,
    /// Of getimg's shape or in its place, and not known here.
    Unknown,
    /// A profile's key that was removed here; the API may still admit it.
    Removed,
    /// A key that was rotated out.
    Retired,
}

/// One key found in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The bytes that hold it, encoded or not, counted from the start of the text.
    pub range: Range<u64>,
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: u64,
    /// What gave it away.
    pub rule: RuleId,
    /// Whose it is.
    pub state: State,
    /// The profile, for a known key.
    pub profile: Option<ProfileName>,
    /// Stands for the key, in an ignore list for example.
    pub fingerprint: Fingerprint,
    /// The line around it, every key on it masked; control characters are still in it.
    pub redacted: String,
}

impl State {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Compromised => "compromised",
            Self::Previous => "previous",
            Self::Unknown => "unknown",
            Self::Removed => "removed",
            Self::Retired => "retired",
        }
    }
}

/// A key and where it is, before its line is looked at.
pub(super) struct Found {
    pub(super) range: Range<usize>,
    pub(super) rule: RuleId,
    pub(super) fingerprint: Fingerprint,
    pub(super) mask: String,
}
