//! What a change does to the profiles.

use chrono::{DateTime, Utc};

use super::Rotation;
use crate::model::{Fingerprint, PreviousKey, Profile, ProfileName, Profiles, Retired, retired};

/// What a change does to the profiles. Applying it twice is the same as applying it once.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// The given profiles are added, with these keys.
    New(Vec<Fingerprint>),
    /// A profile is removed.
    Gone(ProfileName),
    /// A profile gets another name.
    Renamed(ProfileName, ProfileName),
    /// A new key is in use; the one before it is the previous one.
    Rotated(Rotation),
    /// A profile replaces the one of its name.
    Replaced(Box<Profile>),
    /// A profile has its previous key again.
    Previous(ProfileName, PreviousKey),
    /// A profile's previous key was refused, and is removed.
    Finished(ProfileName),
}

impl Entry {
    /// Whether it is already applied.
    pub fn is_in(&self, profiles: &Profiles) -> bool {
        let in_use = |name: &ProfileName| profiles.get(name).map(|profile| profile.key.fingerprint);
        let previous = |name: &ProfileName| profiles.get(name).and_then(|profile| profile.previous.as_ref());
        match self {
            Self::New(keys) => keys.iter().all(|key| profiles.holds(*key)),
            Self::Gone(name) => profiles.get(name).is_none(),
            Self::Renamed(_, to) => profiles.get(to).is_some(),
            Self::Rotated(rotation) => in_use(&rotation.name) == Some(rotation.new.fingerprint),
            Self::Replaced(profile) => in_use(&profile.name) == Some(profile.key.fingerprint),
            Self::Previous(name, _) => previous(name).is_some(),
            Self::Finished(name) => previous(name).is_none(),
        }
    }

    /// Applies it; `new` are the given profiles.
    pub fn make(&self, profiles: &mut Profiles, new: Vec<Profile>, now: DateTime<Utc>) {
        match self {
            Self::New(_) => profiles.insert_all(new),
            Self::Gone(name) => drop(profiles.remove(name, now)),
            Self::Renamed(from, to) => profiles.rename(from, to),
            Self::Rotated(rotation) => rotated(profiles, rotation, now),
            Self::Replaced(profile) => profiles.bring_back((**profile).clone(), now),
            Self::Previous(name, previous) => {
                if let Some(profile) = profiles.get_mut(name) {
                    profile.previous = Some(previous.clone());
                }
                profiles.retired.retain(|retired| retired.fingerprint != previous.key.fingerprint);
            }
            Self::Finished(name) => {
                if let Some(old) = profiles.get_mut(name).and_then(|profile| profile.previous.take()) {
                    let gone = old.key.retire(name, retired::Reason::Rotated, now);
                    profiles.retire(Retired { refused_at: Some(now), ..gone });
                }
            }
        }
    }
}

fn rotated(profiles: &mut Profiles, rotation: &Rotation, now: DateTime<Utc>) {
    let Some(profile) = profiles.get_mut(&rotation.name) else { return };
    let old = std::mem::replace(&mut profile.key, rotation.new.clone());
    profile.previous = Some(PreviousKey { since: now, key: old });
    profile.rotated_at = Some(now);
    profiles.retired.retain(|retired| retired.fingerprint != rotation.new.fingerprint);
}
