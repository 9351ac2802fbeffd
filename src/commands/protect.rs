//! `protect NAME` and `unprotect NAME`.

use super::Changed;
use crate::backend::Backend;
use crate::error::Result;
use crate::flows::{audit, recover, select_profile};
use crate::model::ProfileName;
use crate::system::World;

/// Ask before a profile becomes the active one, is pushed or removed, or its rotation is finished
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys protect prod")]
pub struct ProtectArgs {
    /// The profile
    name: ProfileName,
}

/// Stop asking for confirmation for a profile
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys unprotect prod")]
pub struct UnprotectArgs {
    /// The profile
    name: ProfileName,
}

/// Runs `protect`.
///
/// # Errors
/// There is no such profile (3), the profiles cannot be written (1).
pub fn run_protect(args: &ProtectArgs, world: &World, backend: &dyn Backend) -> Result<Changed> {
    run(&args.name, true, world, backend)
}

/// Runs `unprotect`.
///
/// # Errors
/// As [`run_protect`].
pub fn run_unprotect(args: &UnprotectArgs, world: &World, backend: &dyn Backend) -> Result<Changed> {
    run(&args.name, false, world, backend)
}

fn run(name: &ProfileName, protect: bool, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let mut edit = recover::edit(world, backend)?;
    let fingerprint = select_profile::named(&edit.profiles, name)?.key.fingerprint;
    let state = if protect { "protected" } else { "not protected" };
    let Some(profile) = edit.profiles.get_mut(name).filter(|p| p.protected != protect) else {
        return Changed::new(world, &edit.profiles, name, false, &format!("{} is already {state}", name));
    };
    profile.protected = protect;
    edit.save()?;
    audit::change(world, if protect { "protect" } else { "unprotect" }, name, fingerprint);
    Changed::new(world, &edit.profiles, name, true, &format!("{} is {state} now", name))
}
