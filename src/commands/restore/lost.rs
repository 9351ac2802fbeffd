//! Keys that the profiles know and the store has no more: deleted by another program, or with the keychain.

use super::Keys;
use crate::backend::{Slot, Store, StoreError};
use crate::error::Result;
use crate::flows::every_key;
use crate::flows::open_store::unread;
use crate::model::{ProfileName, Profiles, StoreKind};

/// Puts keys back that the profiles here know and the store has lost; returns whose.
pub(super) fn bring_back(
    profiles: &Profiles,
    store: &dyn Store,
    keys: &Keys<'_>,
) -> Result<Vec<ProfileName>> {
    let mut returned = Vec::new();
    for slot in every_key::slots(profiles) {
        let Some(key) =
            keys.get(&slot.to_string()).filter(|key| slot.ours.first() == Some(&key.fingerprint()))
        else {
            continue;
        };
        if is_lost(profiles, store, &slot)? {
            store.put(&slot, key).map_err(|why| unread(&why, store.kind(), Some(&slot.profile)))?;
            returned.push(slot.profile);
        }
    }
    returned.dedup();
    Ok(returned)
}

/// Whether the store has no such entry, or a damaged file. Encrypted files are not opened: that takes the passphrase.
fn is_lost(profiles: &Profiles, store: &dyn Store, slot: &Slot) -> Result<bool> {
    if store.kind() == StoreKind::File {
        return match store.look(slot) {
            Ok(()) => Ok(false),
            Err(StoreError::Missing | StoreError::Damaged(_)) => Ok(true),
            Err(why) => Err(unread(&why, store.kind(), Some(&slot.profile))),
        };
    }
    match store.get(slot) {
        Err(StoreError::Missing) => Ok(true),
        Ok(key) if slot.ours.contains(&key.fingerprint()) => Ok(false),
        _ => every_key::read(profiles, store, slot).map(|_| false),
    }
}
