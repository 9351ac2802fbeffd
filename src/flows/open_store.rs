//! Which store is used, and what to do when it does not serve.

use crate::backend::environment::Environment;
use crate::backend::local::encrypted_files::EncryptedFiles;
use crate::backend::local::keychain::Keychain;
use crate::backend::{Store, StoreError};
use crate::error::{Error, Result};
use crate::flows::passphrase;
use crate::model::{ProfileName, Profiles, StoreKind};
use crate::system::{World, another_store, variables};

/// The store that the book records, or the one that `--store env` picks over it.
///
/// # Errors
/// Another store was asked for than the one the keys are in (exit 2).
pub fn recorded<'a>(world: &'a World, book: &Profiles) -> Result<Box<dyn Store + 'a>> {
    let kind = match (book.store, world.wanted_store) {
        (_, Some(StoreKind::Env)) => StoreKind::Env,
        (Some(recorded), Some(wanted)) if recorded != wanted => return Err(another_store(recorded, wanted)),
        (recorded, wanted) => recorded.or(wanted).unwrap_or(StoreKind::Keychain),
    };
    open(world, kind)
}

/// Opens one store.
///
/// # Errors
/// The configuration does not parse, or another of the files that say how a store is opened.
pub fn open(world: &World, kind: StoreKind) -> Result<Box<dyn Store + '_>> {
    Ok(match kind {
        StoreKind::Keychain => Box::new(keychain(world)?),
        StoreKind::File => Box::new(encrypted_files(world)?),
        StoreKind::Env => Box::new(environment(world)?),
    })
}

/// The encrypted files, with every way to open them that there is here.
///
/// # Errors
/// The configuration does not parse.
pub fn encrypted_files(world: &World) -> Result<EncryptedFiles<'_>> {
    Ok(EncryptedFiles::open(&world.places.keys(), passphrase::unlocking(world)?))
}

fn environment(world: &World) -> Result<Environment> {
    let ours = world.variables.with_prefix(variables::API_KEY);
    let ours = ours.filter_map(|(name, _)| Some((name.to_owned(), world.variables.secret(name)?)));
    Ok(Environment::new(ours, world.selected_for_env()?))
}

fn keychain(world: &World) -> Result<Keychain<'_>> {
    let tell: Box<dyn Fn() + '_> = Box::new(|| {
        world
            .terminal
            .say("the desktop is waiting for your answer: look for a window that asks to unlock the keychain")
    });
    let session = world.config()?.store.session;
    Ok(Keychain::new(&world.places.service, session, world.terminal.interactive.then_some(tell)))
}

/// What a person is told of a store that did not serve, with the way out.
pub fn explain(error: &StoreError, kind: StoreKind, profile: Option<&ProfileName>) -> Error {
    let store = kind.in_words();
    let key = profile.map_or_else(|| "the key".to_owned(), |name| format!("the key of `{name}`"));
    match error {
        StoreError::Missing => {
            let error = Error::not_found(format!(
                "{key} is missing in {store}: it was deleted there by something else"
            ));
            match profile {
                Some(name) => error.hint(format!("getimg-keys remove {name} && getimg-keys add {name}")),
                None => error,
            }
        }
        StoreError::Locked => {
            let why = profile.map_or_else(String::new, |_| format!(", so {key} is out of reach"));
            Error::store(format!("{store} is locked{why}")).hint(
                "unlock it (log in to the desktop, or open its password manager), then run the command again",
            )
        }
        StoreError::Denied => Error::store(format!("{store} denied access to {key}"))
            .hint("run the command again and allow the access"),
        StoreError::NoBus => Error::store("there is no D-Bus session, so the keychain cannot be reached")
            .hint("dbus-run-session -- $SHELL  # then the command again")
            .hint(OTHER_WAY),
        StoreError::NoProvider => {
            Error::store("nothing on this machine provides a keychain (Secret Service)")
                .hint("sudo apt install gnome-keyring  # or another Secret Service, then the command again")
                .hint(OTHER_WAY)
        }
        StoreError::NoAnswer(seconds) => {
            let what = profile.map_or_else(String::new, |_| format!(" for {key}"));
            Error::store(format!("{store} did not answer within {seconds} s{what}"))
                .hint("getimg-keys doctor")
        }
        StoreError::Ambiguous(places) => Error::store(format!(
            "{} entries in {store} answer for {key}, and none was chosen: {}",
            places.len(),
            places.join(", ")
        ))
        .hint("delete all but one of them in the system's password manager"),
        StoreError::NotAKey => {
            Error::failure(format!("what {store} holds for {key} is not a key")).hint("getimg-keys doctor")
        }
        StoreError::ReadOnly => {
            Error::usage(format!("{store} can only be read")).hint("leave out --store env")
        }
        StoreError::Cancelled => Error::cancelled(),
        StoreError::NotSetUp
        | StoreError::PassphraseNeeded
        | StoreError::WrongPassphrase(_)
        | StoreError::PassphraseFile(_)
        | StoreError::PassphraseCommand(_)
        | StoreError::NoSession(_)
        | StoreError::Damaged(_) => passphrase::explain(error, profile),
        StoreError::NotKept | StoreError::Failed(_) => {
            Error::failure(format!("{store} failed on {key}: {error}")).hint("getimg-keys doctor")
        }
    }
}

/// On no terminal the passphrase of the encrypted files comes from `$GETIMG_KEYS_PASSPHRASE_FILE`.
const OTHER_WAY: &str = "getimg-keys add NAME --store file  # encrypted files instead of a keychain";
