//! A backend in one file, as somebody else would write it: profiles and keys in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;

use getimg_keys::backend::{Backend, Capabilities, Commit, Edit, Health, Slot, Store, StoreError, StoreKind};
use getimg_keys::error::Result;
use getimg_keys::model::{ApiKey, Profiles};
use zeroize::Zeroizing;

#[derive(Default)]
pub(super) struct InMemory {
    profiles: RefCell<Profiles>,
    keys: RefCell<BTreeMap<String, String>>,
}

impl InMemory {
    /// Another program writes into an entry what is not a key.
    pub(super) fn spoil(&self, slot: &str) {
        self.keys.borrow_mut().insert(slot.to_owned(), String::new());
    }

    /// Somebody deletes an entry, whatever is in it.
    pub(super) fn delete(&self, slot: &str) {
        self.keys.borrow_mut().remove(slot);
    }
}

struct Kept<'a>(&'a RefCell<Profiles>);

impl Backend for InMemory {
    fn profiles(&self) -> Result<Profiles> {
        Ok(self.profiles.borrow().clone())
    }

    fn edit(&self) -> Result<Edit<'_>> {
        Ok(Edit::new(self.profiles()?, Kept(&self.profiles)))
    }

    fn keys(&self) -> Result<&dyn Store> {
        Ok(self)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { writable: true, remembers: true, shared: false }
    }
}

impl Commit for Kept<'_> {
    fn save(&mut self, profiles: &mut Profiles) -> Result<()> {
        self.0.replace(profiles.clone());
        Ok(())
    }
}

impl Store for InMemory {
    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        let text = self.keys.borrow().get(&slot.to_string()).cloned().ok_or(StoreError::Missing)?;
        ApiKey::parse(Zeroizing::new(text)).map_err(|_| StoreError::NotAKey)
    }

    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError> {
        let is_ours = |held: &ApiKey| {
            slot.ours.contains(&held.fingerprint()) || held.fingerprint() == key.fingerprint()
        };
        match self.get(slot) {
            Ok(held) if !is_ours(&held) => Err(StoreError::Occupied(Vec::new())),
            _ => {
                self.keys.borrow_mut().insert(slot.to_string(), key.expose().to_owned());
                Ok(())
            }
        }
    }

    fn forget(&self, slot: &Slot) -> Result<(), StoreError> {
        if self.get(slot).is_ok_and(|held| slot.ours.contains(&held.fingerprint())) {
            self.keys.borrow_mut().remove(&slot.to_string());
        }
        Ok(())
    }

    fn health(&self) -> Health {
        Health::Ready
    }
}
