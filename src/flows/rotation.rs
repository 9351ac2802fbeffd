//! Walks a rotation through the store and the profiles, each step saved before the next is taken.

use chrono::{DateTime, Utc};

use crate::backend::Edit;
use crate::backend::{Slot, Store, StoreError};
use crate::error::Result;
use crate::flows::open_store::{explain, explain_slot};
use crate::model::rotation::Step;
use crate::model::{ApiKey, Change, Fingerprint, KeyRecord, ProfileName, Rotation};

/// Where the new key comes from.
#[derive(Debug)]
pub enum Origin<'a> {
    /// The person gave it.
    Given(&'a ApiKey),
    /// It is the profile's previous key (`--undo`).
    Previous,
}

/// Lets a new key take a profile over; the old one is kept as the previous one.
///
/// # Errors
/// What the store says. Before the first copy everything is then as it was; after it, the next run goes on.
pub fn run(
    edit: &mut Edit,
    store: &dyn Store,
    name: &ProfileName,
    origin: &Origin<'_>,
    new: KeyRecord,
    now: DateTime<Utc>,
) -> Result<()> {
    let free = edit.profiles.get(name).is_some_and(|profile| profile.previous.is_none());
    let free = free.then(|| Slot::previous(name));
    for slot in std::iter::once(Slot::next(name)).chain(free) {
        store.must_be_empty(&slot).map_err(|e| explain_slot(&e, store.kind(), &slot))?;
    }
    let rotation = Rotation::new(name.clone(), new);
    edit.profiles.unfinished = Some(Change::Rotate(rotation.clone()));
    edit.save()?;
    let keys = edit.profiles.keys_of(name);
    if let Err(refused) = stage(store, name, origin, rotation.new.fingerprint, &keys) {
        take_back(store, name, rotation.new.fingerprint)?;
        edit.profiles.unfinished = None;
        edit.save()?;
        return Err(explain_slot(&refused, store.kind(), &Slot::next(name)));
    }
    if let Some(staged) = rotation.advanced(&mut edit.profiles, now) {
        edit.profiles.unfinished = Some(Change::Rotate(staged.clone()));
        edit.save()?;
        go_on(edit, store, staged, now)?;
    }
    edit.profiles.unfinished = None;
    edit.save()
}

/// Takes the remaining steps, one saved before the next.
///
/// # Errors
/// What the store says; the journal then still names the step. Where it has no old key to keep, so that the step
/// can never be taken, the new one is forgotten and the journal empty.
pub fn go_on(edit: &mut Edit, store: &dyn Store, rotation: Rotation, now: DateTime<Utc>) -> Result<()> {
    let mut rest = Some(rotation);
    while let Some(rotation) = rest {
        if let Err(refused) = take(store, &rotation, &edit.profiles.keys_of(&rotation.name)) {
            let no_key =
                matches!(refused, StoreError::Missing | StoreError::NotAKey | StoreError::Ambiguous(_));
            if rotation.step == Step::Keep && no_key {
                take_back(store, &rotation.name, rotation.new.fingerprint)?;
                edit.profiles.unfinished = None;
                edit.save()?;
            }
            let slot = match rotation.step {
                Step::Keep => Slot::previous(&rotation.name),
                _ => Slot::current(&rotation.name),
            };
            return Err(explain_slot(&refused, store.kind(), &slot));
        }
        rest = rotation.advanced(&mut edit.profiles, now);
        edit.profiles.unfinished = rest.clone().map(Change::Rotate);
        edit.save()?;
    }
    Ok(())
}

/// Forgets a key that was staged and never used.
///
/// # Errors
/// What the store says.
pub fn take_back(store: &dyn Store, name: &ProfileName, new: Fingerprint) -> Result<()> {
    store.forget(&Slot::next(name).holding([new])).map_err(|e| explain(&e, store.kind(), Some(name)))
}

fn stage(
    store: &dyn Store,
    name: &ProfileName,
    origin: &Origin<'_>,
    new: Fingerprint,
    keys: &[Fingerprint],
) -> Result<(), StoreError> {
    let ours = |slot: Slot| slot.holding(keys.iter().copied());
    match origin {
        Origin::Given(key) => store.put(&ours(Slot::next(name)), key),
        Origin::Previous => store.copy(&ours(Slot::previous(name).holding([new])), &ours(Slot::next(name))),
    }
}

fn take(store: &dyn Store, rotation: &Rotation, keys: &[Fingerprint]) -> Result<(), StoreError> {
    let new = rotation.new.fingerprint;
    let ours =
        |slot: fn(&ProfileName) -> Slot| slot(&rotation.name).holding(keys.iter().copied().chain([new]));
    let next = || Slot::next(&rotation.name).holding([new]).holding(keys.iter().copied());
    match rotation.step {
        // Staged already, or the walk would not have gone on.
        Step::Stage => Ok(()),
        Step::Keep => store.copy(&ours(Slot::current), &ours(Slot::previous)),
        Step::Switch => store.copy(&next(), &ours(Slot::current)),
        Step::Sweep => store.forget(&next()),
    }
}

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;
