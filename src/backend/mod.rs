//! A backend is the profiles and the store of their keys. It is opened once and passed to every command.

mod age_keys;
pub mod backup;
mod edit;
pub mod environment;
mod keys;
pub mod local;
pub mod vault;

pub use self::age_keys::{MalformedRecipient, Recipient};
pub use self::edit::{Commit, Edit};
use self::environment::Environment;
pub use self::environment::EnvironmentKeys;
pub use self::keys::{Entry, Health, Store, StoreError};
use self::local::{Local, profiles_file};
use self::vault::Vault;
use crate::model::Profiles;
pub use crate::model::{Role, Slot, StoreKind};
use crate::system::World;

/// The profiles, and the store of their keys.
pub trait Backend {
    /// Every profile; empty if none was added yet.
    ///
    /// # Errors
    /// Profiles that cannot be read, are cut short, contradict themselves or have a newer schema; they are left
    /// unchanged. A variable that holds no key (exit 2).
    fn profiles(&self) -> crate::error::Result<Profiles>;
    /// The same, or none if there is no home to have any: enough for advice and searches.
    ///
    /// # Errors
    /// As [`Backend::profiles`].
    fn profiles_if_any(&self) -> crate::error::Result<Profiles> {
        self.profiles()
    }
    /// The profiles as they are now: if they are shared, the store is asked.
    ///
    /// # Errors
    /// The errors of [`Backend::profiles`]; what prevents asking the store (exit 7).
    fn profiles_now(&self) -> crate::error::Result<Profiles> {
        self.profiles()
    }
    /// Opens the profiles for a change; nobody else can change them until it is dropped.
    ///
    /// # Errors
    /// The errors of [`Backend::profiles`], and another process that holds them for too long.
    fn edit(&self) -> crate::error::Result<Edit<'_>>;
    /// Opens them to change only what each user has for themselves: the active profile, allowed pins. Asks no store.
    ///
    /// # Errors
    /// As [`Backend::edit`].
    fn edit_own(&self) -> crate::error::Result<Edit<'_>> {
        self.edit()
    }
    /// The store of the keys; not touched yet.
    ///
    /// # Errors
    /// The settings for opening it cannot be read; another store was requested than the one with the keys (exit 2).
    fn keys(&self) -> crate::error::Result<&dyn Store>;
    /// What can be done with it.
    fn capabilities(&self) -> Capabilities;
}

/// What can be done with a backend; asked instead of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Profiles and keys can be added and changed.
    pub writable: bool,
    /// It records when keys were added and what the API said about them.
    pub remembers: bool,
    /// Others use and change it too, and it is reached over a network.
    pub shared: bool,
}

/// The backend chosen by the flags, the variables and the record; touches neither keys nor files yet.
pub fn open(world: &World) -> Box<dyn Backend + '_> {
    match world.wanted_store {
        Some(StoreKind::Env) => Box::new(Environment::of(world)),
        Some(StoreKind::Vault) => Box::new(Vault::of(world)),
        _ if world.places.are_real && profiles_file::is_a_copy(&world.places.profiles()) => {
            Box::new(Vault::of(world))
        }
        _ => Box::new(Local::of(world)),
    }
}

/// One store, whether it is in use or not.
///
/// # Errors
/// The settings for opening it cannot be read.
pub fn keys_in(world: &World, kind: StoreKind) -> crate::error::Result<Box<dyn Store + '_>> {
    Ok(match kind {
        StoreKind::Keychain => local::keychain(world)?,
        StoreKind::File => Box::new(local::encrypted_files(world)?),
        StoreKind::Env => Box::new(environment::keys(world)?),
        StoreKind::Vault => vault::keys(world)?,
    })
}
