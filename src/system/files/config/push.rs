//! `[push]`: targets of the user's own, and the time limit.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

/// `[push]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Push {
    /// So long may each program take, 1 to 600 s; 60 by default.
    #[serde(deserialize_with = "super::seconds")]
    timeout_seconds: Option<u64>,
    /// `[push.targets.NAME]`: places of the person's own.
    pub targets: BTreeMap<String, PushTarget>,
}

/// A place that any program puts a key into.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushTarget {
    /// The program and its arguments; it reads the key from its standard input.
    pub put: Vec<String>,
    /// A program that prints the key.
    pub get: Option<Vec<String>>,
    /// What `{variable}` stands for in both; the first of `[env] variables` otherwise.
    pub variable: Option<String>,
}

impl Push {
    /// How long each program may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.unwrap_or(60))
    }
}
