//! `protect NAME` and `unprotect NAME`.

use super::Changed;
use crate::error::Result;
use crate::flows::{record, settle, which};
use crate::model::ProfileName;
use crate::world::World;

/// The profile to protect, or not to
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The profile
    name: ProfileName,
}

/// Runs both commands.
///
/// # Errors
/// There is no such profile (3), the book cannot be written (1).
pub fn run(args: Args, protect: bool, world: &World) -> Result<Changed> {
    let mut edit = settle::edit(world)?;
    let fingerprint = which::named(&edit.book, &args.name)?.key.fingerprint;
    let state = if protect { "protected" } else { "not protected" };
    let Some(profile) = edit.book.get_mut(&args.name).filter(|p| p.protected != protect) else {
        return Changed::new(
            world,
            &edit.book,
            &args.name,
            false,
            &format!("{} is {state} already", args.name),
        );
    };
    profile.protected = protect;
    edit.save()?;
    record::change(world, if protect { "protect" } else { "unprotect" }, &args.name, fingerprint);
    Changed::new(world, &edit.book, &args.name, true, &format!("{} is {state} now", args.name))
}
