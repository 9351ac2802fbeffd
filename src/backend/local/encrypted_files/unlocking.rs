//! How the encrypted files are opened here: with the user's own key, or with a passphrase from one of several sources.

use std::cell::Cell;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::own_key::OwnKey;
use super::passphrase::{self, Prompt, TRY_AGAIN};
use crate::backend::StoreError;
use crate::backend::local::session::Session;
use crate::error::{Error, Kind, Result};
use crate::hint::{Hint, suggest};
use crate::system::{World, variables};

/// How the encrypted files are opened: by the first of these that is available, in this order.
pub struct Unlocking<'a> {
    /// What `unlock` left in the kernel's keyring.
    pub session: Session,
    /// `[file] identity`: the user's own key, with which the files are shared. If it is set, no passphrase is asked
    /// for.
    pub own_key: Option<OwnKey<'a>>,
    /// `$GETIMG_KEYS_PASSPHRASE_FILE`; refused unless it has mode 0600 and belongs to the caller.
    pub passphrase_file: Option<PathBuf>,
    /// `[file] passphrase_command`: a program and its arguments, whose stdout is the passphrase.
    pub passphrase_command: Option<Vec<String>>,
    /// A hidden prompt, if there is a terminal.
    pub prompt: Option<Prompt<'a>>,
}

impl Unlocking<'_> {
    /// Whether the files can be opened at all; asks for nothing.
    ///
    /// # Errors
    /// [`StoreError::PassphraseNeeded`]; [`StoreError::PassphraseFile`] or [`StoreError::OwnKey`] for one that is
    /// refused.
    pub fn check(&self) -> Result<(), StoreError> {
        if let Some(own) = &self.own_key {
            return own.check();
        }
        match (&self.passphrase_file, &self.passphrase_command, &self.prompt) {
            (Some(path), _, _) => passphrase::open_passphrase(path).map(drop),
            (None, None, None) => Err(StoreError::PassphraseNeeded),
            _ => Ok(()),
        }
    }

    /// The passphrase, from the first available source.
    ///
    /// # Errors
    /// The source's error; [`StoreError::PassphraseNeeded`] without any source.
    pub fn passphrase(&self) -> Result<Zeroizing<String>, StoreError> {
        match (&self.passphrase_file, &self.passphrase_command, &self.prompt) {
            (Some(path), _, _) => passphrase::from_file(path),
            (None, Some(command), _) => passphrase::from_command(command),
            (None, None, Some(prompt)) => prompt(),
            (None, None, None) => Err(StoreError::PassphraseNeeded),
        }
    }

    /// Where the passphrase comes from, unless it is typed.
    pub(super) fn in_words(&self) -> Option<String> {
        match (&self.passphrase_file, &self.passphrase_command) {
            (Some(path), _) => Some(format!("the one in {}", path.display())),
            (None, Some(command)) => Some(format!("the output of `{}`", command.first()?)),
            (None, None) => None,
        }
    }
}

/// The ways to open the encrypted files here, in the order in which they are tried.
///
/// # Errors
/// The configuration does not parse.
pub fn unlocking(world: &World) -> Result<Unlocking<'_>> {
    let own_key = match &world.config()?.file.identity {
        Some(path) => Some(own_key(world, world.places.of_config("[file] identity", path)?)),
        None => None,
    };
    Ok(Unlocking {
        session: Session::of(&keys_folder(world)?),
        own_key,
        passphrase_file: world.variables.path(variables::PASSPHRASE_FILE),
        passphrase_command: world.config()?.file.passphrase_command.clone(),
        prompt: world.terminal.interactive.then(|| -> Prompt<'_> {
            let asked = Asked::default();
            Box::new(move || {
                let typed = asked.ask(world, "Passphrase of the encrypted files (hidden):");
                world.terminal.typed_passphrase.set(typed.is_ok());
                typed.map_err(prompt_error)
            })
        }),
    })
}

/// The folder of the encrypted files: `[file] folder`, else the one beside profiles.toml.
///
/// # Errors
/// The configuration does not parse, or names a folder by a relative path.
pub fn keys_folder(world: &World) -> Result<PathBuf> {
    match &world.config()?.file.folder {
        Some(folder) => world.places.of_config("[file] folder", folder),
        None => Ok(world.places.keys()),
    }
}

fn own_key(world: &World, path: PathBuf) -> OwnKey<'_> {
    let question = format!("Passphrase of {} (hidden):", world.places.shown(&path));
    let asked = Asked::default();
    let prompt = world
        .terminal
        .interactive
        .then(|| -> Prompt<'_> { Box::new(move || asked.ask(world, &question).map_err(prompt_error)) });
    OwnKey { path, prompt }
}

/// Whether a prompt has asked: it asks again only after a wrong passphrase.
#[derive(Default)]
struct Asked(Cell<bool>);

impl Asked {
    fn ask(&self, world: &World, question: &str) -> Result<Zeroizing<String>> {
        ask_passphrase(world, if self.0.replace(true) { TRY_AGAIN } else { question })
    }
}

/// Asks for a passphrase without showing it.
///
/// # Errors
/// No terminal, or what was typed is not text (2); Ctrl-C (9).
pub fn ask_passphrase(world: &World, question: &str) -> Result<Zeroizing<String>> {
    let bytes = world.terminal.secret(question, &passphrase_file())?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Error::usage("the passphrase is not text").hint(passphrase_file()))?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The command that names a file with the passphrase.
pub fn passphrase_file() -> Hint {
    let set = Hint::from(suggest::set(variables::PASSPHRASE_FILE, "FILE"));
    if cfg!(windows) { set } else { set.note("mode 0600") }
}

fn prompt_error(error: Error) -> StoreError {
    match error.kind {
        Kind::Cancelled => StoreError::Cancelled,
        _ => StoreError::Failed(error.message),
    }
}
