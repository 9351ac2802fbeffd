//! A key that was found, with its place; never the key itself.

use std::ops::Range;

use serde::Serialize;

use super::RuleId;
use crate::model::{Fingerprint, ProfileName};

/// Whose key it is and its state, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A profile's key in use.
    Current,
    /// A key that was declared compromised, in use or not.
    Compromised,
    /// The previous key of an open rotation; the API may still accept it.
    Previous,
    /// Of getimg's shape or in its place, and unknown here.
    Unknown,
    /// A profile's key that was removed here; the API may still accept it.
    Removed,
    /// A key that was rotated out.
    Retired,
}

/// One key found in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The bytes that contain it, encoded or not, counted from the start of the text.
    pub range: Range<u64>,
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: u64,
    /// The rule that found it.
    pub rule: RuleId,
    /// Whose it is.
    pub state: State,
    /// The profile, for a known key.
    pub profile: Option<ProfileName>,
    /// Identifies the key, for example in an ignore list.
    pub fingerprint: Fingerprint,
    /// The line around it, with every key on it masked; control characters are still in it.
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

/// A key and its place, before its line is read.
pub(super) struct Found {
    pub(super) range: Range<usize>,
    pub(super) rule: RuleId,
    pub(super) fingerprint: Fingerprint,
    pub(super) mask: String,
}
