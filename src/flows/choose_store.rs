//! Which store gets a new key.

use crate::error::Result;
use crate::flows::open_store::{encrypted_files, explain, open, recorded};
use crate::flows::passphrase;
use crate::model::{Profiles, StoreKind};
use crate::store::encrypted_files::EncryptedFiles;
use crate::store::{Health, Store, StoreError};
use crate::world::World;

/// The store for a new key: the recorded one; at the first `add`, the one asked for, else the one this
/// machine has.
///
/// # Errors
/// As [`recorded`]; no keychain and nobody to ask (7); a no (9); encrypted files for which no passphrase could be set.
pub fn for_new_key<'a>(world: &'a World, book: &Profiles) -> Result<Box<dyn Store + 'a>> {
    if book.store.is_none() && world.wanted_store.is_none() {
        return first(world);
    }
    let store = recorded(world, book)?;
    match store.kind() {
        StoreKind::Env => Err(explain(&StoreError::ReadOnly, StoreKind::Env, None)),
        StoreKind::File => set_up(world).map(|()| store),
        StoreKind::Keychain => Ok(store),
    }
}

/// The keychain where there is one; else, on a terminal, encrypted files after a yes.
///
/// # Errors
/// No keychain and nobody to ask (exit 7, with both ways out); a no, or Ctrl-C (exit 9).
fn first(world: &World) -> Result<Box<dyn Store + '_>> {
    let keychain = open(world, StoreKind::Keychain)?;
    match keychain.health() {
        Health::Unwell(why @ (StoreError::NoBus | StoreError::NoProvider)) => instead(world, &why),
        _ => Ok(keychain),
    }
}

/// Sets a passphrase for the encrypted files if they have none; mends the modes of those that are there.
///
/// # Errors
/// As [`passphrase::for_new_files`]; a folder that cannot be written.
pub fn set_up(world: &World) -> Result<()> {
    let folder = world.places.keys();
    if EncryptedFiles::exists(&folder) {
        return mend(world);
    }
    let passphrase = passphrase::for_new_files(world)?;
    EncryptedFiles::create(&folder, &passphrase).map_err(|e| explain(&e, StoreKind::File, None))?;
    world.terminal.say(&format!("the encrypted files are in {}", world.places.shown(&folder)));
    world.terminal.say("nobody can open them without the passphrase, and nobody can reset it");
    Ok(())
}

fn mend(world: &World) -> Result<()> {
    let mended = encrypted_files(world)?.mend_modes().map_err(|e| explain(&e, StoreKind::File, None))?;
    for path in mended {
        world
            .terminal
            .say(&format!("{} was open to others; it is yours alone now", world.places.shown(&path)));
    }
    Ok(())
}

fn instead<'a>(world: &'a World, why: &StoreError) -> Result<Box<dyn Store + 'a>> {
    let no_keychain = explain(why, StoreKind::Keychain, None);
    let folder = world.places.keys();
    if !EncryptedFiles::exists(&folder) {
        if !world.terminal.interactive {
            return Err(no_keychain);
        }
        world.terminal.say(&no_keychain.message);
        let folder = world.places.shown(&folder);
        let question = format!("Keep the keys in encrypted files in {folder}, under a passphrase?");
        world.terminal.agree(&question, "--store file")?;
        set_up(world)?;
    }
    open(world, StoreKind::File)
}
