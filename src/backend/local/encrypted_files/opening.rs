//! How the identity is opened, and the error if it cannot be.

use std::str::FromStr;

use age::x25519;
use zeroize::Zeroizing;

use super::identity::{self, NotOpened};
use super::passphrase::TRIES;
use super::{EncryptedFiles, IDENTITY, RECIPIENT, SHARED, broken, missing};
use crate::backend::StoreError;
use crate::backend::local::session::{Kept, Unavailable};

impl EncryptedFiles<'_> {
    pub(super) fn identities(&self) -> Result<&[x25519::Identity], StoreError> {
        let open = || {
            self.recipient()?;
            match self.session_identities() {
                Ok(Some((_, identities))) => Ok(identities),
                // Without a keyring the other sources are used; `unlock` and `doctor` say why.
                Ok(None) | Err(Unavailable(_)) => self.open_identities(),
            }
        };
        self.opened.get_or_init(open).as_ref().map(Vec::as_slice).map_err(Clone::clone)
    }

    /// What the kernel keeps, if it belongs to the present identity.
    pub(super) fn session_identities(&self) -> Result<Option<(Kept, Vec<x25519::Identity>)>, Unavailable> {
        let Some(kept) = self.unlocking.session.kept()? else { return Ok(None) };
        let identities = identity::all_from_text(&kept.identity);
        Ok(self.recipient().is_ok_and(|ours| belongs(&identities, &ours)).then_some((kept, identities)))
    }

    /// Decrypts the identity again: with the user's own key if one is configured, else with the passphrase.
    pub(super) fn open_identities(&self) -> Result<Vec<x25519::Identity>, StoreError> {
        if let Some(own) = &self.unlocking.own_key {
            return self.open_by(own);
        }
        self.open_under(&self.unlocking)
    }

    /// Decrypts it with the passphrase.
    pub(super) fn open_under(
        &self,
        sources: &super::Unlocking<'_>,
    ) -> Result<Vec<x25519::Identity>, StoreError> {
        self.opened_by_passphrase(sources).map(|(_, identities)| identities)
    }

    /// The passphrase that opens the identity, and what it opens. One that is typed wrong is asked for again.
    pub(super) fn opened_by_passphrase(
        &self,
        sources: &super::Unlocking<'_>,
    ) -> Result<(Zeroizing<String>, Vec<x25519::Identity>), StoreError> {
        let sealed = self.sealed_identity()?;
        let mut left = if sources.in_words().is_none() { TRIES } else { 1 };
        loop {
            let passphrase = sources.passphrase()?;
            left -= 1;
            match self.open_with(&sealed, &passphrase) {
                Err(StoreError::WrongPassphrase(_)) if left > 0 => {}
                opened => return opened.map(|identities| (passphrase, identities)),
            }
        }
    }

    /// The encrypted identity file.
    pub(super) fn sealed_identity(&self) -> Result<Vec<u8>, StoreError> {
        match self.folder.read(IDENTITY)? {
            Some(sealed) => Ok(sealed),
            None if Self::exists(self.folder.path()) => Err(missing(&self.folder, IDENTITY)),
            None => Err(StoreError::NotSetUp),
        }
    }

    /// Its content, decrypted with a passphrase.
    pub(super) fn open_with(
        &self,
        sealed: &[u8],
        passphrase: &Zeroizing<String>,
    ) -> Result<Vec<x25519::Identity>, StoreError> {
        let text = identity::open_under(sealed, passphrase).map_err(|why| self.not_opened(IDENTITY, why))?;
        self.ours(IDENTITY, &text)
    }

    /// The identities in a text; one of them must be the one that the keys are encrypted to.
    pub(super) fn ours(&self, file: &str, text: &[u8]) -> Result<Vec<x25519::Identity>, StoreError> {
        let identities = std::str::from_utf8(text).map(identity::all_from_text).unwrap_or_default();
        if identities.is_empty() {
            return Err(self.not_opened(file, NotOpened::Tampered));
        }
        if belongs(&identities, &self.named_recipient()?) {
            return Ok(identities);
        }
        Err(StoreError::Damaged(format!(
            "{} is not the public key of the identity beside it",
            self.folder.path().join(RECIPIENT).display()
        )))
    }

    /// The recipient that keys are encrypted to, if this machine accepted it.
    pub(super) fn recipient(&self) -> Result<x25519::Recipient, StoreError> {
        let recipient = self.named_recipient()?;
        match &self.trusted {
            Some(trusted) => trusted.check(&recipient, self.folder.path()).map(|()| recipient),
            None => Ok(recipient),
        }
    }

    /// The recipient in the folder.
    pub(super) fn named_recipient(&self) -> Result<x25519::Recipient, StoreError> {
        let bytes = match self.folder.read(RECIPIENT)? {
            Some(bytes) => bytes,
            None if self.folder.has(IDENTITY) => return Err(missing(&self.folder, RECIPIENT)),
            None => return Err(StoreError::NotSetUp),
        };
        let text = String::from_utf8(bytes).ok();
        let recipient = text.and_then(|text| x25519::Recipient::from_str(text.trim()).ok());
        recipient.ok_or_else(|| self.not_opened(RECIPIENT, NotOpened::Tampered))
    }

    /// Decrypts a file of the folder.
    pub(super) fn decrypt(
        &self,
        name: &str,
        ciphertext: &[u8],
        identities: &[x25519::Identity],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let identities: Vec<_> = identities.iter().map(|one| one as &dyn age::Identity).collect();
        identity::open(ciphertext, &identities).map_err(|why| self.not_opened(name, why))
    }

    /// Reads a file's header, which needs no passphrase.
    pub(super) fn look_at(&self, name: &str, ciphertext: &[u8]) -> Result<(), StoreError> {
        identity::is_under_passphrase(ciphertext).map(drop).map_err(|why| self.not_opened(name, why))
    }

    /// Refuses if what opens the keys is missing or damaged: writing needs no passphrase, so nobody would notice that
    /// the key cannot be read again.
    pub(super) fn must_be_openable(&self) -> Result<(), StoreError> {
        let identity = self.sealed_identity().and_then(|sealed| self.look_at(IDENTITY, &sealed));
        match self.folder.read(SHARED)? {
            Some(shared) if identity.is_err() => self.look_at(SHARED, &shared),
            _ => identity,
        }
    }

    pub(super) fn not_opened(&self, name: &str, why: NotOpened) -> StoreError {
        let what = match why {
            NotOpened::WrongPassphrase => return StoreError::WrongPassphrase(self.unlocking.in_words()),
            NotOpened::NotForUs => "was encrypted to another identity",
            NotOpened::Tampered => "is damaged or truncated",
            NotOpened::TooMuchWork => "has a work factor higher than any file of this program has",
        };
        broken(&self.folder, name, what)
    }
}

fn belongs(identities: &[x25519::Identity], recipient: &x25519::Recipient) -> bool {
    identities.iter().any(|identity| identity.to_public() == *recipient)
}
