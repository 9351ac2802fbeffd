//! Profiles and the place that holds their keys: a backend, opened once and handed to every command.

pub mod backup;
mod edit;
pub mod environment;
pub mod local;

use std::fmt;

use thiserror::Error;

pub use self::edit::{Commit, Edit};
use self::environment::Environment;
use self::local::Local;
pub use crate::model::StoreKind;
use crate::model::{ApiKey, ProfileName, Profiles};
use crate::system::World;

/// The profiles, and the place that holds their keys.
pub trait Backend {
    /// Every profile; none where nothing was added yet.
    ///
    /// # Errors
    /// Profiles that cannot be read, are cut short, contradict themselves or have a newer schema; they are left as
    /// they are. A variable that holds no key (exit 2).
    fn profiles(&self) -> crate::error::Result<Profiles>;
    /// The same, or none where there is no home to have any: enough for advice and searches.
    ///
    /// # Errors
    /// As [`Backend::profiles`].
    fn profiles_if_any(&self) -> crate::error::Result<Profiles> {
        self.profiles()
    }
    /// Opens the profiles to change them; nobody else changes them until it is dropped.
    ///
    /// # Errors
    /// As [`Backend::profiles`], and another run that holds them for too long.
    fn edit(&self) -> crate::error::Result<Edit<'_>>;
    /// The place that holds the keys; not touched yet.
    ///
    /// # Errors
    /// What says how it is opened cannot be read; another place was asked for than the one they are in (exit 2).
    fn keys(&self) -> crate::error::Result<&dyn Store>;
    /// What can be done with it.
    fn capabilities(&self) -> Capabilities;
}

/// What can be done with a backend; asked instead of which one it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Profiles and keys can be added and changed.
    pub writable: bool,
    /// It is remembered when keys came and what the API said of them.
    pub remembers: bool,
}

/// The backend that the flags, the variables and the record pick; touches neither keys nor files yet.
pub fn open(world: &World) -> Box<dyn Backend + '_> {
    match world.wanted_store {
        Some(StoreKind::Env) => Box::new(Environment::of(world)),
        _ => Box::new(Local::of(world)),
    }
}

/// One place for keys, whether it is in use or not.
///
/// # Errors
/// What says how it is opened cannot be read.
pub fn keys_in(world: &World, kind: StoreKind) -> crate::error::Result<Box<dyn Store + '_>> {
    Ok(match kind {
        StoreKind::Keychain => Box::new(local::keychain(world)?),
        StoreKind::File => Box::new(local::encrypted_files(world)?),
        StoreKind::Env => Box::new(environment::keys(world)?),
    })
}

/// One place for one key: a profile's current key, its previous one, or the next one while it rotates.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The profile.
    pub profile: ProfileName,
    /// Which of its keys.
    pub role: Role,
}

/// Which of a profile's keys a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The key in use.
    Current,
    /// The key before the last rotation, until it is finished.
    Previous,
    /// The key that a rotation has not yet verified.
    Next,
}

/// Why a store did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The store answered, is open, and has no such entry.
    #[error("there is no entry for it")]
    Missing,
    /// Two or more entries answer to the same name; holds what tells them apart.
    #[error("{} entries answer to the same name", .0.len())]
    Ambiguous(Vec<String>),
    /// What the entry holds is not a key.
    #[error("what it holds is not a key")]
    NotAKey,
    /// The store is locked and nobody unlocked it.
    #[error("it is locked")]
    Locked,
    /// The person, or the system on their behalf, said no.
    #[error("access was denied")]
    Denied,
    /// There is no D-Bus session to reach a keychain by.
    #[error("there is no D-Bus session")]
    NoBus,
    /// Nothing on this machine provides the store.
    #[error("nothing provides it")]
    NoProvider,
    /// The store did not answer in time.
    #[error("it did not answer within {0} s")]
    NoAnswer(u64),
    /// The store cannot be written.
    #[error("it is read only")]
    ReadOnly,
    /// Whatever was written did not come back as it was.
    #[error("what was written did not come back unchanged")]
    NotKept,
    /// The encrypted files have no passphrase yet, so nothing can be written to them.
    #[error("no passphrase was set for it yet")]
    NotSetUp,
    /// The encrypted files are locked, and no passphrase file, command or terminal can open them.
    #[error("it is locked and there is nowhere to take its passphrase from")]
    PassphraseNeeded,
    /// The passphrase that was given is another one; says where it came from, unless it was typed.
    #[error("the passphrase is not the right one")]
    WrongPassphrase(Option<String>),
    /// The passphrase file was not used; says which file and why.
    #[error("{0}")]
    PassphraseFile(String),
    /// The passphrase command gave none; says which program and why.
    #[error("{0}")]
    PassphraseCommand(String),
    /// The kernel's keyring cannot keep an unlocked session; says why.
    #[error("the kernel's keyring cannot be used: {0}")]
    NoSession(String),
    /// A file was changed behind our back, lost or cut short; says which and how.
    #[error("{0}")]
    Damaged(String),
    /// The person ended a prompt.
    #[error("cancelled")]
    Cancelled,
    /// Anything else, in the adapter's own words.
    #[error("{0}")]
    Failed(String),
}

/// How a store is, for `doctor` and `store status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answers and is open.
    Ready,
    /// It would not serve a key now.
    Unwell(StoreError),
}

/// A place that keeps keys.
pub trait Store {
    /// Which one it is.
    fn kind(&self) -> StoreKind;
    /// Reads one key.
    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError>;
    /// Reads several keys, in as few calls as the store allows.
    fn get_all(&self, slots: &[Slot]) -> Vec<Result<ApiKey, StoreError>> {
        slots.iter().map(|slot| self.get(slot)).collect()
    }
    /// Writes one key over whatever the slot held, reads it back and compares.
    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError>;
    /// Deletes one key; a slot that holds none is no error.
    fn forget(&self, slot: &Slot) -> Result<(), StoreError>;
    /// Copies one key to another slot, over whatever that held.
    fn copy(&self, from: &Slot, to: &Slot) -> Result<(), StoreError> {
        self.put(to, &self.get(from)?)
    }
    /// Whether it would serve a key now; opens no dialog.
    fn health(&self) -> Health;
}

impl Slot {
    /// The slot of a profile's key in use.
    pub fn current(profile: &ProfileName) -> Self {
        Self { profile: profile.clone(), role: Role::Current }
    }

    /// The slot of the key before the last rotation.
    pub fn previous(profile: &ProfileName) -> Self {
        Self { profile: profile.clone(), role: Role::Previous }
    }

    /// The slot of a key that is not yet verified.
    pub fn next(profile: &ProfileName) -> Self {
        Self { profile: profile.clone(), role: Role::Next }
    }
}

/// The account name in a keychain: `prod`, `prod~previous`, `prod~next`. No profile name holds a `~`.
impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.profile.as_str())?;
        match self.role {
            Role::Current => Ok(()),
            Role::Previous => f.write_str("~previous"),
            Role::Next => f.write_str("~next"),
        }
    }
}
