//! `store`: where the keys are; moving, joining and adopting them.

mod adopt;
mod join;
mod migrate;
mod recipients;
mod status;

use self::status::Status;
use crate::backend::{Backend, Role, Slot, Store};
use crate::error::{Error, Result};
use crate::flows::open_store::explain_unread;
use crate::hint::Hint;
use crate::model::Profiles;
use crate::output::Report;
use crate::system::World;

/// Show where keys are stored, or move them to another store
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys store status
  getimg-keys store migrate --to file
  getimg-keys store join vault")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Show which store is used and why, and whether it can be read now
    #[command(after_help = "Examples:\n  getimg-keys store status\n  getimg-keys store status --json")]
    Status,
    /// Copy every key to another store and use that one from now on
    ///
    /// Each key is copied, read back and compared before anything else changes. The old store keeps its keys unless
    /// you pass --delete-source. If it is interrupted, run it again.
    #[command(after_help = "Examples:
  getimg-keys store migrate --to file
  getimg-keys store migrate --to keychain --delete-source
  getimg-keys store migrate --to vault")]
    Migrate(migrate::Migrate),
    /// Use what a team shares: the profiles of a vault, or the keys of a folder of encrypted files
    ///
    /// For a machine that has no profiles of its own. The active profile stays each person's own. Of encrypted files
    /// (`[file] folder` in config.toml) this machine agrees to the folder's public key, and each key becomes a profile.
    #[command(after_help = "Examples:\n  getimg-keys store join vault\n  getimg-keys store join file")]
    Join(join::Join),
    /// Let others open the encrypted files with keys of their own
    ///
    /// The files can then be shared by a git repository: `[file] folder` and `[file] identity` in config.toml.
    #[command(after_help = "Examples:
  getimg-keys store recipients list
  getimg-keys store recipients add carla.pub
  getimg-keys store recipients remove carla")]
    Recipients(recipients::Args),
    /// Record entries of the store that no profile has as profiles
    ///
    /// For what is left in the keychain after profiles.toml was lost, or what another tool put there. The keychain is
    /// not changed. A key that `add` would refuse is not adopted either.
    #[command(after_help = "Examples:\n  getimg-keys store adopt\n  getimg-keys store adopt dev prod")]
    Adopt(adopt::Adopt),
}

/// Runs the command.
///
/// # Errors
/// A store that does not serve (7), a key that something else changed (6) or deleted (3).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Box<dyn Report>> {
    match args.verb {
        Verb::Status => Ok(Box::new(Status::of(world, backend)?)),
        Verb::Migrate(migrate) => Ok(Box::new(migrate.run(world, backend)?)),
        Verb::Join(join) => join.run(world, backend),
        Verb::Recipients(recipients) => Ok(Box::new(recipients.run(world, backend)?)),
        Verb::Adopt(adopt) => Ok(Box::new(adopt.run(world, backend)?)),
    }
}

/// Every slot the profiles know to hold a key.
pub fn slots(profiles: &Profiles) -> Vec<Slot> {
    let of = |profile: &crate::model::Profile| {
        let previous = profile.previous.as_ref().map(|_| Slot::of(profile, Role::Previous));
        [Some(Slot::of(profile, Role::Current)), previous]
    };
    profiles.all.iter().flat_map(of).flatten().collect()
}

/// Reads a key and checks that it is the one the profiles know.
///
/// # Errors
/// What the store says; a key that something else changed (6).
pub fn read(profiles: &Profiles, store: &dyn Store, slot: &Slot) -> Result<crate::model::ApiKey> {
    let name = &slot.profile;
    let key = store.get(slot).map_err(|e| explain_unread(&e, store, name))?;
    let expected = profiles.get(name).and_then(|profile| match slot.role {
        Role::Previous => profile.previous.as_ref().map(|previous| previous.key.fingerprint),
        Role::Current | Role::Next => Some(profile.key.fingerprint),
    });
    if expected == Some(key.fingerprint()) {
        Ok(key)
    } else {
        Err(Error::policy(format!(
            "{} holds another key for `{slot}` than the one that was added",
            store.kind().in_words()
        ))
        .hint(Hint::run("verify").arg(name).note("which key it is; asks before it is taken over")))
    }
}
