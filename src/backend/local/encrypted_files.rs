//! The store `file`: one age file for each key, for machines without a keychain.
//!
//! A folder holds
//! - `identity`: an X25519 identity, encrypted under a passphrase (`age -d -i identity dev.age` asks for it),
//! - `recipient`: its public key in the clear, so that writing needs no passphrase,
//! - `dev.age`, `dev~previous.age`, `dev~next.age`: the keys, encrypted to that recipient,
//! - if it is shared, `recipients`: the list of recipients, and `identity.recipients`: the list and the identity,
//!   encrypted to them.
//!
//! Every file is 0600 in a 0700 folder and is replaced whole. A decrypted identity is kept in this
//! process, and after [`EncryptedFiles::unlock`] in the kernel for some hours; never in a file.

mod folder;
pub(in crate::backend) mod identity;
mod opening;
mod own_key;
mod passphrase;
mod recipients;
mod sharing;
mod trusted;
mod unlocking;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use age::x25519;
use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use self::folder::{Folder, Writer};
pub use self::own_key::OwnKey;
pub use self::passphrase::{LONGEST, Prompt, TRIES, TRY_AGAIN, from_file as passphrase_from_file};
pub use self::recipients::{Member, NotAdded, Recipients, is_a_name};
pub use self::sharing::{Clear, Removed};
use self::trusted::Trusted;
pub use self::unlocking::{Unlocking, ask_passphrase, keys_folder, passphrase_file, unlocking};
use super::session::Unavailable;
use crate::backend::{Entry, Health, Slot, Store, StoreError, StoreKind};
use crate::model::ApiKey;

const IDENTITY: &str = "identity";
const RECIPIENT: &str = "recipient";
/// The list of recipients and the identity, encrypted to each of them.
const SHARED: &str = "identity.recipients";

/// A folder of encrypted keys.
pub struct EncryptedFiles<'a> {
    folder: Folder,
    unlocking: Unlocking<'a>,
    /// For a folder that others can change too: the public key that this machine accepted last.
    trusted: Option<Trusted>,
    /// Opened at most once in a process; a failure is kept too, so that nobody is asked twice. The current identity is
    /// first; others follow only if replacing it was interrupted.
    opened: OnceCell<Result<Vec<x25519::Identity>, StoreError>>,
}

impl<'a> EncryptedFiles<'a> {
    /// Whether a passphrase was ever set for this folder.
    pub fn exists(folder: &Path) -> bool {
        Folder::at(folder).has(RECIPIENT)
    }

    /// The store in a folder, which may not exist yet; touches nothing.
    pub fn open(folder: &Path, unlocking: Unlocking<'a>) -> Self {
        Self { folder: Folder::at(folder), unlocking, trusted: None, opened: OnceCell::new() }
    }

    /// The same, for a folder that others can change too: used only with the public key in `file`.
    #[must_use]
    pub fn trusting(self, file: &Path) -> Self {
        Self { trusted: Some(Trusted::at(file)), ..self }
    }

    /// Creates the folder, and an identity encrypted with a passphrase.
    ///
    /// # Errors
    /// [`StoreError::Failed`] if there is one already, or the folder cannot be written;
    /// [`StoreError::NoRecipient`] or [`StoreError::NoIdentity`] if there are keys but not what they were encrypted to.
    pub fn create(folder: &Path, passphrase: &Zeroizing<String>) -> Result<(), StoreError> {
        let folder = Folder::at(folder);
        folder.make()?;
        let writer = folder.writer()?;
        if folder.has(RECIPIENT) {
            return Err(StoreError::Failed(format!("{} already has a passphrase", folder.path().display())));
        }
        // An identity without a recipient was left by a killed run; if there are no keys, nothing depends on it.
        if folder.names()?.iter().any(|name| name.ends_with(".age")) {
            return Err(missing(&folder, if folder.has(IDENTITY) { RECIPIENT } else { IDENTITY }));
        }
        let identity = identity::generate();
        let sealed =
            identity::seal_under(identity::to_text(std::slice::from_ref(&identity)).as_bytes(), passphrase);
        writer.replace(IDENTITY, &sealed.map_err(|_| not_encrypted())?)?;
        writer.replace(RECIPIENT, format!("{}\n", identity.to_public()).as_bytes())?;
        folder.mend_modes().map(drop)
    }

    /// Decrypts the identity with a passphrase and lets the kernel keep it for some time.
    ///
    /// Returns when that ends. The passphrase comes from the first available source, except the session.
    ///
    /// # Errors
    /// Errors of the passphrase; [`StoreError::NoSession`] if there is no keyring to keep it in.
    pub fn unlock(&self, time: Duration, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
        // Checked first: nobody should type a passphrase in vain.
        self.unlocking.session.kept().map_err(no_session)?;
        self.recipient()?;
        let identities = self.open_identities()?;
        let kept = self.unlocking.session.keep(&identity::to_text(&identities), time, now);
        let until = kept.map_err(no_session)?;
        self.opened.get_or_init(|| Ok(identities));
        Ok(until)
    }

    /// Ends the session; returns whether there was one.
    ///
    /// # Errors
    /// [`StoreError::NoSession`] if there is no keyring.
    pub fn lock(&self) -> Result<bool, StoreError> {
        self.unlocking.session.end().map_err(no_session)
    }

    /// When the unlocked session ends; `None` without one.
    ///
    /// # Errors
    /// [`StoreError::NoSession`] if there is no keyring.
    pub fn unlocked_until(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let kept = self.session_identities().map_err(no_session)?;
        Ok(kept.map(|(kept, _)| kept.until))
    }

    /// Removes the permissions of group and others from our files; returns the files that it changed.
    ///
    /// # Errors
    /// [`StoreError::Failed`] for one whose permissions cannot be changed.
    pub fn mend_modes(&self) -> Result<Vec<PathBuf>, StoreError> {
        self.folder.mend_modes()
    }

    fn ciphertext(&self, slot: &Slot) -> Result<Vec<u8>, StoreError> {
        self.folder.read(&file_name(slot))?.ok_or(StoreError::Missing)
    }

    fn write_by(&self, writer: &Writer<'_>, slot: &Slot, ciphertext: &[u8]) -> Result<(), StoreError> {
        if slot.ours.is_empty() {
            self.must_be_empty(slot)?;
        }
        writer.replace(&file_name(slot), ciphertext)?;
        // The lock is still held, so another writer cannot be the cause.
        if self.ciphertext(slot)? == ciphertext { Ok(()) } else { Err(StoreError::NotKept) }
    }
}

impl Store for EncryptedFiles<'_> {
    fn kind(&self) -> StoreKind {
        StoreKind::File
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        let ciphertext = self.ciphertext(slot)?;
        let plaintext = self.decrypt(&file_name(slot), &ciphertext, self.identities()?)?;
        let text = std::str::from_utf8(&plaintext).map_err(|_| StoreError::NotAKey)?;
        // Somebody may have written one properly with `echo KEY | age -R recipient -o dev.age`.
        let text = text.strip_suffix('\n').unwrap_or(text);
        ApiKey::parse(Zeroizing::new(text.to_owned())).map_err(|_| StoreError::NotAKey)
    }

    fn look(&self, slot: &Slot) -> Result<(), StoreError> {
        self.must_be_openable()?;
        self.look_at(&file_name(slot), &self.ciphertext(slot)?)
    }

    fn accounts(&self) -> Result<Option<Vec<String>>, StoreError> {
        if self.folder.read(RECIPIENT)?.is_none() {
            return Ok(Some(Vec::new()));
        }
        let names = self.folder.names()?;
        let mut accounts: Vec<_> =
            names.iter().filter_map(|name| name.strip_suffix(".age")).map(str::to_owned).collect();
        accounts.sort();
        Ok(Some(accounts))
    }

    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError> {
        self.put_all(&[(slot.clone(), key)]).map_err(|(_, why)| why)
    }

    /// One lock for all keys: it sweeps the folder once. The recipient is read again under the lock, because it may
    /// have been replaced meanwhile.
    fn put_all(&self, keys: &[(Slot, &ApiKey)]) -> Result<(), (usize, StoreError)> {
        let first = |why| (0, why);
        self.recipient().map_err(first)?;
        self.must_be_openable().map_err(first)?;
        let writer = self.folder.writer().map_err(first)?;
        let recipient = self.recipient().map_err(first)?;
        let put = |slot: &Slot, key: &ApiKey| self.write_by(&writer, slot, &sealed(key, &recipient)?);
        keys.iter().enumerate().try_for_each(|(n, (slot, key))| put(slot, key).map_err(|why| (n, why)))
    }

    /// Without the passphrase a stray file cannot be compared with our key.
    fn must_be_empty(&self, slot: &Slot) -> Result<(), StoreError> {
        if self.folder.has_own(&file_name(slot)) {
            let label = Some(self.folder.path().join(file_name(slot)).display().to_string());
            return Err(StoreError::Occupied(vec![Entry { label, modified: None, fingerprint: None }]));
        }
        Ok(())
    }

    fn forget(&self, slot: &Slot) -> Result<(), StoreError> {
        if slot.ours.is_empty() {
            return Ok(());
        }
        // Where that cannot be told, the deletion tells why.
        if !self.folder.path().try_exists().unwrap_or(true) {
            return Ok(());
        }
        // Also if the key does not exist: a writer sweeps what was left unfinished.
        self.folder.writer()?.delete(&file_name(slot))
    }

    /// The ciphertext is copied unchanged; no passphrase is needed.
    fn copy(&self, from: &Slot, to: &Slot) -> Result<(), StoreError> {
        self.ciphertext(from)?;
        let writer = self.folder.writer()?;
        // Read under the lock: it may have been encrypted again meanwhile.
        self.write_by(&writer, to, &self.ciphertext(from)?)
    }

    fn health(&self) -> Health {
        let serves = || {
            self.recipient()?;
            // Finds a pipe in place of a key, or a file that may not be read, without the passphrase.
            for account in self.accounts()?.unwrap_or_default() {
                self.folder.read(&format!("{account}.age"))?;
            }
            match (self.folder.has(IDENTITY), self.session_identities()) {
                (_, Ok(Some(_))) => Ok(()),
                (false, _) => Err(missing(&self.folder, IDENTITY)),
                (true, _) => {
                    self.look_at(IDENTITY, &self.sealed_identity()?)?;
                    self.unlocking.check()
                }
            }
        };
        serves().map_or_else(Health::Unwell, |()| Health::Ready)
    }
}

fn sealed(key: &ApiKey, recipient: &x25519::Recipient) -> Result<Vec<u8>, StoreError> {
    identity::seal(key.expose().as_bytes(), &[recipient], false).map_err(|_| not_encrypted())
}

fn file_name(slot: &Slot) -> String {
    format!("{slot}.age")
}

fn missing(folder: &Folder, name: &str) -> StoreError {
    broken(folder, name, "is missing")
}

/// The error for a file of the folder. Of a shared one, which others may open, it is not said that nobody can.
fn broken(folder: &Folder, name: &str, how: &str) -> StoreError {
    let what = format!("{} {how}", folder.path().join(name).display());
    let folder = folder.path().to_owned();
    match name {
        IDENTITY if !folder.join(SHARED).is_file() => StoreError::NoIdentity { what, folder },
        RECIPIENT => StoreError::NoRecipient { what, folder },
        _ => StoreError::Damaged(what),
    }
}

fn no_session(why: Unavailable) -> StoreError {
    StoreError::NoSession(why.0)
}

fn not_encrypted() -> StoreError {
    StoreError::Failed("encryption failed".to_owned())
}
