//! The keys: each is an entry named by its fingerprint and never overwritten.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::answer::Answer;
use super::client::Client;
use super::engine::{Found, Written};
use super::profiles_entry::Edition;
use super::trouble::Trouble;
use crate::backend::{Health, Slot, Store, StoreError, StoreKind};
use crate::model::{ApiKey, Deleting, Fingerprint, SharedProfiles};

/// The most bytes that are read from a key's entry.
const LARGEST: usize = 64 << 10;
/// How often the shared profiles are read again before we give up because of other changes.
const TRIES: usize = 20;

/// The keys in the vault.
pub(super) struct Keys {
    pub(super) client: Rc<Client>,
}

/// The content of a key's entry.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    key: Zeroizing<String>,
}

#[derive(Serialize)]
struct NewEntry<'a> {
    key: &'a str,
}

impl Client {
    /// A key's entry, whatever it holds.
    fn key_entry(&self, key: Fingerprint) -> Result<Found<serde_json::Value>, Trouble> {
        self.entry(&named(key), LARGEST)
    }

    /// Marks the entries of keys that no profile in `next` has any more as being deleted, each with its version.
    pub(super) fn mark(&self, next: &mut SharedProfiles, keys: &[Fingerprint]) -> Result<(), Trouble> {
        let paths: Vec<_> = keys.iter().map(|key| self.data(&named(*key))).collect();
        for (key, answer) in keys.iter().zip(self.get_all(&paths, LARGEST)) {
            let up_to = match self.found::<serde_json::Value>(&named(*key), &answer?)? {
                Found::Live(_, version) | Found::Dead { version, destroyed: false } => version,
                Found::Nothing | Found::Dead { .. } => continue,
            };
            next.deleting.retain(|gone| gone.fingerprint != *key);
            next.deleting.push(Deleting { fingerprint: *key, up_to });
        }
        Ok(())
    }

    /// Destroys the entries that are marked as being deleted.
    pub(super) fn sweep(&self, marked: &[Deleting]) -> Result<(), Trouble> {
        marked.iter().try_for_each(|gone| self.destroy(&named(gone.fingerprint), gone.up_to))
    }

    /// Deletes keys that no profile has: only after reading that, and after a check-and-set that keeps everybody from
    /// using one of them meanwhile.
    pub(super) fn delete_orphans(&self, keys: &[Fingerprint]) -> Result<(), Trouble> {
        for _ in 0..TRIES {
            let Edition { profiles, version } = self.edition_or_new()?;
            let orphans: Vec<_> = keys.iter().copied().filter(|key| !profiles.holds(*key)).collect();
            let mut next = profiles.clone();
            self.mark(&mut next, &orphans)?;
            let marked: Vec<_> =
                next.deleting.iter().filter(|gone| orphans.contains(&gone.fingerprint)).cloned().collect();
            if marked.is_empty() {
                return Ok(());
            }
            if next != profiles && matches!(self.commit(&next, version)?, Written::Conflict) {
                continue;
            }
            self.sweep(&marked)?;
            self.unmark(&marked);
            return Ok(());
        }
        Err(Trouble::Busy)
    }

    /// Removes the marks of destroyed entries; if somebody else is quicker, or there is no answer, a later change
    /// removes them.
    pub(super) fn unmark(&self, swept: &[Deleting]) {
        let Ok(Some(Edition { mut profiles, version })) = self.edition() else { return };
        let before = profiles.deleting.len();
        profiles.deleting.retain(|gone| !swept.contains(gone));
        if profiles.deleting.len() < before {
            let _ = self.commit(&profiles, version);
        }
    }
}

impl Keys {
    /// The key for a slot: the first of those that it may hold.
    fn meant(slot: &Slot) -> Result<Fingerprint, StoreError> {
        slot.ours.first().copied().ok_or(StoreError::Missing)
    }

    /// The key in an entry, if its fingerprint is the entry's name.
    fn key(&self, meant: Fingerprint, answer: Result<Answer, Trouble>) -> Result<ApiKey, StoreError> {
        let entry = named(meant);
        let Found::Live(value, _) = self.client.found::<serde_json::Value>(&entry, &answer?)? else {
            return Err(StoreError::Missing);
        };
        let held = serde_json::from_value::<Held>(value).ok();
        let key = held.and_then(|held| ApiKey::parse(held.key).ok());
        key.filter(|key| key.fingerprint() == meant)
            .ok_or_else(|| Trouble::Altered { entry: self.client.shown(&entry), key: meant }.into())
    }
}

impl Store for Keys {
    fn kind(&self) -> StoreKind {
        StoreKind::Vault
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        let meant = Self::meant(slot)?;
        self.key(meant, self.client.get(&self.client.data(&named(meant)), LARGEST))
    }

    /// All at once.
    fn get_all(&self, slots: &[Slot]) -> Vec<Result<ApiKey, StoreError>> {
        let meant: Vec<_> = slots.iter().map(Self::meant).collect();
        let paths: Vec<_> = meant.iter().flatten().map(|key| self.client.data(&named(*key))).collect();
        let mut answers = self.client.get_all(&paths, LARGEST).into_iter();
        let one = |meant: Result<Fingerprint, StoreError>| {
            let meant = meant?;
            self.key(meant, answers.next().unwrap_or(Err(Trouble::Busy)))
        };
        meant.into_iter().map(one).collect()
    }

    /// An existing entry holds this very key, or the write is refused: none is ever overwritten.
    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError> {
        let meant = key.fingerprint();
        let entry = named(meant);
        let slot = Slot { ours: vec![meant], ..slot.clone() };
        let held = NewEntry { key: key.expose() };
        for _ in 0..3 {
            let version = match self.client.key_entry(meant)? {
                Found::Live(..) => return self.get(&slot).map(drop),
                Found::Nothing => 0,
                Found::Dead { version, .. } => version,
            };
            match self.client.write(&entry, &held, version) {
                Ok(Written::Done(_)) => {
                    let kept = self.get(&slot)?;
                    return if kept.fingerprint() == meant { Ok(()) } else { Err(StoreError::NotKept) };
                }
                Ok(Written::Conflict) => {}
                // What is there now shows whether the write arrived.
                Err(lost) if lost.leaves_open() => {
                    if self.get(&slot).is_ok() {
                        return Ok(());
                    }
                }
                Err(why) => return Err(why.into()),
            }
        }
        Err(Trouble::Busy.into())
    }

    /// Keys that a profile has stay: the change that removes a key from the profiles deletes it.
    fn forget(&self, slot: &Slot) -> Result<(), StoreError> {
        if slot.ours.is_empty() {
            return Ok(());
        }
        self.client.delete_orphans(&slot.ours).map_err(StoreError::from)
    }

    /// The entry is named by its key and so already belongs to every slot; it only has to exist.
    fn copy(&self, from: &Slot, _: &Slot) -> Result<(), StoreError> {
        self.get(from).map(drop)
    }

    fn health(&self) -> Health {
        match self.client.check_mount().and_then(|()| self.client.edition().map(drop)) {
            Ok(()) => Health::Ready,
            Err(why) => Health::Unwell(why.into()),
        }
    }
}

fn named(key: Fingerprint) -> String {
    format!("keys/{}", key.to_hex())
}
