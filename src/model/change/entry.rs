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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::{day, key, name, previous, profile, profiles, record};

    /// `dev` in a rotation, and two keys that were given up.
    fn in_rotation() -> Profiles {
        let mut all = profiles(&["dev"]);
        all.get_mut(&name("dev")).unwrap().previous = Some(previous("old"));
        for seed in ["new", "other"] {
            all.retire(record(seed).retire(&name("dev"), retired::Reason::Removed, day(1)));
        }
        all
    }

    #[test]
    fn what_is_applied_is_seen_to_be_and_twice_is_as_once() {
        let new = Profile { key: record("new"), ..profile("dev") };
        let entries = [
            Entry::New(vec![key("ci").fingerprint()]),
            Entry::Gone(name("dev")),
            Entry::Renamed(name("dev"), name("laptop")),
            Entry::Rotated(Rotation::new(name("dev"), record("new"))),
            Entry::Replaced(Box::new(new)),
            Entry::Finished(name("dev")),
        ];
        for entry in entries {
            let mut all = in_rotation();
            assert!(!entry.is_in(&all), "{entry:?}");
            entry.make(&mut all, vec![profile("ci")], day(2));
            assert!(entry.is_in(&all), "{entry:?}");
        }
        let (mut all, entry) = (profiles(&["dev"]), Entry::Previous(name("dev"), previous("old")));
        assert!(!entry.is_in(&all));
        entry.make(&mut all, Vec::new(), day(2));
        assert!(entry.is_in(&all));
    }

    #[test]
    fn a_key_that_is_in_use_again_is_given_up_no_more() {
        let gone = |all: &Profiles| all.retired.iter().map(|gone| gone.fingerprint).collect::<Vec<_>>();
        let other = key("other").fingerprint();
        let mut all = in_rotation();
        Entry::Rotated(Rotation::new(name("dev"), record("new"))).make(&mut all, Vec::new(), day(2));
        assert_eq!(gone(&all), [other]);
        let dev = all.get(&name("dev")).unwrap();
        assert_eq!((&dev.key, dev.rotated_at), (&record("new"), Some(day(2))));
        assert_eq!(dev.previous, Some(PreviousKey { since: day(2), key: profile("dev").key }));

        let mut all = in_rotation();
        Entry::Previous(name("dev"), previous("new")).make(&mut all, Vec::new(), day(2));
        assert_eq!(gone(&all), [other]);
        assert_eq!(all.get(&name("dev")).unwrap().previous, Some(previous("new")));
    }

    #[test]
    fn a_previous_key_that_was_refused_is_remembered_as_such() {
        let mut all = in_rotation();
        Entry::Finished(name("dev")).make(&mut all, Vec::new(), day(2));
        let last = all.retired.last().unwrap();
        assert_eq!((last.fingerprint, last.refused_at), (key("old").fingerprint(), Some(day(2))));
        assert_eq!(
            (last.reason, all.get(&name("dev")).unwrap().previous.clone()),
            (retired::Reason::Rotated, None)
        );
    }
}
