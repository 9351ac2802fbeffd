//! The Secret Service of Linux desktops, asked over D-Bus.
//!
//! The `keyring` crate opens its session first, which aborts gnome-keyring, and encrypted, which is nine tenths of
//! the work of a read (docs/decisions/secret-service.md). So it serves macOS and Windows, and this code serves Linux.

mod bus;
mod collections;
mod items;

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::waiting::Waiting;
use super::{Account, Dialogs};
use crate::backend::{Entry, StoreError};
use crate::system::process::ancestors;
use crate::system::terminal::escape;

const SERVICE_INTERFACE: &str = "org.freedesktop.Secret.Service";
const ROOT: &str = "/org/freedesktop/secrets";

/// The keychain's entries of one service.
pub(super) struct Client<'a> {
    service: &'a str,
    dialogs: Dialogs,
    waiting: &'a Waiting<'a>,
}

/// Runs a call on this thread, with its time limit.
pub(super) fn in_time<T>(
    service: &str,
    dialogs: Dialogs,
    waiting: &Waiting,
    work: impl FnOnce(&Client) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    work(&Client { service, dialogs, waiting })
}

impl Client<'_> {
    fn with_bus<T>(
        &self,
        dialogs: Dialogs,
        work: impl AsyncFnOnce(&bus::Bus) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        bus::with_bus(dialogs, self.waiting, work)
    }

    /// Reads the matching entry.
    pub(super) fn read(&self, account: &Account) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.with_bus(self.dialogs, async |bus| {
            let found = bus.found(self.service, account).await?;
            match found.ours(account) {
                Some(item) => Ok(item.secret.clone()),
                None if found.locked > 0 => Err(StoreError::Locked),
                None if found.items.is_empty() => Err(StoreError::Missing),
                None => Err(StoreError::Ambiguous(bus.described(&found.items).await)),
            }
        })
    }

    /// Reads in one go what can be read; the rest is asked for one by one.
    pub(super) fn read_all(
        &self,
        accounts: &[Account],
    ) -> Result<HashMap<String, Zeroizing<Vec<u8>>>, StoreError> {
        self.with_bus(self.dialogs, async |bus| bus.found_at_once(self.service, accounts).await)
    }

    /// Writes a key and reads it back; returns whether it was the same.
    pub(super) fn write(&self, account: &Account, key: &[u8]) -> Result<bool, StoreError> {
        self.with_bus(self.dialogs, async |bus| bus.write(self.service, account, key).await)
    }

    /// Deletes the entry that holds a key of ours.
    pub(super) fn delete(&self, account: &Account) -> Result<(), StoreError> {
        self.with_bus(self.dialogs, async |bus| bus.delete(self.service, account).await)
    }

    /// Every entry of an account.
    pub(super) fn entries(&self, account: &Account) -> Result<Vec<Entry>, StoreError> {
        self.with_bus(self.dialogs, async |bus| {
            let found = bus.found(self.service, account).await?;
            Ok(bus.described(&found.items).await)
        })
    }

    /// Every account of the service.
    pub(super) fn accounts(&self) -> Result<Option<Vec<String>>, StoreError> {
        self.with_bus(self.dialogs, async |bus| bus.accounts(self.service).await.map(Some))
    }

    /// The program that owns the service's name on the bus.
    pub(super) fn provider(&self) -> Result<Option<String>, StoreError> {
        self.with_bus(Dialogs::Unanswered, async |bus| {
            let id: u32 = bus.ask_bus("GetConnectionUnixProcessID", &(bus::SERVICE,)).await?;
            Ok(ancestors::called(id).map(|name| escape(&name)))
        })
    }

    /// Whether a key could be read now; opens no dialog.
    pub(super) fn health(&self) -> Result<(), StoreError> {
        self.with_bus(Dialogs::Unanswered, async |bus| {
            if !bus.has_provider().await? {
                return Err(StoreError::NoProvider);
            }
            let collection = bus.default_collection().await?;
            if bus.is_locked(&collection).await? { Err(StoreError::Locked) } else { Ok(()) }
        })
    }
}
