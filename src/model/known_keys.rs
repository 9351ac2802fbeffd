//! Finds the profile of many fingerprints, in constant time for each.

use std::collections::HashMap;

use super::{Fingerprint, Known, Profile, ProfileName, Profiles};

/// The answers of [`Profiles::get`] and [`Profiles::known`], for whoever asks about many names and keys.
pub struct KnownKeys<'a> {
    names: HashMap<&'a ProfileName, &'a Profile>,
    keys: HashMap<Fingerprint, Known<'a>>,
}

impl<'a> KnownKeys<'a> {
    /// Those of some profiles.
    pub fn of(profiles: &'a Profiles) -> Self {
        let mut keys = HashMap::with_capacity(profiles.retired.len() + profiles.all.len());
        // What comes later counts: the first of a kind, and a key in use before any other.
        keys.extend(profiles.retired.iter().rev().map(|r| (r.fingerprint, Known::Retired(r))));
        for profile in profiles.all.iter().rev() {
            if let Some(previous) = &profile.previous {
                keys.insert(previous.key.fingerprint, Known::Previous(profile));
            }
        }
        keys.extend(profiles.all.iter().rev().map(|p| (p.key.fingerprint, Known::Current(p))));
        Self { names: profiles.all.iter().rev().map(|p| (&p.name, p)).collect(), keys }
    }

    /// As [`Profiles::get`].
    pub fn get(&self, name: &ProfileName) -> Option<&'a Profile> {
        self.names.get(name).copied()
    }

    /// As [`Profiles::known`].
    pub fn known(&self, key: &Fingerprint) -> Option<&Known<'a>> {
        self.keys.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::{day, key, name, profiles};
    use crate::model::{KeyRecord, PreviousKey, retired};

    #[test]
    fn it_answers_as_the_profiles_do() {
        let mut profiles = profiles(&["ci", "dev", "test"]);
        let record = |text: &str| KeyRecord::of(&key(text), day(1));
        profiles.all[1].previous = Some(PreviousKey { since: day(2), key: record("old") });
        // A key that is in use, is another's previous one and was given up besides.
        profiles.all[2].previous = Some(PreviousKey { since: day(2), key: record("ci") });
        for text in ["ci", "old", "gone"] {
            profiles.retired.push(record(text).retire(&name("dev"), retired::Reason::Rotated, day(3)));
        }
        let known = KnownKeys::of(&profiles);
        for text in ["ci", "dev", "test", "old", "gone", "new"] {
            let print = key(text).fingerprint();
            assert_eq!(known.known(&print), profiles.known(&print).as_ref(), "{text}");
            assert_eq!(known.get(&name(text)), profiles.get(&name(text)), "{text}");
        }
    }
}
