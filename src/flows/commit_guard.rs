//! Whether the hooks before a commit hold a key back.

use std::path::PathBuf;

use crate::backend::Backend;
use crate::error::{Error, Result, in_words};
use crate::flows::recover;
use crate::git::Repository;
use crate::git::hooks::{Holds, Hook, Proof, prove};
use crate::system::{World, process};

/// Accepts the hooks here as they are, so that they may be tried: the person has just installed them.
///
/// # Errors
/// A hook that cannot be read; the profiles cannot be written.
pub fn accept(repository: &Repository, world: &World, backend: &dyn Backend) -> Result<()> {
    let program = this_program(world)?;
    let hooks = Hook::all(repository)?.into_iter().filter(|hook| hook.holds == Holds::Ours);
    let files = hooks.map(|hook| hook.to_be_accepted(&program)).collect::<Result<Vec<_>>>()?.concat();
    let known = backend.profiles_if_any()?.allowed;
    if files.iter().all(|file| known.contains(file)) {
        return Ok(());
    }
    let mut edit = recover::edit(world, backend)?;
    edit.profiles.allowed.retain(|old| files.iter().all(|file| file.path != old.path));
    edit.profiles.allowed.extend(files);
    edit.commit()
}

/// Where this program is.
///
/// # Errors
/// The system does not tell.
pub fn this_program(world: &World) -> Result<PathBuf> {
    process::this_program(&world.variables)
        .map_err(|e| Error::failure(format!("cannot tell where this program is: {}", in_words(&e))))
}

/// Why a commit here could bring a key; `None` where it was shown that none can.
///
/// # Errors
/// git is not there, or a hook cannot be read.
pub fn weakness(repository: &Repository, world: &World, backend: &dyn Backend) -> Result<Option<String>> {
    // Without the profiles nothing was accepted.
    let accepted = backend.profiles_if_any().map(|profiles| profiles.allowed).unwrap_or_default();
    let program = this_program(world)?;
    for hook in Hook::all(repository)? {
        let name = hook.name;
        let path = world.places.shown(&hook.path);
        let why = match (&hook.manager, hook.holds) {
            (Some(manager), Holds::Another | Holds::Nothing) => {
                format!(
                    "{} manages the hooks, and its list {path} does not run getimg-keys; getimg-keys guard install adds it",
                    manager.as_str()
                )
            }
            (_, Holds::Another) => {
                format!("{path} is another hook; getimg-keys guard install runs before it")
            }
            (_, Holds::Nothing) => format!("no {name} hook; getimg-keys guard install writes one"),
            (_, Holds::Ours) => match prove(&hook, &program, &accepted)? {
                Proof::Refused => continue,
                Proof::Passes(why) => format!("{path} is not active: {why}"),
            },
        };
        return Ok(Some(why));
    }
    Ok(None)
}
