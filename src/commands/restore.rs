//! `restore FILE`: adds the profiles and keys of a backup.

mod admission;
mod lost;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use serde_json::json;

use crate::backend::Edit;
use crate::backend::backup::{self, Backup, BackupError, Opening};
use crate::backend::{Backend, Slot, Store};
use crate::error::{Error, Result, in_words};
use crate::flows::choose_store::for_new_key;
use crate::flows::journal::{self, Given};
use crate::flows::{audit, passphrase, recover};
use crate::hint::{Hint, suggest};
use crate::model::change::{self, NewProfile};
use crate::model::{ApiKey, Known, KnownKeys, Profile, Profiles, Retired, retired};
use crate::output::Change;
use crate::system::World;
use crate::system::files::regular_file::{self, Trust};
use crate::system::terminal::{all_of_stdin, is_dash};
use crate::system::variables::PASSPHRASE_FILE;

/// The keys of a backup, by the text of their entry.
type Keys<'a> = HashMap<String, &'a ApiKey>;

/// No backup is nearly this large.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Restore profiles and keys from a backup
///
/// A profile that exists with the same key is left as it is. If one exists with another key, nothing is restored
/// unless you pass --overwrite.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys restore keys.age
  getimg-keys restore keys.age --identity ~/.ssh/id_ed25519")]
pub struct Args {
    /// The backup; `-` is standard input
    file: PathBuf,
    /// Decrypt with this age identity file or OpenSSH private key
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Replace profiles whose key differs from the backup's
    #[arg(long)]
    overwrite: bool,
}

/// Runs the command.
///
/// # Errors
/// The file cannot be read or opened (1, 7), a profile holds another key (2), a key may not be restored (6),
/// the store fails (7, 1). Except for failures of the store, all of that is checked before anything is changed.
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Change> {
    let path = world.places.working_directory.join(&args.file);
    let backup = args.open(world, &path)?;
    let keys = by_slot(&backup);
    check(&backup.profiles, &keys).map_err(|what| args.not_opened(world, &path, what))?;
    let profiles = backend.profiles_now()?;
    let here = KnownKeys::of(&profiles);
    admission::refuse_twice(&backup.profiles)?;
    admission::refuse_known(&here, &lacking(&here, &backup.profiles))?;
    args.confirm(world, &here, &backup.profiles)?;
    let mut edit = recover::edit(world, backend)?;
    let now = KnownKeys::of(&edit.profiles);
    let wanted = lacking(&now, &backup.profiles);
    let same = backup.profiles.all.iter().filter(|profile| holds_the_same(&now, profile));
    let same = names(same);
    if !overwritten(&now, &backup.profiles).eq(overwritten(&here, &backup.profiles)) {
        return Err(Error::failure(
            "the profiles were changed meanwhile by another process; nothing was restored",
        )
        .hint(Hint::run("restore").arg(args.file.display())));
    }
    admission::refuse_known(&now, &wanted)?.iter().for_each(|word| world.terminal.say(word));
    let wanted = admission::believed(&now, &keys, wanted, world.now);
    let store = for_new_key(world, backend, &edit.profiles, &Hint::run("restore").arg(args.file.display()))?
        .open(world, backend)?;
    change_all(&mut edit, &*store, &keys, &wanted, world)?;
    let returned = lost::bring_back(&edit.profiles, &*store, &keys)?;
    for profile in wanted.iter().chain(returned.iter().filter_map(|name| edit.profiles.get(name))) {
        audit::change(world, "restore", &profile.name, profile.key.fingerprint);
    }
    remember_retired(&mut edit, &backup.profiles, world.now)?;
    let mut restored = names(&wanted);
    let (lost, skipped): (Vec<_>, Vec<_>) =
        same.into_iter().partition(|name| returned.iter().any(|back| back.as_str() == name));
    restored.extend(lost);
    if !restored.is_empty() {
        world.terminal.say(&format!("restored {} to {}", restored.join(", "), store.kind().in_words()));
    }
    if !skipped.is_empty() {
        world.terminal.say(&format!("already here with the same key: {}", skipped.join(", ")));
    }
    Ok(Change(json!({"restored": restored, "skipped": skipped, "changed": !restored.is_empty()})))
}

/// Adds the profiles that are new, and replaces the others.
fn change_all(
    edit: &mut Edit<'_>,
    store: &dyn Store,
    keys: &Keys<'_>,
    wanted: &[Profile],
    world: &World,
) -> Result<()> {
    let is_new = |profile: &&Profile| edit.profiles.get(&profile.name).is_none();
    let (new, others): (Vec<_>, Vec<_>) = wanted.iter().partition(is_new);
    if !new.is_empty() {
        let profiles = new.iter().map(|profile| NewProfile::of(profile)).collect();
        let given =
            Given { profiles: new.iter().copied().cloned().collect(), ..Given::keys(held_by(keys, &new)) };
        journal::run(edit, store, change::Change::RestoreNew { profiles }, given, world.now)?;
    }
    for profile in others {
        let given = Given::keys(held_by(keys, &[profile]));
        let change = change::Change::Restore { profile: Box::new(profile.clone()), in_store: false };
        journal::run(edit, store, change, given, world.now)?;
    }
    Ok(())
}

fn names<'a>(profiles: impl IntoIterator<Item = &'a Profile>) -> Vec<String> {
    profiles.into_iter().map(|profile| profile.name.to_string()).collect()
}

impl Args {
    fn open(&self, world: &World, path: &Path) -> Result<Backup<Profiles>> {
        let read = |path: &Path| {
            regular_file::read(path, LARGEST, Trust::Anyones).map_err(|e| Error::unreadable("read", path, &e))
        };
        let sealed = if is_dash(&self.file) {
            all_of_stdin(LARGEST)
                .map_err(|e| Error::failure(format!("standard input cannot be read: {}", in_words(&e))))?
        } else {
            read(path)?
        };
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
                return Err(Error::usage(format!(
                    "{} was encrypted to a public key",
                    world.places.shown(path)
                ))
                .hint(Hint::run("restore").path(&self.file).flag("--identity ~/.ssh/id_ed25519")));
            }
            None => return self.open_under_passphrase(world, path, &sealed),
        };
        backup::open(&sealed, &opening).map_err(|why| self.not_opened(world, path, why))
    }

    /// Decrypts it with the passphrase. If that is typed wrong, it is asked for again.
    fn open_under_passphrase(&self, world: &World, path: &Path, sealed: &[u8]) -> Result<Backup<Profiles>> {
        let mut passphrase = passphrase::of_backup(world, path, false, "or run it on a terminal".into())?;
        let is_typed = world.variables.path(PASSPHRASE_FILE).is_none();
        let mut left = if is_typed { passphrase::TRIES } else { 1 };
        loop {
            left -= 1;
            match backup::open(sealed, &Opening::Passphrase(passphrase)) {
                Err(BackupError::WrongPassphrase) if left > 0 => passphrase = passphrase::ask_again(world)?,
                opened => return opened.map_err(|why| self.not_opened(world, path, why)),
            }
        }
    }

    fn not_opened(&self, world: &World, path: &Path, why: BackupError) -> Error {
        let shown = if is_dash(&self.file) { "standard input".to_owned() } else { world.places.shown(path) };
        let message = format!("{shown}: {why}; nothing was restored");
        let again = Hint::run("restore").arg(self.file.display());
        match why {
            BackupError::WrongPassphrase if world.variables.is_set(PASSPHRASE_FILE) => Error::store(message)
                .hint(Hint::from(suggest::unset(PASSPHRASE_FILE)).note("to be asked for it")),
            BackupError::WrongPassphrase => Error::store(message).hint(again),
            BackupError::NeedsPassphrase => Error::usage(message).hint(again),
            BackupError::NotForUs | BackupError::Identity(_) => {
                Error::failure(message).hint(again.flag("--identity FILE").note("another one"))
            }
            BackupError::Newer(_) => Error::failure(message)
                .hint(Hint::from("cargo install --locked --path .").note("in a newer checkout")),
            _ => Error::failure(message).hint(Hint::run("restore FILE").note("another copy of the backup")),
        }
    }

    /// Asks for the name of each protected profile whose key would be replaced.
    fn confirm(&self, world: &World, profiles: &KnownKeys<'_>, backup: &Profiles) -> Result<()> {
        self.refuse_overwriting(profiles, backup)?;
        for profile in overwritten(profiles, backup).filter(|profile| profile.protected) {
            let name = &profile.name;
            let what =
                format!("`{name}` is protected, and restoring replaces its key ({})", profile.key.in_words());
            world.terminal.confirm(name.as_str(), &what, self.overwriting())?;
        }
        Ok(())
    }

    fn refuse_overwriting(&self, profiles: &KnownKeys<'_>, backup: &Profiles) -> Result<()> {
        let others: Vec<_> = overwritten(profiles, backup).map(|profile| profile.name.as_str()).collect();
        if self.overwrite || others.is_empty() {
            return Ok(());
        }
        let message = format!("the backup has another key for {}; nothing was restored", others.join(", "));
        Err(Error::usage(message).hint(self.overwriting()))
    }

    fn overwriting(&self) -> Hint {
        let restore = Hint::run("restore").arg(self.file.display());
        let restore = match &self.identity {
            Some(file) => restore.flag("--identity").arg(file.display()),
            None => restore,
        };
        restore.flag("--overwrite")
    }
}

/// The profiles of a backup that are missing or different here.
fn lacking(profiles: &KnownKeys<'_>, backup: &Profiles) -> Vec<Profile> {
    backup.all.iter().filter(|profile| !holds_the_same(profiles, profile)).cloned().collect()
}

/// The profiles here whose key the backup would replace.
fn overwritten<'a>(profiles: &KnownKeys<'a>, backup: &Profiles) -> impl Iterator<Item = &'a Profile> {
    let replaced =
        |profile: &Profile| profiles.get(&profile.name).filter(|_| !holds_the_key(profiles, profile));
    backup.all.iter().filter_map(replaced)
}

/// The keys of a backup, by their entries.
fn by_slot(backup: &Backup<Profiles>) -> Keys<'_> {
    backup.keys.iter().map(|(slot, key)| (slot.to_string(), key)).collect()
}

/// Checks that every profile's key is in the backup and matches the profile's fingerprint.
fn check(profiles: &Profiles, keys: &Keys<'_>) -> Result<(), BackupError> {
    let whole = profiles.check().is_ok()
        && profiles.all.iter().all(|profile| {
            let held = |slot: Slot| keys.get(&slot.to_string()).map(|key| key.fingerprint());
            held(Slot::current(&profile.name)) == Some(profile.key.fingerprint)
                && held(Slot::previous(&profile.name)) == profile.previous.as_ref().map(|p| p.key.fingerprint)
        });
    if whole { Ok(()) } else { Err(BackupError::NotABackup(None)) }
}

/// The same key, and the previous one unless it is held here or was given up for good.
fn holds_the_same(profiles: &KnownKeys<'_>, profile: &Profile) -> bool {
    let lacks_previous = |here: &Profile| {
        let previous = profile.previous.as_ref().filter(|_| here.previous.is_none());
        previous.is_some_and(|previous| match profiles.known(&previous.key.fingerprint) {
            None => true,
            Some(Known::Retired(gone)) => gone.reason == retired::Reason::Removed,
            Some(_) => false,
        })
    };
    holds_the_key(profiles, profile) && !profiles.get(&profile.name).is_some_and(lacks_previous)
}

fn holds_the_key(profiles: &KnownKeys<'_>, profile: &Profile) -> bool {
    profiles.get(&profile.name).is_some_and(|here| here.key.fingerprint == profile.key.fingerprint)
}

/// The keys of these profiles, which [`check`] has checked.
fn held_by<'a>(keys: &Keys<'a>, profiles: &[&Profile]) -> Vec<&'a ApiKey> {
    let slots = profiles.iter().flat_map(|one| [Slot::current(&one.name), Slot::previous(&one.name)]);
    slots.filter_map(|slot| keys.get(&slot.to_string()).copied()).collect()
}

fn remember_retired(edit: &mut Edit, backup: &Profiles, now: DateTime<Utc>) -> Result<()> {
    let known = KnownKeys::of(&edit.profiles);
    let mut seen = HashSet::new();
    let is_new =
        |retired: &&Retired| known.known(&retired.fingerprint).is_none() && seen.insert(retired.fingerprint);
    let new: Vec<_> = backup.retired.iter().filter(is_new).cloned().collect();
    if new.is_empty() {
        return Ok(());
    }
    edit.profiles.retired.extend(new.into_iter().map(|retired| admission::believed_retired(retired, now)));
    edit.save()
}
