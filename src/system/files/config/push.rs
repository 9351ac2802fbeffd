//! `[push]`: targets of the user's own, and the time limit.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

/// `[push]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Push {
    /// The time limit of each program, 1 to 600 s; 60 by default.
    #[serde(deserialize_with = "super::seconds")]
    timeout_seconds: Option<u64>,
    /// `[push.targets.NAME]`: the user's own targets.
    pub targets: BTreeMap<String, PushTarget>,
}

/// A target to which any program writes a key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushTarget {
    /// The program and its arguments; it reads the key from its standard input.
    pub put: Vec<String>,
    /// A program that prints the key.
    pub get: Option<Vec<String>>,
    /// The value of `{variable}` in both; by default the first of `[env] variables`.
    pub variable: Option<String>,
}

impl Push {
    /// The time limit of each program.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.unwrap_or(60))
    }
}
