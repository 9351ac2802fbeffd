//! A change of both the store and the profiles, recorded before it begins.
//!
//! What it does is a list of [steps](steps::Step). A run that is killed between two of them leaves the change behind; the next one
//! goes on with it or takes it back. A new change is a variant here and a list there, and nothing else.

pub mod entry;
pub mod rotation;
pub mod steps;
mod unfinished;

use crate::hint::Hint;
use serde::{Deserialize, Serialize};

pub use self::rotation::{Reached, Rotation};
use super::{Fingerprint, Profile, ProfileName};

/// So many profiles are named in a sentence.
const NAMED: usize = 5;

/// What is changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "lowercase", deny_unknown_fields)]
pub enum Change {
    /// A new profile with its key.
    Add {
        /// The profile.
        name: ProfileName,
        /// Its key.
        fingerprint: Fingerprint,
    },
    /// A profile is removed with its keys.
    Remove {
        /// The profile.
        name: ProfileName,
    },
    /// A profile gets another name.
    Rename {
        /// The name it had.
        from: ProfileName,
        /// The name it gets.
        to: ProfileName,
    },
    /// A new key replaces a profile's key.
    Rotate(Rotation),
    /// A profile's previous key is in use again.
    Undo(Rotation),
    /// A profile of a backup replaces the one of its name.
    Restore {
        /// The profile as it will be.
        profile: Box<Profile>,
        /// Whether its key is in the store, in `NAME~next`.
        in_store: bool,
    },
    /// New profiles of a backup.
    #[serde(rename = "restore-new")]
    RestoreNew {
        /// The profiles.
        profiles: Vec<NewProfile>,
    },
    /// Keys were put into a shared store, and no profile had them yet: what this machine keeps of any of the others.
    Stage {
        /// The profile.
        name: ProfileName,
        /// The keys.
        keys: Vec<Fingerprint>,
    },
    /// A previous key is deleted, because the API refuses it.
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

impl NewProfile {
    /// What is recorded about a profile before it is added.
    pub fn of(profile: &Profile) -> Self {
        Self { name: profile.name.clone(), keys: profile.keys().collect() }
    }
}

impl Change {
    /// How far it has come.
    pub fn reached(&self) -> Reached {
        match self {
            Self::Rotate(rotation) | Self::Undo(rotation) => rotation.reached,
            Self::Restore { in_store: true, .. } | Self::Remove { .. } => Reached::Switch,
            _ => Reached::Stage,
        }
    }

    fn reach(&mut self, reached: Reached) {
        match self {
            Self::Rotate(rotation) | Self::Undo(rotation) => rotation.reached = reached,
            Self::Restore { in_store, .. } => *in_store = true,
            _ => {}
        }
    }

    /// What was interrupted, and of a rotation at which step.
    pub fn interrupted(&self) -> String {
        match self {
            Self::Add { name, .. } => format!("`add {name}` was interrupted"),
            Self::Remove { name } => format!("`remove {name}` was interrupted"),
            Self::Rename { from, to } => format!("`rename {from} {to}` was interrupted"),
            Self::Rotate(Rotation { name, reached, .. }) => {
                format!("`rotate {name}` was interrupted {}", reached.in_words())
            }
            Self::Undo(Rotation { name, .. }) => format!("`rotate {name} --undo` was interrupted"),
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

    /// The command that completes it or rolls it back first.
    pub fn way_on(&self) -> Hint {
        match self {
            Self::Rotate(rotation) => Hint::run("rotate").arg(&rotation.name),
            Self::Undo(rotation) => Hint::run("rotate").arg(&rotation.name).flag("--undo"),
            _ => Hint::run("verify"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::{day, key, name, profile};
    use crate::model::{KeyRecord, Profiles};

    #[test]
    fn a_rotation_says_at_which_step_it_stopped_and_what_goes_on_with_it() {
        let mut rotation = Rotation::new(name("dev"), KeyRecord::of(&key("new"), day(1)));
        let table = [
            (Reached::Stage, "before the old key was touched"),
            (Reached::Keep, "while the old key, still in use, was copied aside"),
            (Reached::Switch, "while the new key took the place of the old one, which is kept"),
            (Reached::Sweep, "with the new key in use, before its spare copy was deleted"),
        ];
        for (reached, place) in table {
            rotation.reached = reached;
            let unfinished = Change::Rotate(rotation.clone());
            assert_eq!(unfinished.interrupted(), format!("`rotate dev` was interrupted {place}"));
            assert_eq!(unfinished.way_on(), Hint::run("rotate dev"));
        }
        let removed = Change::Remove { name: name("dev") };
        assert_eq!(
            (removed.interrupted().as_str(), removed.way_on()),
            ("`remove dev` was interrupted", Hint::run("verify"))
        );
        let undone = Change::Undo(rotation);
        assert_eq!(
            (undone.interrupted().as_str(), undone.way_on()),
            ("`rotate dev --undo` was interrupted", Hint::run("rotate dev --undo"))
        );
    }

    #[test]
    fn a_restore_names_five_profiles_and_counts_the_rest() {
        let told = |count: usize| {
            let new = ["a", "b", "c", "d", "e", "f", "g"].into_iter().take(count);
            let profiles = new.map(|text| NewProfile::of(&profile(text))).collect();
            Change::RestoreNew { profiles }.interrupted()
        };
        assert_eq!(told(1), "`restore` of a was interrupted");
        assert_eq!(told(5), "`restore` of a, b, c, d, e was interrupted");
        assert_eq!(told(7), "`restore` of a, b, c, d, e and 2 more was interrupted");
    }

    #[test]
    fn how_far_a_change_came_is_kept_where_it_decides_how_it_goes_on() {
        let rotation = || Rotation::new(name("dev"), KeyRecord::of(&key("new"), day(1)));
        let restore = Change::Restore { profile: Box::new(profile("dev")), in_store: false };
        let finish = Change::Finish { name: name("dev") };
        let remove = Change::Remove { name: name("dev") };
        for (change, at_first, then) in [
            (Change::Rotate(rotation()), Reached::Stage, Reached::Switch),
            (Change::Undo(rotation()), Reached::Stage, Reached::Switch),
            (restore, Reached::Stage, Reached::Switch),
            (finish, Reached::Stage, Reached::Stage),
            (remove, Reached::Switch, Reached::Switch),
        ] {
            let mut profiles = Profiles::default();
            profiles.begin(change);
            assert_eq!(profiles.unfinished().map(Change::reached), Some(at_first));
            profiles.reach(Reached::Switch);
            assert_eq!(profiles.unfinished().map(Change::reached), Some(then));
            profiles.end();
            assert_eq!(profiles.unfinished(), None);
        }
    }
}
