//! What every store can do, and its errors.

use std::fmt;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::vault::Trouble;
use crate::model::{ApiKey, Fingerprint, Slot, StoreKind};

/// One entry that answers to a slot: what tells it from another, never its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the store shows it as; `None` where entries have no label.
    pub label: Option<String>,
    /// When it was last changed; `None` where the store does not say.
    pub modified: Option<DateTime<Utc>>,
    /// The fingerprint of its key; `None` where it holds no key, or is locked.
    pub fingerprint: Option<Fingerprint>,
}

/// Why a store did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The store answered, is open, and has no such entry.
    #[error("there is no entry for it")]
    Missing,
    /// Two or more entries have the same name, and none of them holds a key of ours.
    #[error("{} entries have the same name", .0.len())]
    Ambiguous(Vec<Entry>),
    /// An entry of somebody else's is in the place; nothing was written.
    #[error("it already has an entry that no profile here has")]
    Occupied(Vec<Entry>),
    /// What the entry holds is not a key.
    #[error("its value is not a key")]
    NotAKey,
    /// The store is locked and nobody unlocked it.
    #[error("it is locked")]
    Locked,
    /// It is open and wants a yes to each access, which nobody is there to give.
    #[error("it asks before it gives a key, and there is no terminal to answer")]
    Unconfirmed,
    /// The person, or the system on their behalf, said no.
    #[error("access was denied")]
    Denied,
    /// The D-Bus session is another user's.
    #[error("the D-Bus session belongs to another user")]
    ForeignBus,
    /// There is no D-Bus session to reach a keychain by.
    #[error("there is no D-Bus session")]
    NoBus,
    /// Nothing on this machine provides the store.
    #[error("nothing provides it")]
    NoProvider,
    /// The session has no vault to keep anything in, as those by ssh on Windows.
    #[error("this kind of session has no Credential Manager")]
    NoVault,
    /// The keychain answers, but has nowhere to keep what is new: no default collection.
    #[error("it has no default collection to keep keys in")]
    NoCollection,
    /// The store did not answer in time.
    #[error("it did not answer within {0} s")]
    NoAnswer(u64),
    /// The store cannot be written.
    #[error("it is read only")]
    ReadOnly,
    /// Whatever was written did not come back as it was.
    #[error("the value read back differs from the one written")]
    NotKept,
    /// The encrypted files have no passphrase yet, so nothing can be written to them.
    #[error("no passphrase was set for it yet")]
    NotSetUp,
    /// The encrypted files are locked, and no passphrase file, command or terminal can open them.
    #[error("it is locked and no passphrase is available")]
    PassphraseNeeded,
    /// A wrong passphrase; says where it came from, unless it was typed.
    #[error("wrong passphrase")]
    WrongPassphrase(Option<String>),
    /// The passphrase file was not used; says which file and why.
    #[error("{0}")]
    PassphraseFile(String),
    /// The passphrase file was not used, because others may read it or it is somebody else's; says which file and why.
    #[error("{0}")]
    PassphraseDisclosed(String),
    /// The passphrase command gave none; says which program and why.
    #[error("{0}")]
    PassphraseCommand(String),
    /// The person's own key was not used; says which file and why.
    #[error("{0}")]
    OwnKey(String),
    /// The person's own key, this file, is none of those that the encrypted files are shared with.
    #[error("it is not shared with {0}")]
    NotARecipient(String),
    /// The folder is one that others share, and this machine never agreed to its public key.
    #[error("{0} was not joined yet")]
    NotJoined(String),
    /// A shared folder has another public key than the one that this machine agreed to.
    #[error("{folder} has another public key than before")]
    Exchanged {
        /// The folder.
        folder: String,
        /// Its public key now.
        now: String,
    },
    /// The kernel's keyring cannot keep an unlocked session; says why.
    #[error("the kernel's keyring cannot be used: {0}")]
    NoSession(String),
    /// A file was changed behind our back, lost or cut short; says which and how.
    #[error("{0}")]
    Damaged(String),
    /// The vault's own reasons.
    #[error("{0}")]
    Vault(Box<Trouble>),
    /// The person ended a prompt.
    #[error("cancelled")]
    Cancelled,
    /// Anything else, in the adapter's own words.
    #[error("{0}")]
    Failed(String),
}

impl StoreError {
    /// The name used in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Ambiguous(_) => "ambiguous",
            Self::Occupied(_) => "occupied",
            Self::NotAKey => "not-a-key",
            Self::Locked => "locked",
            Self::Unconfirmed => "unconfirmed",
            Self::Denied => "denied",
            Self::ForeignBus => "foreign-bus",
            Self::NoBus => "no-bus",
            Self::NoProvider => "no-provider",
            Self::NoVault => "no-credential-manager",
            Self::NoCollection => "no-collection",
            Self::NoAnswer(_) => "no-answer",
            Self::ReadOnly => "read-only",
            Self::NotKept => "not-kept",
            Self::NotSetUp => "not-set-up",
            Self::PassphraseNeeded => "passphrase-needed",
            Self::WrongPassphrase(_) => "wrong-passphrase",
            Self::PassphraseFile(_) | Self::PassphraseDisclosed(_) => "passphrase-file",
            Self::PassphraseCommand(_) => "passphrase-command",
            Self::OwnKey(_) => "own-key",
            Self::NotARecipient(_) => "not-a-recipient",
            Self::NotJoined(_) => "not-joined",
            Self::Exchanged { .. } => "exchanged",
            Self::NoSession(_) => "no-session",
            Self::Damaged(_) => "damaged",
            Self::Vault(trouble) => trouble.code(),
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
        }
    }
}

/// How a store is, for `doctor` and `store status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It available and unlocked.
    Ready,
    /// It would not serve a key now.
    Unwell(StoreError),
}

/// A place that keeps keys.
///
/// Others may have put entries of the same name there: another tool, other profiles, or these before their file was lost.
/// Only an entry with a key that the slot names as [ours](Slot::ours) is replaced or deleted.
pub trait Store {
    /// Which one it is.
    fn kind(&self) -> StoreKind;
    /// Every entry that answers to a slot, ours and others'; none where the store is open and has none.
    ///
    /// # Errors
    /// What keeps the store from being read.
    fn entries(&self, slot: &Slot) -> Result<Vec<Entry>, StoreError> {
        let only = |fingerprint| vec![Entry { label: None, modified: None, fingerprint }];
        match self.get(slot) {
            Ok(key) => Ok(only(Some(key.fingerprint()))),
            Err(StoreError::NotAKey) => Ok(only(None)),
            Err(StoreError::Missing) => Ok(Vec::new()),
            Err(StoreError::Ambiguous(entries)) => Ok(entries),
            Err(why) => Err(why),
        }
    }
    /// The account of every entry that the store keeps for this program, in order; `None` where it cannot list them.
    ///
    /// # Errors
    /// What keeps the store from being read.
    fn accounts(&self) -> Result<Option<Vec<String>>, StoreError> {
        Ok(None)
    }
    /// Reads one key. Of several entries that answer, the one with a key of [ours](Slot::ours) is meant; a single one
    /// is read whatever it holds, and the caller compares.
    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError>;
    /// Looks whether a slot has an entry and nothing of it is missing, as far as that shows without opening it.
    ///
    /// # Errors
    /// What [`Store::get`] would say of it.
    fn look(&self, _: &Slot) -> Result<(), StoreError> {
        Ok(())
    }
    /// Reads several keys, in as few calls as the store allows.
    fn get_all(&self, slots: &[Slot]) -> Vec<Result<ApiKey, StoreError>> {
        slots.iter().map(|slot| self.get(slot)).collect()
    }
    /// Refuses a slot in which nothing of ours can be and something is, where [`Store::put`] could not tell it from a key
    /// of ours without being unlocked.
    ///
    /// # Errors
    /// [`StoreError::Occupied`].
    fn must_be_empty(&self, _: &Slot) -> Result<(), StoreError> {
        Ok(())
    }
    /// Writes one key, reads it back and compares.
    ///
    /// It goes into an empty slot, or takes the place of a key of [ours](Slot::ours). Where another key is there,
    /// nothing is written: [`StoreError::Occupied`].
    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError>;
    /// Writes several keys, as [`Store::put`] each; stops at the first that is refused, and says how many were written.
    fn put_all(&self, keys: &[(Slot, &ApiKey)]) -> Result<(), (usize, StoreError)> {
        keys.iter().enumerate().try_for_each(|(n, (slot, key))| self.put(slot, key).map_err(|why| (n, why)))
    }
    /// Deletes the entry that holds a key of [ours](Slot::ours); any other stays, and a slot without one is no error.
    fn forget(&self, slot: &Slot) -> Result<(), StoreError>;
    /// Copies one key to another slot, as [`Store::put`] would write it.
    fn copy(&self, from: &Slot, to: &Slot) -> Result<(), StoreError> {
        self.put(to, &self.get(from)?)
    }
    /// Whether it would serve a key now; opens no dialog.
    fn health(&self) -> Health;
    /// The program that answers, for a person to recognize; `None` where there is none, or it is not told.
    fn provider(&self) -> Option<String> {
        None
    }
}

impl StoreError {
    /// Whether there is no keychain on this machine, or none that could keep anything.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NoBus | Self::ForeignBus | Self::NoProvider | Self::NoVault | Self::NoCollection)
    }

    /// Whether a write that ended so may have been done all the same.
    pub fn may_have_written(&self) -> bool {
        matches!(
            self,
            Self::NoAnswer(_) | Self::NotKept | Self::Damaged(_) | Self::Failed(_) | Self::Vault(_)
        )
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        Self::Vault(Box::new(trouble))
    }
}

/// What a person tells it by: `API key of dev`, changed 2026-11-25 20:15 UTC.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.label {
            Some(label) => write!(f, "`{label}`")?,
            None => f.write_str("one without a label")?,
        }
        match self.modified {
            Some(at) => write!(f, " (changed {} UTC)", at.format("%Y-%m-%d %H:%M")),
            None => Ok(()),
        }
    }
}
