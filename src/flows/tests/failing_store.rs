//! A store for tests, which fails on request.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use zeroize::Zeroizing;

use crate::backend::{Health, Slot, Store, StoreError};
use crate::model::{ApiKey, StoreKind};

/// Keeps keys in memory and fails, like a killed process, from a given call on.
pub(super) struct Failing {
    pub keys: RefCell<HashMap<String, String>>,
    pub calls_left: Cell<usize>,
    /// How it fails, and whether only after it did what was asked.
    pub failure: (StoreError, bool),
}

impl Failing {
    /// Does what was asked, or fails before or after it.
    fn spend<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let (error, late) = &self.failure;
        match (self.calls_left.get(), late) {
            (0, false) => Err(error.clone()),
            (0, true) => work().and(Err(error.clone())),
            (left, _) => {
                self.calls_left.set(left - 1);
                work()
            }
        }
    }
}

impl Store for Failing {
    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        self.spend(|| {
            let text = self.keys.borrow().get(&slot.to_string()).cloned().ok_or(StoreError::Missing)?;
            ApiKey::parse(Zeroizing::new(text)).map_err(|_| StoreError::NotAKey)
        })
    }

    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError> {
        self.spend(|| {
            let mut keys = self.keys.borrow_mut();
            let held =
                keys.get(&slot.to_string()).and_then(|text| ApiKey::parse(Zeroizing::new(text.clone())).ok());
            if held.is_some_and(|held| {
                held.fingerprint() != key.fingerprint() && !slot.ours.contains(&held.fingerprint())
            }) {
                return Err(StoreError::Occupied(Vec::new()));
            }
            keys.insert(slot.to_string(), key.expose().to_owned());
            Ok(())
        })
    }

    fn forget(&self, slot: &Slot) -> Result<(), StoreError> {
        self.spend(|| {
            let mut keys = self.keys.borrow_mut();
            let held =
                keys.get(&slot.to_string()).and_then(|text| ApiKey::parse(Zeroizing::new(text.clone())).ok());
            if held.is_some_and(|held| slot.ours.contains(&held.fingerprint())) {
                keys.remove(&slot.to_string());
            }
            Ok(())
        })
    }

    fn health(&self) -> Health {
        Health::Ready
    }
}
