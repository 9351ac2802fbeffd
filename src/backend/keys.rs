//! What every store can do, and its errors.

use std::fmt;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::vault::Trouble;
use crate::model::{ApiKey, Fingerprint, Slot, StoreKind};

/// One entry for a slot: what distinguishes it from others, never its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The label that the store shows; `None` if entries have no label.
    pub label: Option<String>,
    /// When it was last changed; `None` if the store does not say.
    pub modified: Option<DateTime<Utc>>,
    /// The fingerprint of its key; `None` if it holds no key or is locked.
    pub fingerprint: Option<Fingerprint>,
}

/// Why a store did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The store answered, is open, and has no such entry.
    #[error("there is no entry for it")]
    Missing,
    /// Two or more entries have this name, and none of them holds one of our keys.
    #[error("{} entries have the same name", .0.len())]
    Ambiguous(Vec<Entry>),
    /// Another program's entry has this name; nothing was written.
    #[error("it already has an entry that no profile here has")]
    Occupied(Vec<Entry>),
    /// The entry does not hold a key.
    #[error("its value is not a key")]
    NotAKey,
    /// The store is locked, and nobody unlocked it.
    #[error("it is locked")]
    Locked,
    /// It is open but asks for confirmation of each access, and nobody is there to confirm.
    #[error("it asks before it returns a key, and there is no terminal to answer")]
    Unconfirmed,
    /// The user, or the system for them, refused.
    #[error("access was denied")]
    Denied,
    /// The D-Bus session belongs to another user.
    #[error("the D-Bus session belongs to another user")]
    ForeignBus,
    /// There is no D-Bus session through which to reach a keychain.
    #[error("there is no D-Bus session")]
    NoBus,
    /// Nothing on this machine provides the store.
    #[error("no program provides it")]
    NoProvider,
    /// The session has no vault to keep anything in, as with sessions over ssh on Windows.
    #[error("this kind of session has no Credential Manager")]
    NoVault,
    /// The keychain answers, but has no default collection for new entries.
    #[error("it has no default collection to keep keys in")]
    NoCollection,
    /// The store did not answer in time.
    #[error("it did not answer within {0} s")]
    NoAnswer(u64),
    /// The store cannot be written.
    #[error("it is read only")]
    ReadOnly,
    /// What was written did not read back the same.
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
    /// The passphrase file was not used, with its name and the reason.
    #[error("{0}")]
    PassphraseFile(String),
    /// The passphrase file was not used, because others may read it or it belongs to somebody else; with its name and
    /// the reason.
    #[error("{0}")]
    PassphraseDisclosed(String),
    /// The passphrase command returned none, with its name and the reason.
    #[error("{0}")]
    PassphraseCommand(String),
    /// The user's own key was not used, with its file and the reason.
    #[error("{0}")]
    OwnKey(String),
    /// The encrypted files are not shared with the user's own key in this file.
    #[error("it is not shared with {0}")]
    NotARecipient(String),
    /// Others share this folder, and this machine has not accepted its public key.
    #[error("{0} was not joined yet")]
    NotJoined(String),
    /// A shared folder has another public key than the one that this machine accepted.
    #[error("{folder} has another public key than before")]
    Exchanged {
        /// The folder.
        folder: String,
        /// Its public key now.
        now: String,
    },
    /// The kernel's keyring cannot keep an unlocked session, with the reason.
    #[error("the kernel's keyring cannot be used: {0}")]
    NoSession(String),
    /// A file was changed by something else, lost or cut short; with its name and how.
    #[error("{0}")]
    Damaged(String),
    /// The encrypted files lack what opens all of them.
    #[error("{what}")]
    NoIdentity {
        /// The file, and what is wrong with it.
        what: String,
        /// Their folder.
        folder: PathBuf,
    },
    /// The encrypted files lack the public key of the identity that opens them.
    #[error("{what}")]
    NoRecipient {
        /// The file, and what is wrong with it.
        what: String,
        /// Their folder.
        folder: PathBuf,
    },
    /// An error of the vault.
    #[error("{0}")]
    Vault(Box<Trouble>),
    /// The user cancelled a prompt.
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
            Self::Damaged(_) | Self::NoIdentity { .. } | Self::NoRecipient { .. } => "damaged",
            Self::Vault(trouble) => trouble.code(),
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
        }
    }
}

/// The state of a store, for `doctor` and `store status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It is available and unlocked.
    Ready,
    /// It would not return a key now.
    Unwell(StoreError),
}

/// A store of keys.
///
/// Others may have written entries with the same names: another tool, other profiles, or these profiles before their
/// file was lost.
/// Only an entry whose key the slot lists as [ours](Slot::ours) is replaced or deleted.
pub trait Store {
    /// Its kind.
    fn kind(&self) -> StoreKind;
    /// Every entry for a slot, ours and others'; empty if the store is open and has none.
    ///
    /// # Errors
    /// What prevents reading the store.
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
    /// The account of every entry that the store keeps for this program, sorted; `None` if it cannot list them.
    ///
    /// # Errors
    /// What prevents reading the store.
    fn accounts(&self) -> Result<Option<Vec<String>>, StoreError> {
        Ok(None)
    }
    /// Reads one key. Of several matching entries, it returns the one with a key of [ours](Slot::ours); a single entry
    /// is returned whatever it holds, and the caller compares.
    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError>;
    /// Checks whether a slot has a complete entry, as far as that shows without opening it.
    ///
    /// # Errors
    /// The errors of [`Store::get`].
    fn look(&self, _: &Slot) -> Result<(), StoreError> {
        Ok(())
    }
    /// Reads several keys, in as few calls as the store allows.
    fn get_all(&self, slots: &[Slot]) -> Vec<Result<ApiKey, StoreError>> {
        slots.iter().map(|slot| self.get(slot)).collect()
    }
    /// Refuses a slot that can hold no key of ours and yet holds something, if [`Store::put`] could not tell it from a
    /// key of ours without unlocking the store.
    ///
    /// # Errors
    /// [`StoreError::Occupied`].
    fn must_be_empty(&self, _: &Slot) -> Result<(), StoreError> {
        Ok(())
    }
    /// Writes one key, reads it back and compares.
    ///
    /// It is written into an empty slot, or replaces a key of [ours](Slot::ours). If the slot holds another key,
    /// nothing is written: [`StoreError::Occupied`].
    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError>;
    /// Writes several keys like [`Store::put`]; stops at the first that is refused, and returns how many were written.
    fn put_all(&self, keys: &[(Slot, &ApiKey)]) -> Result<(), (usize, StoreError)> {
        keys.iter().enumerate().try_for_each(|(n, (slot, key))| self.put(slot, key).map_err(|why| (n, why)))
    }
    /// Deletes the entry that holds a key of [ours](Slot::ours). Any other stays, and a slot without one is not an
    /// error.
    fn forget(&self, slot: &Slot) -> Result<(), StoreError>;
    /// Copies one key to another slot, as [`Store::put`] would write it.
    fn copy(&self, from: &Slot, to: &Slot) -> Result<(), StoreError> {
        self.put(to, &self.get(from)?)
    }
    /// Whether it would return a key now; opens no dialog.
    fn health(&self) -> Health;
    /// The program behind the store, as a person knows it; `None` if there is none or it does not say.
    fn provider(&self) -> Option<String> {
        None
    }
}

impl StoreError {
    /// Whether this machine has no keychain, or none that could keep anything.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NoBus | Self::ForeignBus | Self::NoProvider | Self::NoVault | Self::NoCollection)
    }

    /// Whether a write that failed like this may have happened all the same.
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

/// How a person recognizes it: `API key of dev`, changed 2026-11-25 20:15 UTC.
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
