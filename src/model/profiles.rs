//! All profiles, which one is active, and every key that was ever used.

use std::collections::HashSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::fingerprint::hex;
use super::{
    Change, Fingerprint, KeyRecord, Profile, ProfileName, Pushed, Retired, SharedCopy, StoreKind, retired,
};

/// The schema this program reads and writes.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything the program remembers; holds fingerprints, never a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    /// Always [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Where the keys are; chosen at the first `add`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreKind>,
    /// The active profile, used if nothing else selects one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<ProfileName>,
    /// The one that was active before, for `use -`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<ProfileName>,
    /// A change that has begun and is not yet done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unfinished: Option<Change>,
    /// Where the profiles are shared: what this copy of them is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<SharedCopy>,
    /// The profiles, by name.
    #[serde(default, rename = "profile", skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<Profile>,
    /// Keys that no profile has any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<Retired>,
    /// Pins that the user allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<AllowedPin>,
}

/// A directory's pin, accepted as it was: another content has to be accepted again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowedPin {
    /// The pin file's absolute path, as [`AllowedPin::written`].
    pub path: String,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
}

impl AllowedPin {
    /// A path so that no two are written alike: itself, or `bytes:` and its bytes in hex where it is not UTF-8.
    pub fn written(path: &Path) -> String {
        match path.to_str() {
            Some(text) => text.to_owned(),
            None => format!("bytes:{}", hex(path.as_os_str().as_encoded_bytes())),
        }
    }
}

/// Where a fingerprint is known from.
#[derive(Clone, Debug, PartialEq)]
pub enum Known<'a> {
    /// A profile's key in use.
    Current(&'a Profile),
    /// A profile's key before the open rotation.
    Previous(&'a Profile),
    /// A key that no profile holds any more.
    Retired(&'a Retired),
}

/// Why profiles that parsed cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistent {
    /// Two profiles of one name.
    #[error("it names profile `{0}` twice")]
    TwiceNamed(ProfileName),
    /// The active profile is not in it.
    #[error("its active profile `{0}` is not in it")]
    ActiveMissing(ProfileName),
}

impl Default for Profiles {
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            store: None,
            active: None,
            previous: None,
            unfinished: None,
            copy: None,
            all: Vec::new(),
            retired: Vec::new(),
            allowed: Vec::new(),
        }
    }
}

impl Profiles {
    /// The profile of that name.
    pub fn get(&self, name: &ProfileName) -> Option<&Profile> {
        self.all.iter().find(|p| p.name == *name)
    }

    /// The profile of that name, to be changed.
    pub fn get_mut(&mut self, name: &ProfileName) -> Option<&mut Profile> {
        self.all.iter_mut().find(|p| p.name == *name)
    }

    /// Adds a profile in its place by name; the first unprotected one becomes active.
    pub fn insert(&mut self, profile: Profile) {
        if self.active.is_none() && !profile.protected {
            self.active = Some(profile.name.clone());
        }
        let place = self.all.partition_point(|p| p.name < profile.name);
        self.all.insert(place, profile);
    }

    /// Adds profiles of new names, whose keys are given up no more; the first unprotected one becomes active.
    pub fn insert_all(&mut self, new: Vec<Profile>) {
        let keys: HashSet<_> = new.iter().flat_map(Profile::keys).collect();
        self.retired.retain(|retired| !keys.contains(&retired.fingerprint));
        if self.active.is_none() {
            self.active = new.iter().find(|profile| !profile.protected).map(|profile| profile.name.clone());
        }
        self.all.extend(new);
        self.all.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Takes a profile out and retires its keys; `None` where there is none of that name.
    pub fn remove(&mut self, name: &ProfileName, now: DateTime<Utc>) -> Option<Profile> {
        let place = self.all.iter().position(|p| p.name == *name)?;
        let profile = self.all.remove(place);
        if let Some(previous) = &profile.previous {
            // Its rotation was never finished: it was not proven dead, and may come back with its profile.
            self.retire(previous.key.retire(name, retired::Reason::Removed, now));
        }
        self.retire(profile.key.retire(name, retired::Reason::Removed, now));
        self.active.take_if(|active| active == name);
        self.previous.take_if(|previous| previous == name);
        Some(profile)
    }

    /// Puts a profile in the place of the one of its name, whose keys are retired, or adds it. Where keys were pushed to is
    /// known here alone.
    pub fn bring_back(&mut self, mut profile: Profile, now: DateTime<Utc>) {
        let (active, previous) = (self.active.clone(), self.previous.clone());
        let name = profile.name.clone();
        profile.pushed = self.remove(&name, now).map(|here| here.pushed).unwrap_or_default();
        self.retired.retain(|retired| retired.fingerprint != profile.key.fingerprint);
        self.insert(profile);
        for (selected, before) in [(&mut self.active, active), (&mut self.previous, previous)] {
            if before.as_ref() == Some(&name) {
                *selected = before;
            }
        }
    }

    /// Renames a profile, also as the active and the previous one.
    pub fn rename(&mut self, old: &ProfileName, new: &ProfileName) {
        let Some(place) = self.all.iter().position(|p| p.name == *old) else { return };
        let mut profile = self.all.remove(place);
        profile.name = new.clone();
        for name in [&mut self.active, &mut self.previous] {
            if name.as_ref() == Some(old) {
                *name = Some(new.clone());
            }
        }
        let place = self.all.partition_point(|p| p.name < *new);
        self.all.insert(place, profile);
    }

    /// Makes a profile the active one; the one before is kept for `use -`.
    pub fn activate(&mut self, name: &ProfileName) {
        if self.active.as_ref() != Some(name) {
            self.previous = self.active.replace(name.clone());
        }
    }

    /// Adds a key to the retired ones, once.
    pub fn retire(&mut self, key: Retired) {
        self.retired.retain(|r| r.fingerprint != key.fingerprint);
        self.retired.push(key);
    }

    /// Every key that a profile of this name holds or held: what the store may have of ours under that name.
    pub fn keys_of(&self, name: &ProfileName) -> Vec<Fingerprint> {
        let held = self.get(name).into_iter().flat_map(Profile::keys);
        let retired = self.retired.iter().filter(|key| key.profile == *name).map(|key| key.fingerprint);
        held.chain(retired).collect()
    }

    /// The profile that has or had the key of this fingerprint.
    pub fn known(&self, fingerprint: &Fingerprint) -> Option<Known<'_>> {
        let current = self.all.iter().find(|p| p.key.fingerprint == *fingerprint).map(Known::Current);
        let holds = |p: &&Profile| p.previous.as_ref().is_some_and(|k| k.key.fingerprint == *fingerprint);
        current
            .or_else(|| self.all.iter().find(holds).map(Known::Previous))
            .or_else(|| self.retired.iter().find(|r| r.fingerprint == *fingerprint).map(Known::Retired))
    }

    /// Records that a target has a profile's key, and no other profile's any more.
    pub fn enter_pushed(&mut self, name: &ProfileName, pushed: Pushed) {
        for profile in &mut self.all {
            profile.pushed.retain(|known| known.target != pushed.target);
        }
        if let Some(profile) = self.get_mut(name) {
            let place = profile.pushed.partition_point(|known| known.target < pushed.target);
            profile.pushed.insert(place, pushed);
        }
    }

    /// The profile whose key was last pushed to a target.
    pub fn pushed_to(&self, target: &str) -> Option<&Profile> {
        self.all.iter().find(|profile| profile.pushed.iter().any(|known| known.target == target))
    }

    /// The name nearest to a mistyped one.
    pub fn nearest(&self, name: &str) -> Option<&ProfileName> {
        super::nearest(name, self.all.iter().map(|p| &p.name), ProfileName::as_str)
    }

    /// Checks what the syntax does not guarantee.
    ///
    /// # Errors
    /// [`Inconsistent`], with what contradicts itself.
    pub fn check(&self) -> Result<(), Inconsistent> {
        let mut names = HashSet::with_capacity(self.all.len());
        if let Some(twice) = self.all.iter().find(|p| !names.insert(&p.name)) {
            return Err(Inconsistent::TwiceNamed(twice.name.clone()));
        }
        match &self.active {
            Some(active) if !names.contains(active) => Err(Inconsistent::ActiveMissing(active.clone())),
            _ => Ok(()),
        }
    }
}

impl Known<'_> {
    /// What is remembered of the key, for the ones a profile still holds.
    pub fn record(&self) -> Option<&KeyRecord> {
        match self {
            Self::Current(profile) => Some(&profile.key),
            Self::Previous(profile) => profile.previous.as_ref().map(|p| &p.key),
            Self::Retired(_) => None,
        }
    }

    /// The profile that holds or held it.
    pub fn profile_name(&self) -> &ProfileName {
        match self {
            Self::Current(profile) | Self::Previous(profile) => &profile.name,
            Self::Retired(retired) => &retired.profile,
        }
    }
}

#[cfg(test)]
#[path = "profiles_tests.rs"]
mod tests;
