//! The store named `file`: one age file for each key, for machines without a keychain.
//!
//! A folder holds
//! - `identity`: an X25519 identity, encrypted under a passphrase (`age -d -i identity dev.age` asks for it),
//! - `recipient`: its public key in the clear, so that writing needs no passphrase,
//! - `dev.age`, `dev~previous.age`, `dev~next.age`: the keys, encrypted to that recipient.
//!
//! Every file is 0600 in a 0700 folder and is replaced whole. An opened identity is kept for this
//! process, and after [`EncryptedFiles::unlock`] by the kernel for some hours; never in a file.

mod folder;
pub(in crate::backend) mod identity;
mod passphrase;
mod unlocking;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use age::x25519;
use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use self::folder::{Folder, Writer};
use self::identity::NotOpened;
pub use self::passphrase::{LONGEST, Prompt, Unlocking, from_file as passphrase_from_file};
pub use self::unlocking::{ask_passphrase, passphrase_file, unlocking};
use super::session::{Kept, Unavailable};
use crate::backend::{Entry, Health, Slot, Store, StoreError, StoreKind};
use crate::model::ApiKey;

const IDENTITY: &str = "identity";
const RECIPIENT: &str = "recipient";

/// A folder of encrypted keys.
pub struct EncryptedFiles<'a> {
    folder: Folder,
    unlocking: Unlocking<'a>,
    /// Opened at most once in a process; a failure is kept too, so that nobody is asked twice.
    opened: OnceCell<Result<x25519::Identity, StoreError>>,
}

impl<'a> EncryptedFiles<'a> {
    /// Whether a passphrase was ever set for this folder.
    pub fn exists(folder: &Path) -> bool {
        Folder::at(folder).has(RECIPIENT)
    }

    /// The store in a folder, which may not be there yet; touches nothing.
    pub fn open(folder: &Path, unlocking: Unlocking<'a>) -> Self {
        Self { folder: Folder::at(folder), unlocking, opened: OnceCell::new() }
    }

    /// Makes the folder and an identity under a passphrase.
    ///
    /// # Errors
    /// [`StoreError::Failed`] where there is one already, or the folder cannot be written;
    /// [`StoreError::Damaged`] where keys lie without the recipient they were written to.
    pub fn create(folder: &Path, passphrase: &Zeroizing<String>) -> Result<(), StoreError> {
        let folder = Folder::at(folder);
        folder.make()?;
        let writer = folder.writer()?;
        if folder.has(RECIPIENT) {
            return Err(StoreError::Failed(format!("{} already has a passphrase", folder.path().display())));
        }
        // An identity without its recipient is what a killed run left; without keys nothing hangs on it.
        if folder.names()?.iter().any(|name| name.ends_with(".age")) {
            return Err(missing(&folder, RECIPIENT));
        }
        let identity = identity::generate();
        let sealed = identity::seal_under(identity::to_text(&identity).as_bytes(), passphrase);
        writer.replace(IDENTITY, &sealed.map_err(|_| not_encrypted())?)?;
        writer.replace(RECIPIENT, format!("{}\n", identity.to_public()).as_bytes())?;
        folder.mend_modes().map(drop)
    }

    /// Opens the identity with a passphrase and has the kernel keep it for some time.
    ///
    /// Answers when it ends. The passphrase comes from the first source that is there, the session apart.
    ///
    /// # Errors
    /// Those of the passphrase; [`StoreError::NoSession`] where there is no keyring to keep it in.
    pub fn unlock(&self, time: Duration, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
        // Asked first: nobody should type a passphrase for nothing.
        self.unlocking.session.kept().map_err(no_session)?;
        let identity = self.open_identity()?;
        let until =
            self.unlocking.session.keep(&identity::to_text(&identity), time, now).map_err(no_session)?;
        self.opened.get_or_init(|| Ok(identity));
        Ok(until)
    }

    /// Ends the session; answers whether there was one.
    ///
    /// # Errors
    /// [`StoreError::NoSession`] where there is no keyring.
    pub fn lock(&self) -> Result<bool, StoreError> {
        self.unlocking.session.end().map_err(no_session)
    }

    /// When the unlocked session ends; `None` without one.
    ///
    /// # Errors
    /// [`StoreError::NoSession`] where there is no keyring.
    pub fn unlocked_until(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let kept = self.session_identity().map_err(no_session)?;
        Ok(kept.map(|(kept, _)| kept.until))
    }

    /// Takes from group and others what they may do with our files; names what it mended.
    ///
    /// # Errors
    /// [`StoreError::Failed`] for one that cannot be mended.
    pub fn mend_modes(&self) -> Result<Vec<PathBuf>, StoreError> {
        self.folder.mend_modes()
    }

    fn identity(&self) -> Result<&x25519::Identity, StoreError> {
        let open = || match self.session_identity() {
            Ok(Some((_, identity))) => Ok(identity),
            // Where there is no keyring the other sources serve; `unlock` and `doctor` say why.
            Ok(None) | Err(Unavailable(_)) => self.open_identity(),
        };
        self.opened.get_or_init(open).as_ref().map_err(Clone::clone)
    }

    /// What the kernel keeps, if it belongs to the identity that lies here now.
    fn session_identity(&self) -> Result<Option<(Kept, x25519::Identity)>, Unavailable> {
        let Some(kept) = self.unlocking.session.kept()? else { return Ok(None) };
        let identity = identity::from_text(&kept.identity).filter(|identity| self.belongs_here(identity));
        Ok(identity.map(|identity| (kept, identity)))
    }

    fn belongs_here(&self, identity: &x25519::Identity) -> bool {
        self.recipient().is_ok_and(|recipient| recipient == identity.to_public())
    }

    fn open_identity(&self) -> Result<x25519::Identity, StoreError> {
        let sealed = match self.folder.read(IDENTITY)? {
            Some(sealed) => sealed,
            None if Self::exists(self.folder.path()) => return Err(missing(&self.folder, IDENTITY)),
            None => return Err(StoreError::NotSetUp),
        };
        let passphrase = self.unlocking.passphrase()?;
        let text =
            identity::open_under(&sealed, &passphrase).map_err(|why| self.not_opened(IDENTITY, why))?;
        let identity = std::str::from_utf8(&text).ok().and_then(identity::from_text);
        let identity = identity.ok_or_else(|| self.not_opened(IDENTITY, NotOpened::Tampered))?;
        if self.recipient()? == identity.to_public() {
            Ok(identity)
        } else {
            Err(StoreError::Damaged(format!(
                "{} is not the public key of the identity beside it",
                self.folder.path().join(RECIPIENT).display()
            )))
        }
    }

    fn recipient(&self) -> Result<x25519::Recipient, StoreError> {
        let bytes = match self.folder.read(RECIPIENT)? {
            Some(bytes) => bytes,
            None if self.folder.has(IDENTITY) => return Err(missing(&self.folder, RECIPIENT)),
            None => return Err(StoreError::NotSetUp),
        };
        let text = String::from_utf8(bytes).ok();
        let recipient = text.and_then(|text| x25519::Recipient::from_str(text.trim()).ok());
        recipient.ok_or_else(|| self.not_opened(RECIPIENT, NotOpened::Tampered))
    }

    fn ciphertext(&self, slot: &Slot) -> Result<Vec<u8>, StoreError> {
        self.folder.read(&file_name(slot))?.ok_or(StoreError::Missing)
    }

    fn write(&self, slot: &Slot, ciphertext: &[u8]) -> Result<(), StoreError> {
        self.write_by(&self.folder.writer()?, slot, ciphertext)
    }

    fn write_by(&self, writer: &Writer<'_>, slot: &Slot, ciphertext: &[u8]) -> Result<(), StoreError> {
        if slot.ours.is_empty() {
            self.must_be_empty(slot)?;
        }
        writer.replace(&file_name(slot), ciphertext)?;
        // The lock is still held: another writer cannot be what makes the difference.
        if self.ciphertext(slot)? == ciphertext { Ok(()) } else { Err(StoreError::NotKept) }
    }

    fn not_opened(&self, name: &str, why: NotOpened) -> StoreError {
        let path = self.folder.path().join(name);
        let what = match why {
            NotOpened::WrongPassphrase => return StoreError::WrongPassphrase(self.unlocking.in_words()),
            NotOpened::NotForUs => "was encrypted to another identity",
            NotOpened::Tampered => "is damaged or truncated",
            NotOpened::TooMuchWork => "has a work factor higher than any file of this program has",
        };
        StoreError::Damaged(format!("{} {what}", path.display()))
    }
}

impl Store for EncryptedFiles<'_> {
    fn kind(&self) -> StoreKind {
        StoreKind::File
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        let ciphertext = self.ciphertext(slot)?;
        let opened = identity::open(&ciphertext, &[self.identity()?]);
        let plaintext = opened.map_err(|why| self.not_opened(&file_name(slot), why))?;
        let text = std::str::from_utf8(&plaintext).map_err(|_| StoreError::NotAKey)?;
        // `echo KEY | age -R recipient -o dev.age` is a fair way to write one.
        let text = text.strip_suffix('\n').unwrap_or(text);
        ApiKey::parse(Zeroizing::new(text.to_owned())).map_err(|_| StoreError::NotAKey)
    }

    fn accounts(&self) -> Result<Option<Vec<String>>, StoreError> {
        if !Self::exists(self.folder.path()) {
            return Ok(Some(Vec::new()));
        }
        let names = self.folder.names()?;
        let mut accounts: Vec<_> =
            names.iter().filter_map(|name| name.strip_suffix(".age")).map(str::to_owned).collect();
        accounts.sort();
        Ok(Some(accounts))
    }

    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError> {
        self.write(slot, &sealed(key, &self.recipient()?)?)
    }

    /// One writer for all: it looks through the folder once.
    fn put_all(&self, keys: &[(Slot, &ApiKey)]) -> Result<(), (usize, StoreError)> {
        let first = |why| (0, why);
        let (recipient, writer) = (self.recipient().map_err(first)?, self.folder.writer().map_err(first)?);
        let put = |slot: &Slot, key: &ApiKey| self.write_by(&writer, slot, &sealed(key, &recipient)?);
        keys.iter().enumerate().try_for_each(|(n, (slot, key))| put(slot, key).map_err(|why| (n, why)))
    }

    /// Without the passphrase a stray file cannot be compared with a key of ours.
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
        if !self.folder.path().try_exists().unwrap_or(true) {
            return Ok(());
        }
        // Also where the key is not there: a writer sweeps what was left unfinished.
        self.folder.writer()?.delete(&file_name(slot))
    }

    /// The ciphertext is copied as it is; no passphrase is needed.
    fn copy(&self, from: &Slot, to: &Slot) -> Result<(), StoreError> {
        self.write(to, &self.ciphertext(from)?)
    }

    fn health(&self) -> Health {
        let serves = || {
            self.recipient()?;
            match (self.folder.has(IDENTITY), self.session_identity()) {
                (_, Ok(Some(_))) => Ok(()),
                (false, _) => Err(missing(&self.folder, IDENTITY)),
                (true, _) => self.unlocking.check(),
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
    StoreError::Damaged(format!("{} is missing", folder.path().join(name).display()))
}

fn no_session(why: Unavailable) -> StoreError {
    StoreError::NoSession(why.0)
}

fn not_encrypted() -> StoreError {
    StoreError::Failed("encryption failed".to_owned())
}
