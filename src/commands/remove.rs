//! `remove NAME`: deletes a profile and its keys; their fingerprints are remembered.

use super::Changed;
use crate::backend::Backend;
use crate::error::Result;
use crate::flows::journal::{self, Given};
use crate::flows::{audit, recover, select_profile};
use crate::hint::Hint;
use crate::model::{Change, ProfileName};
use crate::system::World;

/// Remove a profile and delete its key
///
/// The key still works until you revoke it at getimg.ai. Its fingerprint stays known to `scan`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys remove old-laptop
  getimg-keys remove prod --yes")]
pub struct Args {
    /// The profile
    name: ProfileName,
}

/// Runs the command.
///
/// # Errors
/// There is no such profile (3), removing it was not confirmed (9, 2), the store fails (7, 1).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let name = args.name;
    let (profiles, cut_short) = recover::settled(world, backend)?;
    if cut_short == Some(Change::Remove { name: name.clone() }) && profiles.get(&name).is_none() {
        let report = Changed::new(world, &profiles, &name, true, &format!("removed {name}"));
        say_it_still_works(world);
        return report;
    }
    if select_profile::named(&profiles, &name)?.protected {
        let what = format!("`{name}` is protected, and removing it deletes its key");
        world.terminal.confirm(name.as_str(), &what, Hint::run("remove").arg(&name))?;
    }
    let mut edit = recover::edit(world, backend)?;
    let profile = select_profile::named(&edit.profiles, &name)?.clone();
    let was_active = edit.profiles.active.as_ref() == Some(&name);
    let change = Change::Remove { name: name.clone() };
    journal::run(&mut edit, backend.keys()?, change, Given::default(), world.now)?;
    audit::change(world, "remove", &name, profile.key.fingerprint);
    let done = format!("removed {name} ({})", profile.key.in_words());
    let report = Changed::new(world, &edit.profiles, &name, true, &done)?;
    if was_active && !edit.profiles.all.is_empty() {
        world
            .terminal
            .say(&format!("no profile is active now: {}", select_profile::use_hint(&edit.profiles)));
    }
    if let Some(previous) = &profile.previous {
        let key = previous.key.in_words();
        world
            .terminal
            .say(&format!("its previous key ({key}) is deleted too; it was not seen to be revoked"));
    }
    for pushed in &profile.pushed {
        world.terminal.say(&format!("the key is still stored at {}", pushed.target));
    }
    say_it_still_works(world);
    Ok(report)
}

fn say_it_still_works(world: &World) {
    let url = crate::api::DEVELOPER_SETTINGS;
    world.terminal.say(&format!("the key itself still works until you revoke it at {url}"));
}
