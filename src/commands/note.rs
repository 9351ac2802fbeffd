//! `note NAME TEXT`: the person's own words on a profile.

use super::Changed;
use crate::backend::Backend;
use crate::error::Result;
use crate::flows::{audit, recover, select_profile};
use crate::model::{ProfileName, profile};
use crate::system::World;

/// Set or clear a profile's note
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys note dev 'my laptop'
  getimg-keys note dev")]
pub struct Args {
    /// The profile
    name: ProfileName,
    /// The note; without one, the note is cleared
    #[arg(value_parser = profile::note)]
    text: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// There is no such profile (3), the profiles cannot be written (1).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let mut edit = recover::edit(world, backend)?;
    let fingerprint = select_profile::named(&edit.profiles, &args.name)?.key.fingerprint;
    let note = args.text.filter(|text| !text.is_empty());
    let Some(profile) = edit.profiles.get_mut(&args.name).filter(|p| p.note != note) else {
        let has = if note.is_some() { "already has this note" } else { "has no note" };
        return Changed::new(world, &edit.profiles, &args.name, false, &format!("{} {has}", args.name));
    };
    let text = if note.is_some() { "set the note of" } else { "cleared the note of" };
    profile.note = note;
    edit.save()?;
    audit::change(world, "note", &args.name, fingerprint);
    Changed::new(world, &edit.profiles, &args.name, true, &format!("{text} {}", args.name))
}
