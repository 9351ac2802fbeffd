//! Finishes, or takes back, what a killed run left half done.

use chrono::{DateTime, Utc};

use crate::backend::Edit;
use crate::backend::{Backend, Slot, Store};
use crate::error::Result;
use crate::flows::open_store::explain;
use crate::flows::{restoration, rotation};
use crate::model::{Change, Fingerprint, ProfileName, Profiles};
use crate::system::World;

/// Opens the profiles to change it, after settling what an earlier run left half done, with a word.
///
/// The policy is read first: one that cannot be read would fail the report of a change that was made.
///
/// # Errors
/// As [`World::policy`] and [`Backend::edit`]; a store that does not let the left-over be settled.
pub fn edit<'a>(world: &World, backend: &'a dyn Backend) -> Result<Edit<'a>> {
    world.policy()?;
    let mut edit = backend.edit()?;
    let Some(unfinished) = edit.profiles.unfinished.clone() else { return Ok(edit) };
    let store = backend.keys()?;
    let settled = recover(&mut edit, store, &unfinished, world.now)?;
    edit.profiles.unfinished = None;
    edit.save()?;
    world.terminal.say(&format!("an earlier {}; {settled}", unfinished.cut_short()));
    Ok(edit)
}

/// Opens the profiles to change what is the person's own alone; where it is shared, nothing is asked and nothing settled.
///
/// # Errors
/// As [`edit`].
pub fn edit_own<'a>(world: &World, backend: &'a dyn Backend) -> Result<Edit<'a>> {
    if !backend.capabilities().shared {
        return edit(world, backend);
    }
    world.policy()?;
    backend.edit_own()
}

pub(super) fn recover(
    edit: &mut Edit,
    store: &dyn Store,
    unfinished: &Change,
    now: DateTime<Utc>,
) -> Result<&'static str> {
    match unfinished {
        Change::Add { name, .. } if edit.profiles.get(name).is_some() => Ok("it was done"),
        Change::Stage { keys, .. } if keys.iter().all(|key| edit.profiles.holds(*key)) => Ok("it was done"),
        Change::Stage { name, keys } => {
            forget(store, name, keys, false)?;
            Ok("it was rolled back")
        }
        Change::Add { name, fingerprint } => {
            forget(store, name, &[*fingerprint], false)?;
            Ok("it was rolled back")
        }
        Change::Remove { name } => {
            forget(store, name, &edit.profiles.keys_of(name), has_previous(&edit.profiles, name))?;
            edit.profiles.remove(name, now);
            Ok("it is complete now")
        }
        Change::Rename { from, to } if edit.profiles.get(to).is_some() => {
            let keys = [edit.profiles.keys_of(from), edit.profiles.keys_of(to)].concat();
            forget(store, from, &keys, has_previous(&edit.profiles, to))?;
            Ok("it is complete now")
        }
        Change::Rename { from, to } => {
            forget(store, to, &edit.profiles.keys_of(from), has_previous(&edit.profiles, from))?;
            Ok("it was rolled back")
        }
        Change::Rotate(cut_short) if cut_short.is_staging() => {
            rotation::take_back(store, &cut_short.name, cut_short.new.fingerprint)?;
            Ok("it was rolled back: the key is the one before")
        }
        Change::Rotate(cut_short) => match rotation::go_on(edit, store, cut_short.clone(), now) {
            Err(_) if edit.profiles.unfinished.is_none() => {
                Ok("it was rolled back: there is no old key to keep")
            }
            done => done.map(|()| "it went on: the new key is in use, the old one is kept"),
        },
        Change::Restore { profile, in_store: false } => {
            match edit.profiles.get(&profile.name) {
                Some(_) => rotation::take_back(store, &profile.name, profile.key.fingerprint)?,
                None => forget(store, &profile.name, &[profile.key.fingerprint], false)?,
            }
            Ok("it was rolled back")
        }
        Change::Restore { profile, .. } => {
            restoration::go_on(edit, store, profile, now)?;
            Ok("it is complete now")
        }
        Change::RestoreNew { profiles } => {
            restoration::take_back(store, profiles)?;
            Ok("it was rolled back")
        }
        Change::Finish { name } => {
            let slot = Slot::previous(name).holding(edit.profiles.keys_of(name));
            store.forget(&slot).map_err(|e| explain(&e, store.kind(), Some(name)))?;
            Ok("it is complete now")
        }
    }
}

fn has_previous(profiles: &Profiles, name: &ProfileName) -> bool {
    profiles.get(name).is_some_and(|profile| profile.previous.is_some())
}

/// Deletes these keys of a profile from the slots that it has in the store; whatever else is there stays.
///
/// # Errors
/// What the store says; a key that is not there is none.
pub fn forget(
    store: &dyn Store,
    name: &ProfileName,
    keys: &[Fingerprint],
    with_previous: bool,
) -> Result<()> {
    let previous = with_previous.then(|| Slot::previous(name));
    for slot in std::iter::once(Slot::current(name)).chain(previous) {
        let slot = slot.holding(keys.iter().copied());
        store.forget(&slot).map_err(|e| explain(&e, store.kind(), Some(name)))?;
    }
    Ok(())
}
