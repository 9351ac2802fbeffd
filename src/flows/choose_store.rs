//! Which store gets a new key.

use std::ops::Deref;

use zeroize::Zeroizing;

use crate::backend::keys_in;
use crate::backend::local::encrypted_files;
use crate::backend::local::encrypted_files::{EncryptedFiles, keys_folder};
use crate::backend::{Backend, Health, Store, StoreError};
use crate::error::Result;
use crate::flows::open_store::explain;
use crate::flows::passphrase;
use crate::hint::Hint;
use crate::model::{Profiles, StoreKind};
use crate::system::World;

/// Where a new key will be kept. What that place still lacks is made when it is opened, so that a run that ends
/// before has changed nothing.
pub struct NewKeyStore {
    kind: StoreKind,
    /// The passphrase of encrypted files that do not exist yet.
    passphrase: Option<Zeroizing<String>>,
}

/// A store that is open for a new key.
pub enum OpenStore<'a> {
    /// The backend's own.
    OfBackend(&'a dyn Store),
    /// One that was chosen instead, for the first profile.
    Chosen(Box<dyn Store + 'a>),
}

/// The place for a new key: the recorded store; at the first `add`, the one asked for, else the one this machine has.
///
/// # Errors
/// As [`Backend::keys`]; no keychain and nobody to ask (7); a no (9); encrypted files for which no passphrase was given.
///
/// The hints repeat the command that a key was wanted for: `add dev`.
pub fn for_new_key(
    world: &World,
    backend: &dyn Backend,
    profiles: &Profiles,
    command: &Hint,
) -> Result<NewKeyStore> {
    if !backend.capabilities().writable {
        return Err(explain(&StoreError::ReadOnly, backend.keys()?.kind(), None));
    }
    world.places.must_be_ours()?;
    if profiles.store.is_none() && world.wanted_store.is_none() {
        return first(world, command);
    }
    match backend.keys()?.kind() {
        StoreKind::File => NewKeyStore::encrypted_files(world, &by_file(command)),
        StoreKind::Vault => match backend.keys()?.health() {
            Health::Ready => Ok(NewKeyStore::ready(StoreKind::Vault)),
            Health::Unwell(why) => Err(explain(&why, StoreKind::Vault, None)),
        },
        kind => Ok(NewKeyStore::ready(kind)),
    }
}

/// The keychain if there is one; otherwise, on a terminal, encrypted files if the user agrees.
///
/// # Errors
/// No keychain and nobody to ask (exit 7, with both ways out); a no, or Ctrl-C (exit 9).
fn first(world: &World, command: &Hint) -> Result<NewKeyStore> {
    match keys_in(world, StoreKind::Keychain)?.health() {
        Health::Unwell(why) if why.is_absence() => instead(world, &why, command),
        // A store that is locked or refuses exists: writing to it will report the error.
        Health::Unwell(_) | Health::Ready => Ok(NewKeyStore::ready(StoreKind::Keychain)),
    }
}

fn by_file(command: &Hint) -> Hint {
    command.clone().flag("--store file")
}

fn instead(world: &World, why: &StoreError, command: &Hint) -> Result<NewKeyStore> {
    let mut no_keychain = explain(why, StoreKind::Keychain, None);
    let folder = keys_folder(world)?;
    let by_file = by_file(command);
    if !EncryptedFiles::exists(&folder) {
        if !world.terminal.interactive {
            let way = if world.terminal.forbidden || passphrase::has_source(world)? {
                by_file
            } else {
                passphrase::then_with_a_file(&by_file)
            };
            no_keychain.hints.insert(0, way.note("encrypted files instead of a keychain"));
            return Err(no_keychain);
        }
        world.terminal.say(&no_keychain.message);
        let folder = world.places.shown(&folder);
        let question = format!("Keep the keys in encrypted files in {folder}, under a passphrase?");
        world.terminal.agree(&question, "--store file")?;
    }
    NewKeyStore::encrypted_files(world, &by_file)
}

impl NewKeyStore {
    fn ready(kind: StoreKind) -> Self {
        Self { kind, passphrase: None }
    }

    /// The encrypted files, with a passphrase for them if they have none; the hint repeats the whole command.
    ///
    /// # Errors
    /// As [`passphrase::for_new_files`].
    pub fn encrypted_files(world: &World, command: &Hint) -> Result<Self> {
        let there = EncryptedFiles::exists(&keys_folder(world)?);
        let passphrase = if there { None } else { Some(passphrase::for_new_files(world, command)?) };
        Ok(Self { kind: StoreKind::File, passphrase })
    }

    /// Which store it is in.
    pub fn kind(&self) -> StoreKind {
        self.kind
    }

    /// The store itself; encrypted files are made if there are none, and the modes of those that are there mended.
    ///
    /// It is the backend's own, but for the very first key, for which another one may have been chosen.
    ///
    /// # Errors
    /// A folder that cannot be written; as [`keys_in`].
    pub fn open<'a>(&self, world: &'a World, backend: &'a dyn Backend) -> Result<OpenStore<'a>> {
        match &self.passphrase {
            Some(passphrase) if !EncryptedFiles::exists(&keys_folder(world)?) => create(world, passphrase)?,
            _ if self.kind == StoreKind::File => mend(world)?,
            _ => {}
        }
        match backend.keys() {
            Ok(keys) if keys.kind() == self.kind => Ok(OpenStore::OfBackend(keys)),
            // For the very first key the backend has no store recorded, or another one; errors here are reported.
            _ => keys_in(world, self.kind).map(OpenStore::Chosen),
        }
    }
}

impl<'a> Deref for OpenStore<'a> {
    type Target = dyn Store + 'a;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::OfBackend(store) => *store,
            Self::Chosen(store) => store.as_ref(),
        }
    }
}

fn create(world: &World, passphrase: &Zeroizing<String>) -> Result<()> {
    world.places.must_be_ours()?;
    let folder = keys_folder(world)?;
    let explained = |e: StoreError| explain(&e, StoreKind::File, None);
    EncryptedFiles::create(&folder, passphrase).map_err(explained)?;
    encrypted_files(world)?.trust_own().map_err(explained)?;
    world.terminal.say(&format!("the encrypted files are in {}", world.places.shown(&folder)));
    // Whoever typed it was told before.
    if !world.terminal.interactive || passphrase::has_source(world)? {
        world.terminal.say("without the passphrase they cannot be opened, and it cannot be reset");
    }
    Ok(())
}

/// In a shared folder the repository determines the modes.
fn mend(world: &World) -> Result<()> {
    if world.config()?.file.folder.is_some() {
        return Ok(());
    }
    let mended = encrypted_files(world)?.mend_modes().map_err(|e| explain(&e, StoreKind::File, None))?;
    for path in mended {
        world
            .terminal
            .say(&format!("{} could be accessed by others; now only you can", world.places.shown(&path)));
    }
    Ok(())
}
