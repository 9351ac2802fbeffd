//! Finds keys that an earlier version stored under another service name.
//!
//! That name was made from the folder's path as it was spelled, or was the same for every folder below `XDG_DATA_HOME`.

use super::keychain::Keychain;
use crate::backend::{Entry, Health, Slot, Store, StoreError, StoreKind};
use crate::model::ApiKey;

/// The keychain's entries of a folder, and those of its earlier name: the latter are read only if the recorded key is
/// there,
/// and never written to.
pub(super) struct RenamedService<'a> {
    pub(super) now: Keychain<'a>,
    pub(super) before: Keychain<'a>,
    /// Whether other folders had that name too, so that its entries may be theirs as well: then nothing is deleted.
    pub(super) shared: bool,
}

impl RenamedService<'_> {
    /// Only the exact key that is recorded: anything else under that name may not be ours.
    fn before(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        if slot.ours.is_empty() {
            return Err(StoreError::Missing);
        }
        match self.before.get(slot) {
            Ok(key) if slot.ours.contains(&key.fingerprint()) => Ok(key),
            Ok(_) | Err(StoreError::NotAKey | StoreError::Ambiguous(_)) => Err(StoreError::Missing),
            Err(why) => Err(why),
        }
    }

    fn forget_before(&self, slot: &Slot) -> Result<(), StoreError> {
        if self.shared || slot.ours.is_empty() { Ok(()) } else { self.before.forget(slot) }
    }
}

impl Store for RenamedService<'_> {
    fn kind(&self) -> StoreKind {
        self.now.kind()
    }

    fn entries(&self, slot: &Slot) -> Result<Vec<Entry>, StoreError> {
        self.now.entries(slot)
    }

    fn accounts(&self) -> Result<Option<Vec<String>>, StoreError> {
        self.now.accounts()
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        match self.now.get(slot) {
            Err(StoreError::Missing) => self.before(slot),
            other => other,
        }
    }

    fn get_all(&self, slots: &[Slot]) -> Vec<Result<ApiKey, StoreError>> {
        let found = self.now.get_all(slots).into_iter().zip(slots);
        let else_before = |(key, slot)| match key {
            Err(StoreError::Missing) => self.before(slot),
            other => other,
        };
        found.map(else_before).collect()
    }

    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError> {
        self.now.put(slot, key)?;
        self.forget_before(slot)
    }

    fn forget(&self, slot: &Slot) -> Result<(), StoreError> {
        self.now.forget(slot)?;
        self.forget_before(slot)
    }

    fn health(&self) -> Health {
        self.now.health()
    }

    fn provider(&self) -> Option<String> {
        self.now.provider()
    }
}
