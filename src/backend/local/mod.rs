//! The backend of one machine: profiles.toml, and the system's keychain or encrypted files.

pub mod encrypted_files;
pub mod keychain;
pub mod profiles_file;
mod renamed_service;
pub mod session;

use std::cell::{Cell, OnceCell};

use self::encrypted_files::{EncryptedFiles, keys_folder, unlocking};
use self::keychain::{Dialogs, Keychain};
use self::renamed_service::RenamedService;
use super::{Backend, Capabilities, Edit, Store, keys_in};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::{Profiles, StoreKind};
use crate::system::World;

/// The profiles of this machine's user.
pub struct Local<'a> {
    world: &'a World,
    /// The profiles as they were last read.
    recorded: Cell<Option<StoreKind>>,
    keys: OnceCell<Box<dyn Store + 'a>>,
    has_warned: Cell<bool>,
}

impl<'a> Local<'a> {
    /// Touches nothing yet.
    pub fn of(world: &'a World) -> Self {
        Self { world, recorded: Cell::new(None), keys: OnceCell::new(), has_warned: Cell::new(false) }
    }

    /// The recorded store, else the one asked for before the first `add`, else the keychain.
    fn kind(&self) -> Result<StoreKind> {
        let recorded = match self.recorded.get() {
            Some(recorded) => Some(recorded),
            None => self.profiles()?.store,
        };
        match (recorded, self.world.wanted_store) {
            (Some(recorded), Some(wanted)) if recorded != wanted => Err(another_store(recorded, wanted)),
            (recorded, wanted) => Ok(recorded.or(wanted).unwrap_or(StoreKind::Keychain)),
        }
    }

    fn note(&self, profiles: &Profiles) {
        self.recorded.set(profiles.store);
    }
}

impl Backend for Local<'_> {
    fn profiles(&self) -> Result<Profiles> {
        self.world.places.must_be_real()?;
        let profiles = profiles_file::read(&self.world.places.profiles())?;
        if !self.has_warned.replace(true) {
            warn_of_another_users(self.world);
        }
        self.note(&profiles);
        Ok(profiles)
    }

    fn profiles_if_any(&self) -> Result<Profiles> {
        if self.world.places.are_real { self.profiles() } else { Ok(Profiles::default()) }
    }

    fn edit(&self) -> Result<Edit<'_>> {
        let edit = edit(self.world)?;
        self.note(&edit.profiles);
        Ok(edit)
    }

    fn keys(&self) -> Result<&dyn Store> {
        if self.keys.get().is_none() {
            let opened = keys_in(self.world, self.kind()?)?;
            return Ok(&**self.keys.get_or_init(|| opened));
        }
        match self.keys.get() {
            Some(keys) => Ok(&**keys),
            None => Err(Error::failure("the store was closed meanwhile")),
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { writable: true, remembers: true, shared: false }
    }
}

/// root can read every file, so it is said whose profiles these are; but not at each prompt of a shell.
fn warn_of_another_users(world: &World) {
    if !world.terminal.unattended && world.places.must_be_ours().is_err() {
        world
            .terminal
            .complain("warning: these are another user's profiles, read as root; `sudo -H` reads root's own");
    }
}

/// Opens profiles.toml for a change, under its lock; says what was repaired.
///
/// # Errors
/// As [`Backend::edit`]; no home to have the file in.
pub(super) fn edit(world: &World) -> Result<Edit<'static>> {
    world.places.must_be_real()?;
    world.places.must_be_ours()?;
    let (edit, mended) = profiles_file::edit(&world.places)?;
    mended.iter().for_each(|word| world.terminal.say(word));
    Ok(edit)
}

/// Refuses another store than the recorded one; the environment is always allowed.
///
/// Profiles that cannot be read are reported by whatever reads them next.
///
/// # Errors
/// As said (exit 2).
pub fn refuse_another_store(world: &World) -> Result<()> {
    let Some(wanted) = world.wanted_store.filter(|wanted| *wanted != StoreKind::Env) else {
        return Ok(());
    };
    let recorded = Local::of(world).profiles().ok().and_then(|profiles| profiles.store);
    match recorded.filter(|recorded| *recorded != wanted) {
        Some(recorded) => Err(another_store(recorded, wanted)),
        None => Ok(()),
    }
}

/// The refusal of another store than the one that holds the keys, with the command that moves them.
fn another_store(recorded: StoreKind, wanted: StoreKind) -> Error {
    let (here, there) = (recorded.as_str(), wanted.as_str());
    Error::usage(format!("the keys are stored in `{here}`, not in `{there}`"))
        .hint(Hint::run("store migrate --to").arg(there))
}

/// The encrypted files, with every way to open them here.
///
/// # Errors
/// The configuration does not parse.
pub fn encrypted_files(world: &World) -> Result<EncryptedFiles<'_>> {
    let files = EncryptedFiles::open(&keys_folder(world)?, unlocking(world)?);
    Ok(match world.config()?.file.folder {
        Some(_) => files.trusting(&world.places.trusted_recipient()),
        None => files,
    })
}

/// The system's keychain.
///
/// # Errors
/// The configuration does not parse.
pub fn keychain(world: &World) -> Result<Box<dyn Store + '_>> {
    let (service, earlier) = world.places.services();
    let now = entries_of(world, &service);
    Ok(match earlier {
        None => Box::new(now),
        Some(earlier) => {
            let before = entries_of(world, &earlier.name);
            Box::new(RenamedService { now, before, shared: earlier.shared })
        }
    })
}

fn entries_of<'a>(world: &'a World, service: &str) -> Keychain<'a> {
    let tell: Box<dyn Fn() + '_> =
        Box::new(|| world.terminal.say("the desktop asks you to unlock the keychain: look for its window"));
    let dialogs = match (world.terminal.unattended, world.terminal.interactive) {
        (true, _) => Dialogs::Never,
        (false, true) => Dialogs::Answered,
        (false, false) => Dialogs::Unanswered,
    };
    Keychain::new(service, dialogs, tell)
}
