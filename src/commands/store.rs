//! `store`: where the keys are; moving, joining and adopting them.

mod adopt;
mod join;
mod migrate;
mod recipients;
mod status;

use self::status::Status;
use crate::backend::Backend;
use crate::error::Result;
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
    /// Use a team's profiles in a vault, or the keys of a shared folder of encrypted files
    ///
    /// For a machine that has no profiles yet. Each person chooses an active profile separately. For encrypted files
    /// (`[file] folder` in config.toml), this machine accepts the folder's public key, and each key becomes a profile.
    #[command(after_help = "Examples:\n  getimg-keys store join vault\n  getimg-keys store join file")]
    Join(join::Join),
    /// Let others open the encrypted files with their own keys
    ///
    /// The files can then be shared in a git repository: set `[file] folder` and `[file] identity` in config.toml.
    #[command(after_help = "Examples:
  getimg-keys store recipients list
  getimg-keys store recipients add carla.pub
  getimg-keys store recipients remove carla")]
    Recipients(recipients::Args),
    /// Make profiles of entries in the store that have none
    ///
    /// For keys that are in the keychain after profiles.toml was lost, or that another tool put there. The keychain
    /// is not changed. A key that `add` would refuse is not adopted.
    #[command(after_help = "Examples:\n  getimg-keys store adopt\n  getimg-keys store adopt dev prod")]
    Adopt(adopt::Adopt),
}

/// Runs the command.
///
/// # Errors
/// A store that cannot be used (7), a key that another program changed (6) or deleted (3).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Box<dyn Report>> {
    match args.verb {
        Verb::Status => Ok(Box::new(Status::of(world, backend)?)),
        Verb::Migrate(migrate) => Ok(Box::new(migrate.run(world, backend)?)),
        Verb::Join(join) => join.run(world, backend),
        Verb::Recipients(recipients) => Ok(Box::new(recipients.run(world, backend)?)),
        Verb::Adopt(adopt) => Ok(Box::new(adopt.run(world, backend)?)),
    }
}
