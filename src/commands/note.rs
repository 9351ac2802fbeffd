//! `note NAME TEXT`: the person's own words on a profile.

use super::Changed;
use crate::backend::Backend;
use crate::error::Result;
use crate::flows::{record, settle, which};
use crate::model::{ProfileName, profile};
use crate::system::World;

/// Write a few words of your own beside a profile
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The profile
    name: ProfileName,
    /// The words; none takes the note away
    #[arg(value_parser = profile::note)]
    text: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// There is no such profile (3), the book cannot be written (1).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let mut edit = settle::edit(world, backend)?;
    let fingerprint = which::named(&edit.book, &args.name)?.key.fingerprint;
    let note = args.text.filter(|text| !text.is_empty());
    let Some(profile) = edit.book.get_mut(&args.name).filter(|p| p.note != note) else {
        let has = if note.is_some() { "has this note already" } else { "has no note" };
        return Changed::new(world, &edit.book, &args.name, false, &format!("{} {has}", args.name));
    };
    let text = if note.is_some() { "noted for" } else { "took away the note of" };
    profile.note = note;
    edit.save()?;
    record::change(world, "note", &args.name, fingerprint);
    Changed::new(world, &edit.book, &args.name, true, &format!("{text} {}", args.name))
}
