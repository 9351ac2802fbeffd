//! Targets that a profile's key was pushed to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Fingerprint;

/// A target that a key was pushed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pushed {
    /// The target, as `--to` names it.
    pub target: String,
    /// The key.
    pub fingerprint: Fingerprint,
    /// When.
    pub at: DateTime<Utc>,
    /// How it is known that it arrived.
    pub how: How,
}

/// How it is known that a target has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It was read back, and is the same.
    Confirmed,
    /// The platform lists it, with a time that is not before the push.
    Listed,
    /// The platform's program said so, and there is nothing to ask.
    Unconfirmed,
}

/// Which of a profile's keys a target has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The one in use.
    Current,
    /// The one before, of a rotation that is not finished.
    Previous,
    /// A retired key.
    Retired,
}

impl How {
    /// The name used in files and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Listed => "listed",
            Self::Unconfirmed => "unconfirmed",
        }
    }

    /// The same as the end of a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed: it was read back",
            Self::Listed => "listed: the platform shows no value, but lists a change just now",
            Self::Unconfirmed => "unconfirmed: the program said so, and nothing can be read back",
        }
    }
}

impl Holds {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Previous => "previous",
            Self::Retired => "retired",
        }
    }
}
