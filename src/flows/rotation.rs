//! Walks a rotation through the store and the book, each step saved before the next is taken.

use chrono::{DateTime, Utc};

use crate::backend::Edit;
use crate::backend::{Slot, Store, StoreError};
use crate::error::Result;
use crate::flows::open_store::explain;
use crate::model::rotation::Step;
use crate::model::{ApiKey, KeyRecord, ProfileName, Rotation, Unfinished};

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
    let rotation = Rotation::new(name.clone(), new);
    edit.book.unfinished = Some(Unfinished::Rotate(rotation.clone()));
    edit.save()?;
    if let Err(refused) = stage(store, name, origin) {
        take_back(store, name)?;
        edit.book.unfinished = None;
        edit.save()?;
        return Err(explain(&refused, store.kind(), Some(name)));
    }
    if let Some(staged) = rotation.advanced(&mut edit.book, now) {
        edit.book.unfinished = Some(Unfinished::Rotate(staged.clone()));
        edit.save()?;
        go_on(edit, store, staged, now)?;
    }
    edit.book.unfinished = None;
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
        if let Err(refused) = take(store, &rotation) {
            let no_key =
                matches!(refused, StoreError::Missing | StoreError::NotAKey | StoreError::Ambiguous(_));
            if rotation.step == Step::Keep && no_key {
                take_back(store, &rotation.name)?;
                edit.book.unfinished = None;
                edit.save()?;
            }
            return Err(explain(&refused, store.kind(), Some(&rotation.name)));
        }
        rest = rotation.advanced(&mut edit.book, now);
        edit.book.unfinished = rest.clone().map(Unfinished::Rotate);
        edit.save()?;
    }
    Ok(())
}

/// Forgets a key that was staged and never used.
///
/// # Errors
/// What the store says.
pub fn take_back(store: &dyn Store, name: &ProfileName) -> Result<()> {
    store.forget(&Slot::next(name)).map_err(|e| explain(&e, store.kind(), Some(name)))
}

fn stage(store: &dyn Store, name: &ProfileName, origin: &Origin<'_>) -> Result<(), StoreError> {
    match origin {
        Origin::Given(key) => store.put(&Slot::next(name), key),
        Origin::Previous => store.copy(&Slot::previous(name), &Slot::next(name)),
    }
}

fn take(store: &dyn Store, rotation: &Rotation) -> Result<(), StoreError> {
    let name = &rotation.name;
    match rotation.step {
        // Staged already, or the walk would not have gone on.
        Step::Stage => Ok(()),
        Step::Keep => store.copy(&Slot::current(name), &Slot::previous(name)),
        Step::Switch => store.copy(&Slot::next(name), &Slot::current(name)),
        Step::Sweep => store.forget(&Slot::next(name)),
    }
}

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;
