//! A change of both the store and the profiles, written down before it begins.
//!
//! A run that is killed between the two leaves this behind; the next one finishes the change or takes it
//! back.

use crate::hint::Hint;
use serde::{Deserialize, Serialize};

use super::{Fingerprint, Profile, ProfileName, Rotation};

/// So many profiles are named in a sentence.
const NAMED: usize = 5;

/// What had begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "lowercase", deny_unknown_fields)]
pub enum Change {
    /// A key was about to be stored; without a profile in the profiles it is taken out again.
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
    /// A profile was about to be renamed; the keys under the name that no profile has are deleted.
    Rename {
        /// The name it had.
        from: ProfileName,
        /// The name it gets.
        to: ProfileName,
    },
    /// A new key was on its way in; it is taken back before the first copy, and goes on after it.
    Rotate(Rotation),
    /// A profile was about to come back from a backup; taken back until its key is in the store, finished after.
    Restore {
        /// The profile as it will be.
        profile: Box<Profile>,
        /// Whether its key is in the store: a new profile's in its place, another's in `NAME~next`.
        in_store: bool,
    },
    /// New profiles were about to come back from a backup; until they are in the profiles, their keys are taken out again.
    #[serde(rename = "restore-new")]
    RestoreNew {
        /// The profiles.
        profiles: Vec<NewProfile>,
    },
    /// Keys were put into a shared store, and no profile had them yet; where none has, they are deleted.
    Stage {
        /// The profile.
        name: ProfileName,
        /// The keys.
        keys: Vec<Fingerprint>,
    },
    /// A previous key was seen to be refused and has left the profiles; it leaves the store.
    Finish {
        /// The profile.
        name: ProfileName,
    },
}

/// A profile that is not in the profiles yet, and its keys: the one in use, then the one before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewProfile {
    /// Its name.
    pub name: ProfileName,
    /// Its keys.
    pub keys: Vec<Fingerprint>,
}

impl Change {
    /// What was interrupted, and of a rotation at which step.
    pub fn cut_short(&self) -> String {
        match self {
            Self::Add { name, .. } => format!("`add {name}` was interrupted"),
            Self::Remove { name } => format!("`remove {name}` was interrupted"),
            Self::Rename { from, to } => format!("`rename {from} {to}` was interrupted"),
            Self::Rotate(Rotation { name, step, .. }) => {
                format!("`rotate {name}` was interrupted {}", step.in_words())
            }
            Self::Restore { profile, .. } => format!("`restore` of {} was interrupted", profile.name),
            Self::RestoreNew { profiles } => {
                let named: Vec<_> = profiles.iter().take(NAMED).map(|new| new.name.as_str()).collect();
                let more = profiles.len() - named.len();
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("`restore` of {}{more} was interrupted", named.join(", "))
            }
            Self::Stage { name, .. } => format!("a new key for `{name}` was interrupted"),
            Self::Finish { name } => format!("`rotate {name} --finish` was interrupted"),
        }
    }

    /// Whether it puts this key into the store: an entry with it is ours.
    pub fn brings(&self, key: Fingerprint) -> bool {
        match self {
            Self::Add { fingerprint, .. } => *fingerprint == key,
            Self::Rotate(rotation) => rotation.new.fingerprint == key,
            Self::Restore { profile, .. } => profile.keys().any(|held| held == key),
            Self::RestoreNew { profiles } => profiles.iter().any(|new| new.keys.contains(&key)),
            Self::Stage { keys, .. } => keys.contains(&key),
            Self::Remove { .. } | Self::Rename { .. } | Self::Finish { .. } => false,
        }
    }

    /// The command that goes on with it, or takes it back, before anything else.
    pub fn way_on(&self) -> Hint {
        match self {
            Self::Rotate(rotation) => Hint::run("rotate").arg(&rotation.name),
            _ => Hint::run("verify"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::KeyRecord;
    use crate::model::rotation::Step;
    use crate::model::test_support::{day, key, name};

    #[test]
    fn a_rotation_says_at_which_step_it_stopped_and_what_goes_on_with_it() {
        let mut rotation = Rotation::new(name("dev"), KeyRecord::of(&key("new"), day(1)));
        let table = [
            (Step::Stage, "before the old key was touched"),
            (Step::Keep, "while the old key, still in use, was copied aside"),
            (Step::Switch, "while the new key took the place of the old one, which is kept"),
            (Step::Sweep, "with the new key in use, before its spare copy was deleted"),
        ];
        for (step, place) in table {
            rotation.step = step;
            let unfinished = Change::Rotate(rotation.clone());
            assert_eq!(unfinished.cut_short(), format!("`rotate dev` was interrupted {place}"));
            assert_eq!(unfinished.way_on(), Hint::run("rotate dev"));
        }
        let removed = Change::Remove { name: name("dev") };
        assert_eq!(
            (removed.cut_short().as_str(), removed.way_on()),
            ("`remove dev` was interrupted", Hint::run("verify"))
        );
    }
}
