//! A profile comes back from a backup, each step written down before it is taken.

use chrono::{DateTime, Utc};

use super::open_store::{explain, explain_slot};
use crate::backend::Edit;
use crate::backend::{Slot, Store, StoreError};
use crate::error::{Error, Result};
use crate::model::{ApiKey, Profile, ProfileName, Unfinished};

/// A profile as a backup holds it, with its keys.
#[derive(Debug)]
pub struct Returning<'a> {
    /// What is known of it.
    pub profile: &'a Profile,
    /// Its key.
    pub key: &'a ApiKey,
    /// The key before it, while a rotation is open.
    pub previous: Option<&'a ApiKey>,
}

/// Brings a profile back: a new one as `add` would, over another key by way of `NAME~next`.
///
/// # Errors
/// What the store says. Before the key in use is touched everything is then as it was; after it, the next run
/// goes on.
pub fn run(edit: &mut Edit, store: &dyn Store, returning: &Returning<'_>, now: DateTime<Utc>) -> Result<()> {
    let profile = returning.profile;
    let here = edit.book.get(&profile.name).map(|here| here.key.fingerprint);
    refuse_occupied(edit, store, &profile.name)?;
    let first_store = edit.book.store.replace(store.kind());
    if here != Some(profile.key.fingerprint) {
        let slot = here.map_or(Slot::current(&profile.name), |_| Slot::next(&profile.name));
        let slot = slot.holding(edit.book.keys_of(&profile.name));
        begin(edit, profile, false)?;
        if let Err(refused) = store.put(&slot, returning.key) {
            // Where nothing was ever stored, another store may be chosen yet.
            let slot = slot.holding([profile.key.fingerprint]);
            if store.forget(&slot).is_ok() || edit.book.profiles.is_empty() {
                edit.book.store = first_store;
                edit.book.unfinished = None;
                edit.save()?;
            }
            return Err(said(&refused, store, &profile.name));
        }
        begin(edit, profile, true)?;
        go_on(edit, store, profile, now)?;
    }
    if let (Some(key), Some(_)) = (returning.previous, &profile.previous) {
        begin(edit, profile, true)?;
        let slot = Slot::previous(&profile.name).holding(edit.book.keys_of(&profile.name));
        store.put(&slot, key).map_err(|why| said(&why, store, &profile.name))?;
        if let Some(here) = edit.book.get_mut(&profile.name) {
            here.previous.clone_from(&profile.previous);
        }
        edit.book.retired.retain(|retired| retired.fingerprint != key.fingerprint());
    }
    edit.book.unfinished = None;
    edit.save()
}

/// Enters a profile whose key is in the store, and deletes what it does not need there; can be repeated.
///
/// # Errors
/// What the store says; the journal then still names it.
pub fn go_on(edit: &mut Edit, store: &dyn Store, profile: &Profile, now: DateTime<Utc>) -> Result<()> {
    let name = &profile.name;
    let explained = |why| said(&why, store, name);
    let here = edit.book.get(name).map(|here| here.key.fingerprint);
    let ours = |slot: Slot, edit: &Edit<'_>| slot.holding(edit.book.keys_of(name)).holding(profile.keys());
    if here != Some(profile.key.fingerprint) {
        if here.is_some() {
            let (next, current) = (ours(Slot::next(name), edit), ours(Slot::current(name), edit));
            store.copy(&next, &current).map_err(explained)?;
        }
        edit.book.bring_back(Profile { previous: None, ..profile.clone() }, now);
        edit.save()?;
    }
    store.forget(&ours(Slot::next(name), edit)).map_err(explained)?;
    if edit.book.get(name).is_some_and(|here| here.previous.is_none()) {
        store.forget(&ours(Slot::previous(name), edit)).map_err(explained)?;
    }
    Ok(())
}

/// Encrypted files cannot be compared without the passphrase: what lies where nothing of ours is stays.
fn refuse_occupied(edit: &Edit, store: &dyn Store, name: &ProfileName) -> Result<()> {
    let here = edit.book.get(name);
    let new = if here.is_some() { Slot::next(name) } else { Slot::current(name) };
    let previous = here.is_none_or(|here| here.previous.is_none()).then(|| Slot::previous(name));
    std::iter::once(new)
        .chain(previous)
        .try_for_each(|slot| store.must_be_empty(&slot).map_err(|e| explain_slot(&e, store.kind(), &slot)))
}

fn begin(edit: &mut Edit, profile: &Profile, in_store: bool) -> Result<()> {
    edit.book.unfinished = Some(Unfinished::Restore { profile: Box::new(profile.clone()), in_store });
    edit.save()
}

fn said(why: &StoreError, store: &dyn Store, name: &ProfileName) -> Error {
    explain(why, store.kind(), Some(name))
}

#[cfg(test)]
#[path = "restoration_tests.rs"]
mod tests;
