//! Passphrases of the encrypted files and of backups.

use std::path::Path;

use zeroize::Zeroizing;

use crate::backend::StoreError;
use crate::backend::local;
pub use crate::backend::local::encrypted_files::TRIES;
use crate::backend::local::encrypted_files::{
    TRY_AGAIN, Unlocking, ask_passphrase, passphrase_file, passphrase_from_file, unlocking,
};
use crate::error::{Error, Result};
use crate::hint::{Hint, quoted_path, suggest};
use crate::model::ProfileName;
use crate::system::files::nudges;
use crate::system::{World, variables};

/// A new passphrase for the encrypted files: from the file, the command, or typed twice.
///
/// # Errors
/// The file or the command is refused (7); no terminal (7); two different or none typed (2); Ctrl-C (9).
pub fn for_new_files(world: &World, command: &Hint) -> Result<Zeroizing<String>> {
    let sources = Unlocking { prompt: None, ..unlocking(world)? };
    match sources.passphrase() {
        Err(StoreError::PassphraseNeeded) if world.terminal.interactive => {
            world
                .terminal
                .say("choose a passphrase; it cannot be reset, and without it the files cannot be opened");
            typed_twice(world, "New passphrase (hidden):")
        }
        Err(StoreError::PassphraseNeeded) => Err(Error::store(format!(
            "the encrypted files need a passphrase, and {}",
            world.terminal.why_not()
        ))
        .hint(if world.terminal.forbidden { command.clone() } else { then_with_a_file(command) })),
        other => other.map_err(|e| explain(&e, None)),
    }
}

/// Whether there is a passphrase without a terminal.
///
/// # Errors
/// The configuration does not parse.
pub fn has_source(world: &World) -> Result<bool> {
    let sources = Unlocking { prompt: None, ..unlocking(world)? };
    Ok(sources.passphrase_file.is_some() || sources.passphrase_command.is_some())
}

/// One line that creates a passphrase file if there is none, and runs a command with it.
pub fn then_with_a_file(command: &Hint) -> Hint {
    const FILE: &str = "~/.getimg-keys-passphrase";
    if cfg!(windows) {
        return format!("{}; {}", passphrase_file().command(), command.command()).into();
    }
    // With `-C` a file that is there stays as it is: it may open something.
    let make = format!("(set -C; umask 077; head -c 30 /dev/urandom | base64 > {FILE})");
    let file = suggest::set(variables::PASSPHRASE_FILE, FILE);
    format!("{make}; {file}; {}", command.command()).into()
}

/// The passphrase of a backup: from `$GETIMG_KEYS_PASSPHRASE_FILE`, else typed; twice for a new one.
///
/// # Errors
/// The file is refused (7); no terminal (2, naming what answers); two different or none typed (2); Ctrl-C (9).
pub fn of_backup(world: &World, backup: &Path, is_new: bool, answered_by: Hint) -> Result<Zeroizing<String>> {
    match world.variables.path(variables::PASSPHRASE_FILE) {
        Some(path) => passphrase_from_file(&path).map_err(|e| explain(&e, None)),
        None if !world.terminal.interactive => Err(Error::usage(format!(
            "the passphrase of the backup {} cannot be asked for: {}",
            world.places.shown(backup),
            world.terminal.why_not()
        ))
        .hint(passphrase_file())
        .hint(answered_by)),
        None if is_new => typed_twice(world, "New passphrase for the backup (hidden):"),
        None => ask_passphrase(world, "Passphrase of the backup (hidden):"),
    }
}

/// Asks for a passphrase again after a wrong one.
///
/// # Errors
/// As [`ask_passphrase`].
pub fn ask_again(world: &World) -> Result<Zeroizing<String>> {
    ask_passphrase(world, TRY_AGAIN)
}

/// The error when the encrypted files cannot be opened, with the profile whose key was wanted and the hints that help.
pub fn explain(error: &StoreError, profile: Option<&ProfileName>) -> Error {
    let so = profile.map_or_else(String::new, |name| format!(", so the key of `{name}` cannot be read"));
    match error {
        StoreError::NotSetUp => {
            Error::store("the encrypted files have no passphrase yet").hint(passphrase_file())
        }
        StoreError::PassphraseNeeded => {
            let what = "the encrypted files are locked, and there is no terminal to ask for the passphrase";
            Error::store(format!("{what}{so}"))
                .hint(Hint::run("unlock --for 8h").note("on a terminal, before"))
                .hint(passphrase_file())
        }
        StoreError::WrongPassphrase(source) => wrong(source.as_deref(), &so),
        StoreError::PassphraseFile(why) => Error::store(format!("{why}{so}")).hint(passphrase_file()),
        StoreError::PassphraseDisclosed(why) => Error::store(format!("{why}{so}")).hint(
            Hint::from(suggest::make_private_file(variables::PASSPHRASE_FILE))
                .note("and it must contain only the passphrase"),
        ),
        StoreError::PassphraseCommand(why) => Error::store(format!("{why}{so}"))
            .hint(configured("`[file] passphrase_command`, a list of program and arguments")),
        StoreError::OwnKey(why) => {
            Error::store(format!("{why}{so}")).hint(configured("`[file] identity`, a key file of mode 0600"))
        }
        StoreError::NotARecipient(file) => {
            Error::store(format!("the encrypted files are not shared with the key in {file}{so}"))
                .hint(Hint::run("store recipients list"))
                .hint(Hint::run("store recipients add PUBLIC_KEY").note("by somebody who can open them"))
        }
        StoreError::NotJoined(folder) => {
            Error::store(format!("this machine has not accepted the encrypted files in {folder} yet{so}"))
                .hint(Hint::run("store join file"))
        }
        StoreError::Exchanged { folder, now } => Error::policy(format!(
            "{folder} has another public key than this machine accepted ({now}): \
             somebody was removed, or somebody wants your keys{so}"
        ))
        .hint(Hint::run("store join file").note("once the remover has confirmed that key")),
        StoreError::NoSession(why) => Error::store(format!(
            "the files cannot be kept unlocked: the kernel's keyring cannot be used ({why})"
        ))
        .hint(passphrase_file())
        .hint(Hint::advice("or set `[file] passphrase_command` in config.toml")),
        StoreError::Damaged(_) | StoreError::NoIdentity { .. } | StoreError::NoRecipient { .. } => {
            broken(error, &so)
        }
        other => Error::failure(other.to_string()).hint(Hint::run("doctor")),
    }
}

/// The error for one of the encrypted files that is missing or damaged.
fn broken(error: &StoreError, so: &str) -> Error {
    let restore = Hint::run("restore FILE").note("from a backup");
    match error {
        StoreError::NoIdentity { what, folder } => {
            Error::store(format!("{what}, and without it no key in the encrypted files can be read"))
                .hint(format!("mv {} {}", quoted_path(folder), quoted_path(&folder.with_extension("broken"))))
                .hint(restore)
        }
        StoreError::NoRecipient { what, folder } => {
            let [identity, recipient] = ["identity", "recipient"].map(|name| quoted_path(&folder.join(name)));
            Error::store(format!("{what}{so}")).hint(
                Hint::from(format!("age -d {identity} | age-keygen -y > {recipient}")).note("made anew"),
            )
        }
        other => Error::store(format!("{other}{so}")).hint(restore),
    }
}

fn wrong(source: Option<&str>, so: &str) -> Error {
    let (which, again) = match source {
        Some(source) => (format!(" ({source})"), "correct it, then run the command again"),
        None => (String::new(), "run the command again"),
    };
    Error::store(format!("wrong passphrase for the encrypted files{which}{so}; nothing was changed"))
        .hint(again)
}

fn configured(setting: &str) -> Hint {
    Hint::from(suggest::edit("config.toml")).note(setting)
}

/// After the passphrase was typed, says once in a while how not to be asked at each command.
pub fn offer_unlock(world: &World) {
    let can_be_kept = || local::encrypted_files(world).is_ok_and(|files| files.unlocked_until().is_ok());
    if !world.terminal.typed_passphrase.replace(false) || world.terminal.quiet || !can_be_kept() {
        return;
    }
    let path = world.places.nudges();
    let mut nudges = nudges::read(&path);
    if nudges.is_due("unlock", world.now) {
        let unlock = Hint::run("unlock");
        world.terminal.say(&format!("to type it once and not at each command: {unlock}"));
        // It may be said again.
        let _ = nudges::write(&path, &nudges);
    }
}

fn refused(what: &str) -> Error {
    Error::usage(what).hint(Hint::advice("run the command again")).hint(passphrase_file())
}

fn typed_twice(world: &World, question: &str) -> Result<Zeroizing<String>> {
    let first = ask_passphrase(world, question)?;
    if first.is_empty() {
        return Err(refused("the passphrase is empty; nothing was changed"));
    }
    if *first != *ask_passphrase(world, "The same again (hidden):")? {
        return Err(refused("the two passphrases differ; nothing was changed"));
    }
    Ok(first)
}
