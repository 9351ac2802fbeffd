//! The profiles that a team shares, and how two changes of them are merged.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::profiles::SCHEMA_VERSION;
use super::{Fingerprint, KeyRecord, Known, Profile, ProfileName, Profiles, Retired, retired};

/// The profiles as they lie in a shared store; whoever uses them adds what is their own ([`Profiles::share`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedProfiles {
    /// Always [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Tells it from every other: a machine keeps to the one it joined.
    pub id: String,
    /// The profiles, by name.
    #[serde(rename = "profiles")]
    pub all: Vec<Profile>,
    /// Keys that no profile holds any more.
    pub retired: Vec<Retired>,
    /// Entries of keys that are being deleted; no profile may come to hold one of them meanwhile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deleting: Vec<Deleting>,
}

/// An entry of a key that no profile holds, up to the version that it had when that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deleting {
    /// The key.
    pub fingerprint: Fingerprint,
    /// Its newest version that goes; a later one is somebody's new key.
    pub up_to: u64,
}

/// Two changes that cannot both be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Clash {
    /// Somebody else changed the same profile.
    #[error("somebody else changed `{0}` meanwhile")]
    Profile(ProfileName),
    /// Somebody else gave the same key to another profile, gave it up for good, or is deleting it.
    #[error("the key for `{0}` was added or given up elsewhere meanwhile")]
    Key(ProfileName),
}

impl SharedProfiles {
    /// One that is new and empty.
    pub fn new(id: String) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            id,
            all: Vec::new(),
            retired: Vec::new(),
            deleting: Vec::new(),
        }
    }

    /// The same with the profiles and the given-up keys of another.
    #[must_use]
    pub fn with(&self, profiles: &Profiles) -> Self {
        Self { all: profiles.all.clone(), retired: profiles.retired.clone(), ..self.clone() }
    }

    /// Whether a profile holds the key.
    pub fn holds(&self, key: Fingerprint) -> bool {
        self.held().any(|held| held == key)
    }

    /// Every key that a profile holds.
    pub fn held(&self) -> impl Iterator<Item = Fingerprint> {
        self.all.iter().flat_map(Profile::keys)
    }

    /// What `mine` changed of these profiles, changed in `theirs`, which somebody else made of it meanwhile.
    ///
    /// What is known of a key is never worth a clash: the newer verdict stays, and a key that one side declared
    /// compromised is so, be it the one before a rotation by then.
    ///
    /// # Errors
    /// [`Clash`]: both changed the same profile, or came to hold the same key.
    pub fn merge(&self, mine: &Self, theirs: &Self) -> Result<Self, Clash> {
        let merged = Self {
            all: self.merged_profiles(mine, theirs)?,
            retired: apply(&self.retired, &mine.retired, &theirs.retired, |one, other| {
                one.fingerprint == other.fingerprint
            }),
            deleting: apply(&self.deleting, &mine.deleting, &theirs.deleting, |one, other| {
                one.fingerprint == other.fingerprint
            }),
            ..theirs.clone()
        };
        self.without_clashing_keys(merged, theirs)
    }

    fn merged_profiles(&self, mine: &Self, theirs: &Self) -> Result<Vec<Profile>, Clash> {
        let three = [self, mine, theirs];
        let mut names: Vec<_> = three.iter().flat_map(|b| &b.all).map(|p| p.name.clone()).collect();
        names.sort();
        names.dedup();
        let mut merged = Vec::new();
        for name in names {
            let [before, mine, theirs] = three.map(|profiles| profiles.all.iter().find(|p| p.name == name));
            let one = match (before, mine, theirs) {
                _ if mine == before || mine == theirs => theirs.cloned(),
                _ if theirs == before => mine.cloned(),
                (Some(before), Some(mine), Some(theirs)) => {
                    Some(one_of_both(before, mine, theirs).ok_or(Clash::Profile(name))?)
                }
                _ => return Err(Clash::Profile(name)),
            };
            merged.extend(one);
        }
        Ok(merged)
    }

    /// Refuses keys that came in on one side and became known on the other.
    fn without_clashing_keys(&self, mut merged: Self, theirs: &Self) -> Result<Self, Clash> {
        let mut all: Vec<_> = merged
            .all
            .iter()
            .flat_map(|profile| profile.keys().map(|key| (key, profile.name.clone())))
            .collect();
        all.sort();
        // Also where both gave one profile another name.
        if let Some([(_, name), _]) = all.array_windows().find(|[(one, _), (other, _)]| one == other) {
            return Err(Clash::Key(name.clone()));
        }
        for (key, name) in all.into_iter().filter(|(key, _)| !self.holds(*key)) {
            let given_up =
                |gone: &Retired| gone.fingerprint == key && gone.reason != retired::Reason::Removed;
            let for_good = merged.retired.iter().any(given_up) && !self.retired.iter().any(given_up);
            let going = |gone: &Deleting| gone.fingerprint == key;
            if for_good || (!theirs.holds(key) && merged.deleting.iter().any(going)) {
                return Err(Clash::Key(name));
            }
            merged.retired.retain(|gone| gone.fingerprint != key);
        }
        Ok(merged)
    }
}

/// `theirs` without what `mine` took out of `before`, and with what it put in.
fn apply<T: Clone + PartialEq>(before: &[T], mine: &[T], theirs: &[T], same: fn(&T, &T) -> bool) -> Vec<T> {
    let added: Vec<_> = mine.iter().filter(|one| !before.contains(one)).collect();
    let gone = |one: &T| before.iter().any(|b| same(b, one)) && !mine.iter().any(|m| same(m, one));
    let kept = theirs.iter().filter(|one| !gone(one) && !added.iter().any(|new| same(new, one)));
    kept.chain(added.iter().copied()).cloned().collect()
}

/// One profile that two people changed, where one of them changed nothing but what is known of its key.
fn one_of_both(before: &Profile, mine: &Profile, theirs: &Profile) -> Option<Profile> {
    let [old, my_core, their_core] = [before, mine, theirs].map(without_what_is_known);
    let (mut merged, other) = match (my_core == old, their_core == old) {
        (true, _) => (theirs.clone(), mine),
        (_, true) => (mine.clone(), theirs),
        _ => return None,
    };
    let was_declared = other.key.compromised_at != before.key.compromised_at;
    let is_the_same = |record: &KeyRecord| record.fingerprint == other.key.fingerprint;
    let previous = merged.previous.as_mut().map(|previous| &mut previous.key);
    let record = if is_the_same(&merged.key) { Some(&mut merged.key) } else { previous };
    match record.filter(|record| is_the_same(record)) {
        Some(record) => {
            take_newer(record, &other.key);
            if was_declared {
                record.compromised_at = other.key.compromised_at;
            }
            Some(merged)
        }
        None => (!was_declared).then_some(merged),
    }
}

fn without_what_is_known(profile: &Profile) -> Profile {
    let key =
        KeyRecord { verification: None, last_attempt: None, compromised_at: None, ..profile.key.clone() };
    Profile { key, ..profile.clone() }
}

fn take_newer(key: &mut KeyRecord, other: &KeyRecord) {
    if other.verification.as_ref().map(|v| v.checked_at) > key.verification.as_ref().map(|v| v.checked_at) {
        key.verification.clone_from(&other.verification);
    }
    if other.last_attempt.as_ref().map(|a| a.at) > key.last_attempt.as_ref().map(|a| a.at) {
        key.last_attempt.clone_from(&other.last_attempt);
    }
}

impl Profiles {
    /// Takes what is shared over from the shared profiles; what is the person's own stays, as far as it still can.
    pub fn share(&mut self, shared: &SharedProfiles) {
        self.all.clone_from(&shared.all);
        self.retired.clone_from(&shared.retired);
        for name in [&mut self.active, &mut self.previous] {
            name.take_if(|name| !shared.all.iter().any(|profile| profile.name == *name));
        }
        self.block_untold();
    }

    /// Keys that were declared compromised here are so, whatever the shared profiles say yet.
    fn block_untold(&mut self) {
        let untold = self.copy.as_ref().map(|copy| copy.untold.clone()).unwrap_or_default();
        for profile in &mut self.all {
            for told in untold.iter().filter(|told| told.fingerprint == profile.key.fingerprint) {
                profile.key.compromised_at.get_or_insert(told.at);
            }
        }
    }

    /// Whether the key is a profile's in use or before.
    pub fn holds(&self, key: Fingerprint) -> bool {
        matches!(self.known(&key), Some(Known::Current(_) | Known::Previous(_)))
    }
}

#[cfg(test)]
#[path = "shared_profiles_tests.rs"]
mod tests;
