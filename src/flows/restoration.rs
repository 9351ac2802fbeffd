//! A profile comes back from a backup, each step written down before it is taken.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::open_store::{explain, explain_slot};
use crate::backend::Edit;
use crate::backend::{Slot, Store, StoreError};
use crate::error::{Error, Result};
use crate::model::change::NewProfile;
use crate::model::{ApiKey, Change, Fingerprint, Profile, ProfileName, Profiles};

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

impl<'a> Returning<'a> {
    fn named(&self) -> NewProfile {
        let keys = self.profile.keys().collect();
        NewProfile { name: self.profile.name.clone(), keys }
    }

    /// Where its keys belong; an entry with one of those that were there is ours.
    fn slots(&self, removed: &HashMap<&ProfileName, Vec<Fingerprint>>) -> Vec<(Slot, &'a ApiKey)> {
        let name = &self.profile.name;
        let there = || removed.get(name).into_iter().flatten().copied();
        let mut slots = vec![(Slot::current(name).holding(there()), self.key)];
        slots.extend(self.previous.map(|key| (Slot::previous(name).holding(there()), key)));
        slots
    }
}

/// The keys that were given up, by the profile that held them last.
fn removed(profiles: &Profiles) -> HashMap<&ProfileName, Vec<Fingerprint>> {
    let mut removed: HashMap<_, Vec<_>> = HashMap::new();
    for retired in &profiles.retired {
        removed.entry(&retired.profile).or_default().push(retired.fingerprint);
    }
    removed
}

/// Brings a profile back: over another key by way of `NAME~next`, a new one as [`run_new`] does.
///
/// # Errors
/// What the store says. Before the key in use is touched everything is then as it was; after it, the next run
/// goes on.
pub fn run(edit: &mut Edit, store: &dyn Store, returning: &Returning<'_>, now: DateTime<Utc>) -> Result<()> {
    let profile = returning.profile;
    let Some(here) = edit.profiles.get(&profile.name) else {
        return run_new(edit, store, std::slice::from_ref(returning));
    };
    let replaces = here.key.fingerprint != profile.key.fingerprint;
    refuse_occupied(here, store)?;
    if replaces {
        let slot = Slot::next(&profile.name).holding(edit.profiles.keys_of(&profile.name));
        begin(edit, profile, false)?;
        if let Err(refused) = store.put(&slot, returning.key) {
            let slot = slot.holding([profile.key.fingerprint]);
            if store.forget(&slot).is_ok() {
                edit.profiles.unfinished = None;
                edit.save()?;
            }
            return Err(said(&refused, store, &profile.name));
        }
        begin(edit, profile, true)?;
        go_on(edit, store, profile, now)?;
    }
    if let (Some(key), Some(_)) = (returning.previous, &profile.previous) {
        begin(edit, profile, true)?;
        let slot = Slot::previous(&profile.name).holding(edit.profiles.keys_of(&profile.name));
        store.put(&slot, key).map_err(|why| said(&why, store, &profile.name))?;
        if let Some(here) = edit.profiles.get_mut(&profile.name) {
            here.previous.clone_from(&profile.previous);
        }
        edit.profiles.retired.retain(|retired| retired.fingerprint != key.fingerprint());
    }
    edit.profiles.unfinished = None;
    edit.save()
}

/// Brings new profiles back, all or none: they are written down before their keys are stored, and entered at one blow.
///
/// # Errors
/// What the store says; everything is then as it was, or the next run takes it back.
pub fn run_new(edit: &mut Edit, store: &dyn Store, new: &[Returning<'_>]) -> Result<()> {
    let Some(first) = new.first() else { return Ok(()) };
    for Returning { profile, .. } in new {
        refuse_any([Slot::current(&profile.name), Slot::previous(&profile.name)], store)?;
    }
    let first_store = edit.profiles.store.replace(store.kind());
    let profiles: Vec<_> = new.iter().map(Returning::named).collect();
    edit.profiles.unfinished = Some(Change::RestoreNew { profiles: profiles.clone() });
    edit.save()?;
    let removed = removed(&edit.profiles);
    let keys: Vec<_> = new.iter().flat_map(|new| new.slots(&removed)).collect();
    if let Err((written, refused)) = store.put_all(&keys) {
        // Where nothing was ever stored, another store may be chosen yet.
        let first_of_all = written == 0 && edit.profiles.all.is_empty();
        if take_back(store, &profiles).is_ok() || first_of_all {
            edit.profiles.store = first_store;
            edit.profiles.unfinished = None;
            edit.save()?;
        }
        return Err(said(&refused, store, &first.profile.name));
    }
    edit.profiles.insert_all(new.iter().map(|new| new.profile.clone()).collect());
    edit.profiles.unfinished = None;
    edit.save()
}

/// Takes the keys of profiles that did not come into the profiles out of the store; can be repeated.
///
/// # Errors
/// What the store says.
pub fn take_back(store: &dyn Store, profiles: &[NewProfile]) -> Result<()> {
    profiles.iter().try_for_each(|new| {
        let slots = [Slot::current(&new.name), Slot::previous(&new.name)];
        slots.into_iter().zip(&new.keys).try_for_each(|(slot, key)| {
            store.forget(&slot.holding([*key])).map_err(|why| said(&why, store, &new.name))
        })
    })
}

/// Enters a profile whose key is in the store, and deletes what it does not need there; can be repeated.
///
/// # Errors
/// What the store says; the journal then still names it.
pub fn go_on(edit: &mut Edit, store: &dyn Store, profile: &Profile, now: DateTime<Utc>) -> Result<()> {
    let name = &profile.name;
    let explained = |why| said(&why, store, name);
    let here = edit.profiles.get(name).map(|here| here.key.fingerprint);
    let ours =
        |slot: Slot, edit: &Edit<'_>| slot.holding(profile.keys()).holding(edit.profiles.keys_of(name));
    if here != Some(profile.key.fingerprint) {
        if here.is_some() {
            let (next, current) = (ours(Slot::next(name), edit), ours(Slot::current(name), edit));
            store.copy(&next, &current).map_err(explained)?;
        }
        edit.profiles.bring_back(Profile { previous: None, ..profile.clone() }, now);
        edit.save()?;
    }
    store.forget(&ours(Slot::next(name), edit)).map_err(explained)?;
    if edit.profiles.get(name).is_some_and(|here| here.previous.is_none()) {
        store.forget(&ours(Slot::previous(name), edit)).map_err(explained)?;
    }
    Ok(())
}

/// Encrypted files cannot be compared without the passphrase: what lies where nothing of ours is stays.
fn refuse_occupied(here: &Profile, store: &dyn Store) -> Result<()> {
    let previous = here.previous.is_none().then(|| Slot::previous(&here.name));
    refuse_any(std::iter::once(Slot::next(&here.name)).chain(previous), store)
}

fn refuse_any(slots: impl IntoIterator<Item = Slot>, store: &dyn Store) -> Result<()> {
    slots
        .into_iter()
        .try_for_each(|slot| store.must_be_empty(&slot).map_err(|e| explain_slot(&e, store.kind(), &slot)))
}

fn begin(edit: &mut Edit, profile: &Profile, in_store: bool) -> Result<()> {
    edit.profiles.unfinished = Some(Change::Restore { profile: Box::new(profile.clone()), in_store });
    edit.save()
}

fn said(why: &StoreError, store: &dyn Store, name: &ProfileName) -> Error {
    explain(why, store.kind(), Some(name))
}

#[cfg(test)]
#[path = "restoration_tests.rs"]
mod tests;
