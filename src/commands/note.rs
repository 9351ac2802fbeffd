//! `note NAME`: prints, sets or clears the note of a profile.

use serde_json::Value;

use super::Changed;
use crate::backend::Backend;
use crate::error::Result;
use crate::flows::{audit, recover, select_profile};
use crate::model::{ProfileName, profile};
use crate::output::{Render, Report};
use crate::system::World;
use crate::system::terminal::escape;

/// Print, set or clear a profile's note
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys note dev
  getimg-keys note dev 'my laptop'
  getimg-keys note dev --clear")]
pub struct Args {
    /// The profile
    name: ProfileName,
    /// The note; without one, the present note is printed
    #[arg(value_parser = profile::note)]
    text: Option<String>,
    /// Clear the note
    #[arg(long, conflicts_with = "text")]
    clear: bool,
}

/// The note, or what was done to it.
pub struct Note {
    asked: Option<String>,
    profile: Changed,
}

/// Runs the command.
///
/// # Errors
/// There is no such profile (3), the profiles cannot be written (1).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Note> {
    match args.text {
        None if !args.clear => print(&args.name, world, backend),
        text => {
            let note = text.filter(|text| !text.is_empty());
            Ok(Note { asked: None, profile: set(&args.name, note, world, backend)? })
        }
    }
}

fn print(name: &ProfileName, world: &World, backend: &dyn Backend) -> Result<Note> {
    let profiles = backend.profiles()?;
    let asked = select_profile::named(&profiles, name)?.note.clone();
    if asked.is_none() {
        world.terminal.say(&format!("{name} has no note"));
    }
    Ok(Note { asked, profile: Changed::quietly(world, &profiles, name, false)? })
}

fn set(name: &ProfileName, note: Option<String>, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let mut edit = recover::edit(world, backend)?;
    let fingerprint = select_profile::named(&edit.profiles, name)?.key.fingerprint;
    let Some(profile) = edit.profiles.get_mut(name).filter(|p| p.note != note) else {
        let has = if note.is_some() { "already has this note" } else { "has no note" };
        return Changed::new(world, &edit.profiles, name, false, &format!("{name} {has}"));
    };
    let text = if note.is_some() { "set the note of" } else { "cleared the note of" };
    profile.note = note;
    edit.save()?;
    audit::change(world, "note", name, fingerprint);
    Changed::new(world, &edit.profiles, name, true, &format!("{text} {name}"))
}

impl Report for Note {
    fn text(&self, _: &Render) -> String {
        self.asked.as_deref().map(escape).unwrap_or_default()
    }

    fn json(&self) -> Value {
        self.profile.json()
    }
}
