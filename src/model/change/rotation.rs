//! A rotation, and how far it has come.

use serde::{Deserialize, Serialize};

use crate::model::{KeyRecord, ProfileName};

/// A key on its way into a profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// The profile.
    pub name: ProfileName,
    /// How far it came.
    #[serde(rename = "step")]
    pub reached: Reached,
    /// What is known about the new key.
    pub new: KeyRecord,
}

/// How far a change came, as it was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reached {
    /// The keys in use were not changed: it can be rolled back.
    Stage,
    /// Older versions went on from here: the key in use was being copied aside.
    Keep,
    /// The key in use is being replaced or deleted.
    Switch,
    /// The profiles were changed.
    Sweep,
}

impl Reached {
    /// Where a rotation stopped, as the end of a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Stage => "before the old key was touched",
            Self::Keep => "while the old key, still in use, was copied aside",
            Self::Switch => "while the new key took the place of the old one, which is kept",
            Self::Sweep => "with the new key in use, before its spare copy was deleted",
        }
    }
}

impl Rotation {
    /// A rotation that has not begun.
    pub fn new(name: ProfileName, new: KeyRecord) -> Self {
        Self { name, reached: Reached::Stage, new }
    }
}
