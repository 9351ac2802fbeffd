//! `unlock` and `lock`: keep the encrypted files unlocked for a while.

use std::time::Duration;

use serde_json::json;

use crate::backend::local::encrypted_files;
use crate::backend::{Backend, StoreError};
use crate::error::{Error, Result};
use crate::flows::open_store::{explain, unread};
use crate::hint::Hint;
use crate::model::{Profiles, StoreKind, time_limit};
use crate::output::Change;
use crate::system::World;

/// How long `unlock` lasts by default.
const USUAL: Duration = Duration::from_hours(8);

/// Keep the encrypted files unlocked for a while
///
/// Asks for the passphrase once and keeps the unlocked identity (not the passphrase) in the kernel's keyring, for every
/// terminal of this user. Linux only.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys unlock
  getimg-keys unlock --for 30m")]
pub struct Args {
    /// How long: a number and s, m, h or d [default: 8h, or `[file] unlock_for`]
    #[arg(long = "for", value_name = "TIME", value_parser = time_limit::unlocked)]
    time: Option<Duration>,
}

/// Lock the encrypted files again
///
/// Removes what `unlock` left in the kernel's keyring.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys lock")]
pub struct LockArgs {}

/// Runs `unlock`.
///
/// # Errors
/// The keys are in another store (2); a wrong passphrase, or none available (7); no keyring in this kernel (7).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Change> {
    refuse_other_stores(&backend.profiles()?)?;
    let time = args.time.or(world.config()?.file.unlock_for).unwrap_or(USUAL);
    let files = encrypted_files(world)?;
    let until = files.unlock(time, world.now).map_err(|e| unread(&e, StoreKind::File, None))?;
    let shown = until.format("%Y-%m-%d %H:%M:%S");
    world.terminal.say(&format!("the encrypted files are unlocked until {shown} UTC"));
    Ok(Change(json!({"unlocked": true, "until": until, "changed": true})))
}

/// Runs `lock`.
///
/// # Errors
/// The keys are in another store (2).
pub fn run_lock(_: LockArgs, world: &World, backend: &dyn Backend) -> Result<Change> {
    refuse_other_stores(&backend.profiles()?)?;
    let (changed, text) = match encrypted_files(world)?.lock() {
        Ok(true) => (true, "the encrypted files are locked".to_owned()),
        Ok(false) => (false, "the encrypted files were already locked".to_owned()),
        Err(StoreError::NoSession(why)) => {
            (false, format!("there is nothing to lock: the kernel's keyring cannot be used ({why})"))
        }
        Err(other) => return Err(explain(&other, StoreKind::File, None)),
    };
    world.terminal.say(&text);
    Ok(Change(json!({"unlocked": false, "until": null, "changed": changed})))
}

fn refuse_other_stores(profiles: &Profiles) -> Result<()> {
    match profiles.store {
        None | Some(StoreKind::File) => Ok(()),
        Some(other) => {
            let other = other.in_words();
            Err(Error::usage(format!(
                "the keys are in {other}; only encrypted files are unlocked and locked here"
            ))
            .hint(Hint::run("store status")))
        }
    }
}
