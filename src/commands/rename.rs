//! `rename OLD NEW`.

use super::Changed;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::flows::journal::{self, Given};
use crate::flows::{audit, hand_out, recover, select_profile};
use crate::hint::Hint;
use crate::model::{Change, ProfileName};
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
    hand_out::refuse_changed_elsewhere(backend, &profile)?;
    let change = Change::Rename { from: old.clone(), to: new.clone() };
    journal::run(&mut edit, backend.keys()?, change, Given::default(), world.now)?;
    audit::change(world, "rename", &new, profile.key.fingerprint);
    Changed::new(world, &edit.profiles, &new, true, &format!("renamed {old} to {new}"))
}
