//! A change of both the store and the book, written down before it begins.
//!
//! A run that is killed between the two leaves this behind; the next one finishes the change or takes it
//! back.

use serde::{Deserialize, Serialize};

use super::{Fingerprint, ProfileName, Rotation};

/// What had begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "lowercase", deny_unknown_fields)]
pub enum Unfinished {
    /// A key was about to be stored; without a profile in the book it is taken out again.
    Add {
        /// The new profile.
        name: ProfileName,
        /// Its key.
        fingerprint: Fingerprint,
    },
    /// A profile was about to go; its keys are deleted and the profile is taken out.
    Remove {
        /// The profile.
        name: ProfileName,
    },
    /// A profile was about to be renamed; the keys under the name the book does not have are deleted.
    Rename {
        /// The name it had.
        from: ProfileName,
        /// The name it gets.
        to: ProfileName,
    },
    /// A new key was on its way in; it is taken back before the first copy, and goes on after it.
    Rotate(Rotation),
    /// A previous key was seen to be refused and has left the book; it leaves the store.
    Finish {
        /// The profile.
        name: ProfileName,
    },
}

impl Unfinished {
    /// The command that was cut short, as a sentence names it.
    pub fn in_words(&self) -> String {
        match self {
            Self::Add { name, .. } => format!("add {name}"),
            Self::Remove { name } => format!("remove {name}"),
            Self::Rename { from, to } => format!("rename {from} {to}"),
            Self::Rotate(rotation) => format!("rotate {}", rotation.name),
            Self::Finish { name } => format!("rotate {name} --finish"),
        }
    }
}
