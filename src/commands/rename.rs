//! `rename OLD NEW`.

use super::Changed;
use crate::backend::{Backend, Role, Slot, Store, StoreError};
use crate::error::{Error, Result};
use crate::flows::open_store::{explain, explain_slot};
use crate::flows::{audit, recover, select_profile};
use crate::hint::Hint;
use crate::model::{Change, Profile, ProfileName};
use crate::system::World;

/// Rename a profile
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys rename dev laptop")]
pub struct Args {
    /// The current name
    old: ProfileName,
    /// The new name
    new: ProfileName,
}

/// Runs the command.
///
/// The keys are copied first, the profiles are changed next, the old entries go last: whatever kills it, the
/// name in the profiles has its key.
///
/// # Errors
/// There is no such profile (3), the new name is taken (2), the store fails (7, 3, 1).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let Args { old, new } = args;
    let mut edit = recover::edit(world, backend)?;
    let profile = select_profile::named(&edit.profiles, &old)?.clone();
    if old == new {
        return Changed::new(world, &edit.profiles, &old, false, &format!("{old} already has this name"));
    }
    if edit.profiles.get(&new).is_some() {
        return Err(Error::usage(format!("there is a profile `{new}` already")).hint(Hint::run("list")));
    }
    let store = backend.keys()?;
    refuse_occupied(store, &profile, &new)?;
    edit.profiles.unfinished = Some(Change::Rename { from: old.clone(), to: new.clone() });
    edit.save()?;
    let keys = edit.profiles.keys_of(&old);
    if let Err(refused) = copy(store, &profile, &new) {
        // What cannot be taken back now stays in the journal.
        let gone = recover::forget(store, &new, &keys, profile.previous.is_some()).is_ok();
        if gone || (profile.previous.is_none() && !refused.may_have_written()) {
            edit.profiles.unfinished = None;
            edit.save()?;
        }
        return Err(match refused {
            StoreError::Occupied(_) => explain(&refused, store.kind(), Some(&new)),
            _ => explain(&refused, store.kind(), Some(&old)),
        });
    }
    edit.profiles.rename(&old, &new);
    edit.save()?;
    recover::forget(store, &old, &keys, profile.previous.is_some())?;
    edit.profiles.unfinished = None;
    edit.save()?;
    audit::change(world, "rename", &new, profile.key.fingerprint);
    Changed::new(world, &edit.profiles, &new, true, &format!("renamed {old} to {new}"))
}

/// Encrypted files cannot be compared without the passphrase: what lies there already is nobody's that we know.
fn refuse_occupied(store: &dyn Store, profile: &Profile, new: &ProfileName) -> Result<()> {
    let previous = profile.previous.as_ref().map(|_| Slot::previous(new));
    std::iter::once(Slot::current(new))
        .chain(previous)
        .try_for_each(|slot| store.must_be_empty(&slot).map_err(|e| explain_slot(&e, store.kind(), &slot)))
}

fn copy(store: &dyn Store, profile: &Profile, new: &ProfileName) -> Result<(), StoreError> {
    store.copy(&Slot::of(profile, Role::Current), &Slot::current(new))?;
    match profile.previous {
        Some(_) => store.copy(&Slot::of(profile, Role::Previous), &Slot::previous(new)),
        None => Ok(()),
    }
}
