//! The keys of all profiles, read for a backup or for another store.

use super::open_store::explain_unread;
use crate::backend::{Role, Slot, Store};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::{ApiKey, Profile, Profiles};

/// Every slot the profiles know to hold a key.
pub fn slots(profiles: &Profiles) -> Vec<Slot> {
    let of = |profile: &Profile| {
        let previous = profile.previous.as_ref().map(|_| Slot::of(profile, Role::Previous));
        [Some(Slot::of(profile, Role::Current)), previous]
    };
    profiles.all.iter().flat_map(of).flatten().collect()
}

/// Reads a key and checks that it is the one the profiles know.
///
/// # Errors
/// The store's errors; a key that something else changed (6).
pub fn read(profiles: &Profiles, store: &dyn Store, slot: &Slot) -> Result<ApiKey> {
    let name = &slot.profile;
    let key = store.get(slot).map_err(|e| explain_unread(&e, store, name))?;
    let expected = profiles.get(name).and_then(|profile| match slot.role {
        Role::Previous => profile.previous.as_ref().map(|previous| previous.key.fingerprint),
        Role::Current | Role::Next => Some(profile.key.fingerprint),
    });
    if expected == Some(key.fingerprint()) {
        Ok(key)
    } else {
        Err(Error::policy(format!(
            "{} holds another key for `{slot}` than the one that was added",
            store.kind().in_words()
        ))
        .hint(Hint::run("verify").arg(name).note("shows which key it is, and asks before adopting it")))
    }
}
