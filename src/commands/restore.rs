//! `restore FILE`: the profiles and keys of a backup come back.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::backend::Edit;
use crate::backend::backup::{self, Backup, BackupError, Opening};
use crate::backend::{Backend, Slot};
use crate::error::{Error, Result, quoted, typed};
use crate::flows::choose_store::for_new_key;
use crate::flows::restoration::{self, Returning};
use crate::flows::{new_key, passphrase, record, settle};
use crate::model::profiles::Known;
use crate::model::{ApiKey, Profile, Profiles};
use crate::output::Change;
use crate::system::World;
use crate::system::files::regular_file::{self, Trust};
use crate::system::variables::PASSPHRASE_FILE;

/// No backup comes near this size.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Bring profiles and keys back from a backup
///
/// Profiles that are here already are left alone if they hold the same key; if one holds another key,
/// nothing is restored unless you say so.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The backup
    file: PathBuf,
    /// Open it with this age identity file or OpenSSH private key
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Replace profiles that hold another key than the backup does
    #[arg(long)]
    overwrite: bool,
}

/// Runs the command.
///
/// # Errors
/// The file cannot be read or opened (1, 7), a profile holds another key (2), a key may not come back (6),
/// the store fails (7, 1). Nothing is changed before all of that is known, the store's failures apart.
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Change> {
    let path = world.places.working_directory.join(&args.file);
    let backup = args.open(world, &path)?;
    check(&backup).map_err(|what| args.not_opened(world, &path, what))?;
    let mut edit = settle::edit(world, backend)?;
    let (skipped, wanted): (Vec<_>, Vec<_>) =
        backup.book.profiles.iter().cloned().partition(|p| holds_the_same(&edit.book, p));
    args.refuse_overwriting(&edit.book, &wanted)?;
    for profile in &wanted {
        refuse_known(world, &edit.book, &backup, profile)?;
    }
    let store = for_new_key(world, backend, &edit.book)?.open(world)?;
    for returning in wanted.iter().filter_map(|profile| returning(&backup, profile)) {
        restoration::run(&mut edit, &*store, &returning, world.now)?;
        let profile = returning.profile;
        record::change(world, "restore", &profile.name, profile.key.fingerprint);
    }
    remember_retired(&mut edit, &backup.book)?;
    let (restored, skipped) = (names(&wanted), names(&skipped));
    if !restored.is_empty() {
        world.terminal.say(&format!("restored {} to {}", restored.join(", "), store.kind().in_words()));
    }
    if !skipped.is_empty() {
        world.terminal.say(&format!("already here with the same key: {}", skipped.join(", ")));
    }
    Ok(Change(json!({"restored": restored, "skipped": skipped, "changed": !restored.is_empty()})))
}

fn names(profiles: &[Profile]) -> Vec<String> {
    profiles.iter().map(|profile| profile.name.to_string()).collect()
}

impl Args {
    fn open(&self, world: &World, path: &Path) -> Result<Backup<Profiles>> {
        let read = |path: &Path| {
            regular_file::read(path, LARGEST, Trust::Anyones).map_err(|e| Error::unreadable("read", path, &e))
        };
        let sealed = read(path)?;
        let under_passphrase =
            backup::is_under_passphrase(&sealed).map_err(|why| self.not_opened(world, path, why))?;
        let opening = match &self.identity {
            Some(identity) => {
                let text = read(&world.places.working_directory.join(identity));
                let text = zeroize::Zeroizing::new(text?);
                let text = std::str::from_utf8(&text).map_err(|_| {
                    self.not_opened(world, path, BackupError::Identity("the identity file is not text"))
                })?;
                Opening::Identity(zeroize::Zeroizing::new(text.to_owned()))
            }
            None if !under_passphrase => {
                let file = quoted(self.file.display());
                return Err(Error::usage(format!(
                    "{} was encrypted to a public key",
                    world.places.shown(path)
                ))
                .hint(format!("getimg-keys restore {file} --identity ~/.ssh/id_ed25519")));
            }
            None => {
                Opening::Passphrase(passphrase::of_backup(world, path, false, "or run it on a terminal")?)
            }
        };
        backup::open(&sealed, &opening).map_err(|why| self.not_opened(world, path, why))
    }

    fn not_opened(&self, world: &World, path: &Path, why: BackupError) -> Error {
        let message = format!("{}: {why}; nothing was restored", world.places.shown(path));
        let again = format!("getimg-keys restore {}", quoted(self.file.display()));
        match why {
            BackupError::WrongPassphrase if world.variables.is_set(PASSPHRASE_FILE) => {
                Error::store(message).hint(format!("{}  # to be asked for it", typed::unset(PASSPHRASE_FILE)))
            }
            BackupError::WrongPassphrase => Error::store(message).hint(again),
            BackupError::NeedsPassphrase => Error::usage(message).hint(again),
            BackupError::NotForUs | BackupError::Identity(_) => {
                Error::failure(message).hint(format!("{again} --identity FILE  # another one"))
            }
            BackupError::Newer(_) => {
                Error::failure(message).hint("cargo install --locked --path .  # in a newer checkout")
            }
            _ => Error::failure(message).hint("getimg-keys restore FILE  # another copy of the backup"),
        }
    }

    fn refuse_overwriting(&self, book: &Profiles, wanted: &[Profile]) -> Result<()> {
        let is_other = |p: &&Profile| book.get(&p.name).is_some() && !holds_the_key(book, p);
        let others: Vec<_> = wanted.iter().filter(is_other).map(|p| p.name.as_str()).collect();
        if self.overwrite || others.is_empty() {
            return Ok(());
        }
        let identity = self.identity.as_ref().map(|file| format!(" --identity {}", quoted(file.display())));
        let identity = identity.unwrap_or_default();
        let message =
            format!("another key than the backup's is held by {}; nothing was restored", others.join(", "));
        Err(Error::usage(message)
            .hint(format!("getimg-keys restore {}{identity} --overwrite", quoted(self.file.display()))))
    }
}

/// Every profile's key must be there and be the one that the profile names.
fn check(backup: &Backup<Profiles>) -> Result<(), BackupError> {
    backup.book.check().map_err(|_| BackupError::NotABackup(None))?;
    let whole = backup.book.profiles.iter().all(|profile| {
        let current = key(backup, &Slot::current(&profile.name)).map(ApiKey::fingerprint);
        let previous = key(backup, &Slot::previous(&profile.name)).map(ApiKey::fingerprint);
        current == Some(profile.key.fingerprint)
            && previous == profile.previous.as_ref().map(|p| p.key.fingerprint)
    });
    if whole { Ok(()) } else { Err(BackupError::NotABackup(None)) }
}

fn key<'a>(backup: &'a Backup<Profiles>, slot: &Slot) -> Option<&'a ApiKey> {
    backup.keys.iter().find(|(at, _)| at == slot).map(|(_, key)| key)
}

/// The same key; and the one before it, unless that one is elsewhere here or was seen to be refused.
fn holds_the_same(book: &Profiles, profile: &Profile) -> bool {
    let lacks_previous = |here: &Profile| {
        let previous = profile.previous.as_ref().filter(|_| here.previous.is_none());
        previous.is_some_and(|previous| match book.known(&previous.key.fingerprint) {
            None => true,
            Some(Known::Retired(retired)) => retired.refused_at.is_none(),
            Some(_) => false,
        })
    };
    holds_the_key(book, profile) && !book.get(&profile.name).is_some_and(lacks_previous)
}

fn holds_the_key(book: &Profiles, profile: &Profile) -> bool {
    book.get(&profile.name).is_some_and(|here| here.key.fingerprint == profile.key.fingerprint)
}

/// A key that another profile holds, or that was rotated out since, does not come back.
fn refuse_known(world: &World, book: &Profiles, backup: &Backup<Profiles>, profile: &Profile) -> Result<()> {
    let Some(key) = key(backup, &Slot::current(&profile.name)) else { return Ok(()) };
    let held_by_itself = book
        .known(&key.fingerprint())
        .is_some_and(|known| known.record().is_some() && known.profile_name() == &profile.name);
    if held_by_itself {
        return Ok(());
    }
    if let Some(word) = new_key::refuse_known(book, key)? {
        world.terminal.say(&word);
    }
    Ok(())
}

/// A profile with its keys, all of which [`check`] has seen.
fn returning<'a>(backup: &'a Backup<Profiles>, profile: &'a Profile) -> Option<Returning<'a>> {
    let previous = key(backup, &Slot::previous(&profile.name));
    Some(Returning { profile, key: key(backup, &Slot::current(&profile.name))?, previous })
}

fn remember_retired(edit: &mut Edit, backup: &Profiles) -> Result<()> {
    for retired in &backup.retired {
        if edit.book.known(&retired.fingerprint).is_none() {
            edit.book.retire(retired.clone());
        }
    }
    edit.save()
}
