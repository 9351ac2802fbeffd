//! Opens the profiles for a change, after completing or rolling back an interrupted one.

use super::journal;
use crate::backend::{Backend, Edit};
use crate::error::Result;
use crate::model::{Change, Profiles};
use crate::system::World;

/// Opens the profiles for a change, after completing or rolling back an interrupted one, which it reports.
///
/// The policy is read first: one that cannot be read would fail the report of a change that was made.
///
/// # Errors
/// As [`World::policy`] and [`Backend::edit`]; a store that does not let the left-over be settled.
pub fn edit<'a>(world: &World, backend: &'a dyn Backend) -> Result<Edit<'a>> {
    world.policy()?;
    let mut edit = backend.edit()?;
    if edit.profiles.unfinished().is_some()
        && let Some(settled) = journal::settle(&mut edit, backend.keys()?, world.now)?
    {
        world.terminal.say(&settled);
    }
    Ok(edit)
}

/// The profiles after completing or rolling back an interrupted change, and which one that was: the command that was
/// interrupted may be the one that runs now.
///
/// # Errors
/// As [`edit`].
pub fn settled(world: &World, backend: &dyn Backend) -> Result<(Profiles, Option<Change>)> {
    let profiles = backend.profiles_now()?;
    let Some(cut_short) = profiles.unfinished().cloned() else {
        world.policy()?;
        return Ok((profiles, None));
    };
    drop(edit(world, backend)?);
    Ok((backend.profiles_now()?, Some(cut_short)))
}

/// Opens the profiles to change only what is the user's own. Where they are shared, no server is asked and nothing settled.
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
