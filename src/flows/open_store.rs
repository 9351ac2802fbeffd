//! Which store is used, and what to do when it does not serve.

use crate::error::{Error, Result};
use crate::model::{ProfileName, Profiles, StoreKind};
use crate::store::keychain::Keychain;
use crate::store::{Health, Store, StoreError};
use crate::world::World;

/// The store that the book records, or the one that `--store env` picks over it.
///
/// # Errors
/// Another store was asked for than the one the keys are in (exit 2).
pub fn recorded<'a>(world: &'a World, book: &Profiles) -> Result<Box<dyn Store + 'a>> {
    let kind = match (book.store, world.wanted_store) {
        (_, Some(StoreKind::Env)) => StoreKind::Env,
        (Some(recorded), Some(wanted)) if recorded != wanted => return Err(another(recorded, wanted)),
        (recorded, wanted) => recorded.or(wanted).unwrap_or(StoreKind::Keychain),
    };
    open(world, kind)
}

/// The store for a new key: the recorded one; at the first `add`, the one asked for, else the keychain.
///
/// # Errors
/// As [`recorded`]; no keychain on this machine (exit 7, with both ways out).
pub fn for_new_key<'a>(world: &'a World, book: &Profiles) -> Result<Box<dyn Store + 'a>> {
    if book.store.is_some() || world.wanted_store.is_some() {
        return recorded(world, book);
    }
    let keychain = open(world, StoreKind::Keychain)?;
    match keychain.health() {
        Health::Unwell(error @ (StoreError::NoBus | StoreError::NoProvider)) => {
            Err(explain(&error, StoreKind::Keychain, None))
        }
        _ => Ok(keychain),
    }
}

/// Opens one store.
///
/// # Errors
/// A store that cannot be opened (exit 7).
pub fn open(world: &World, kind: StoreKind) -> Result<Box<dyn Store + '_>> {
    match kind {
        StoreKind::Keychain => keychain(world).map(|keychain| Box::new(keychain) as Box<dyn Store>),
        StoreKind::File | StoreKind::Env => {
            Err(Error::store(format!("{} cannot be used yet", kind.in_words())))
        }
    }
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

fn another(recorded: StoreKind, wanted: StoreKind) -> Error {
    let (here, there) = (recorded.as_str(), wanted.as_str());
    Error::usage(format!("the keys are in the store `{here}`, not in `{there}`"))
        .hint(format!("getimg-keys store migrate --to {there}"))
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
        StoreError::Locked => Error::store(format!("{store} is locked")).hint(
            "unlock it (log in to the desktop, or open its password manager), then run the command again",
        ),
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
            Error::store(format!("{store} did not answer within {seconds} s")).hint("getimg-keys doctor")
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
        StoreError::NotKept | StoreError::Failed(_) => {
            Error::failure(format!("{store} failed on {key}: {error}")).hint("getimg-keys doctor")
        }
    }
}

const OTHER_WAY: &str = "getimg-keys add NAME --store file  # encrypted files instead of a keychain";
