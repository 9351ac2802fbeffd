//! The slots that a profile has for its keys in a store.

use std::fmt;

use super::{Fingerprint, Profile, ProfileName};

/// The place of one key: a profile's current key, its previous one, or the next one during a rotation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The profile.
    pub profile: ProfileName,
    /// Which of its keys.
    pub role: Role,
    /// The keys of ours that it may hold, the one that is meant first; they tell our entry from others that answer to the
    /// same name.
    pub ours: Vec<Fingerprint>,
}

/// Which of a profile's keys a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The key in use.
    Current,
    /// The key before the last rotation, until it is finished.
    Previous,
    /// The key that a rotation has not yet verified.
    Next,
}

impl Slot {
    /// The slot of a profile's key in use.
    pub fn current(profile: &ProfileName) -> Self {
        Self { profile: profile.clone(), role: Role::Current, ours: Vec::new() }
    }

    /// The slot of the key before the last rotation.
    pub fn previous(profile: &ProfileName) -> Self {
        Self { profile: profile.clone(), role: Role::Previous, ours: Vec::new() }
    }

    /// The slot of a key that is not yet verified.
    pub fn next(profile: &ProfileName) -> Self {
        Self { profile: profile.clone(), role: Role::Next, ours: Vec::new() }
    }

    /// The slot of a profile's key by its role, where that very key is meant.
    pub fn of(profile: &Profile, role: Role) -> Self {
        let ours = match role {
            Role::Current => Some(profile.key.fingerprint),
            Role::Previous => profile.previous.as_ref().map(|previous| previous.key.fingerprint),
            Role::Next => None,
        };
        Self { profile: profile.name.clone(), role, ours: ours.into_iter().collect() }
    }

    /// The same slot, which may hold these keys of ours: an entry with one of them may be replaced or deleted.
    #[must_use]
    pub fn holding(mut self, keys: impl IntoIterator<Item = Fingerprint>) -> Self {
        self.ours.extend(keys);
        self
    }
}

/// The account name in a keychain: `prod`, `prod~previous`, `prod~next`. No profile name holds a `~`.
impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.profile.as_str())?;
        match self.role {
            Role::Current => Ok(()),
            Role::Previous => f.write_str("~previous"),
            Role::Next => f.write_str("~next"),
        }
    }
}
