//! Whether the git hooks keep a key out of a commit.

use std::path::PathBuf;

use crate::backend::Backend;
use crate::error::{Error, Result, in_words};
use crate::flows::recover;
use crate::git::Repository;
use crate::git::hooks::{Holds, Hook, Proof, prove};
use crate::hint::Hint;
use crate::system::{World, process};

/// Trusts the hooks as they are now, so that they may be run: the user has just installed them.
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

/// Why a commit here could contain a key.
pub struct Weakness {
    /// The name used in JSON: `managed`, `other-hook`, `no-hook`, `not-tried`, `passes`.
    pub code: &'static str,
    /// The same in a sentence, with the command that fixes it.
    pub message: String,
}

/// Why a commit here could contain a key; `None` if it was proven that none can.
///
/// # Errors
/// git is not there, or a hook cannot be read.
pub fn weakness(repository: &Repository, world: &World, backend: &dyn Backend) -> Result<Option<Weakness>> {
    // Without the profiles nothing was accepted.
    let accepted = backend.profiles_if_any().map(|profiles| profiles.allowed).unwrap_or_default();
    let (program, install) = (this_program(world)?, Hint::run("guard install"));
    for hook in Hook::all(repository)? {
        let name = hook.name;
        let path = world.places.shown(&hook.path);
        let (code, message) = match (&hook.manager, hook.holds) {
            (Some(manager), Holds::Another | Holds::Nothing) => {
                let manager = manager.as_str();
                let lacks =
                    format!("{manager} manages the hooks, and its list {path} does not run getimg-keys");
                ("managed", format!("{lacks}; {install} adds it"))
            }
            (_, Holds::Another) => {
                ("other-hook", format!("{path} is another hook; {install} runs before it"))
            }
            (_, Holds::Nothing) => ("no-hook", format!("no {name} hook; {install} writes one")),
            (_, Holds::Ours) => match prove(&hook, &program, &accepted)? {
                Proof::Refused => continue,
                Proof::NotTried(why) => ("not-tried", format!("{path} is not active: {why}")),
                Proof::Passes(why) => ("passes", format!("{path} is not active: {why}")),
            },
        };
        return Ok(Some(Weakness { code, message }));
    }
    Ok(None)
}
