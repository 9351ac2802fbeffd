//! This machine's copy of shared profiles.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Fingerprint;

/// This machine's copy of shared profiles: which ones it is of, and what that has not been told yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedCopy {
    /// The `id` of the shared profiles.
    pub of: String,
    /// Its version when it was read.
    pub version: u64,
    /// When it was read.
    pub at: DateTime<Utc>,
    /// Keys that were declared compromised here while the store was out of reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<Untold>,
}

/// A key that was declared compromised, which the others do not know yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Untold {
    /// The key.
    pub fingerprint: Fingerprint,
    /// When.
    pub at: DateTime<Utc>,
}
