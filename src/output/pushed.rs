//! The targets of a profile, in JSON and as text.

use serde_json::{Value, json};

use super::when::rfc3339;
use crate::model::{Profile, Pushed};

/// The contract's list of targets.
pub fn json(profile: &Profile) -> Value {
    profile.pushed.iter().map(|pushed| one(profile, pushed)).collect()
}

/// One target: which key it has, since when, and how that is known.
pub fn one(profile: &Profile, pushed: &Pushed) -> Value {
    json!({
        "target": pushed.target,
        "state": profile.held_by(pushed).as_str(),
        "at": rfc3339(pushed.at),
        "how": pushed.how.as_str(),
    })
}
