//! The user's own key, which opens shared files without a passphrase.

use std::fs::File;
use std::path::PathBuf;

use age::secrecy::SecretString;
use age::ssh;
use age::x25519;
use zeroize::Zeroizing;

use super::identity::{self, NotOpened};
use super::passphrase::{Prompt, TRIES, Unfit, open_private};
use super::{EncryptedFiles, SHARED, missing};
use crate::backend::StoreError;
use crate::backend::age_keys::private_key;

/// The most bytes of a key file.
const LONGEST: usize = 64 * 1024;

/// A file with an age identity or an OpenSSH private key.
pub struct OwnKey<'a> {
    /// The file; refused unless it has mode 0600 and belongs to the caller.
    pub path: PathBuf,
    /// Asks for the passphrase of an SSH key, if there is a terminal.
    pub prompt: Option<Prompt<'a>>,
}

impl OwnKey<'_> {
    /// Checks that it can be read; asks for nothing.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.open().map(drop)
    }

    fn open(&self) -> Result<File, StoreError> {
        open_private(&self.path).map_err(|(Unfit::Unread(why) | Unfit::Disclosed(why))| self.refused(&why))
    }

    /// The private key that decrypts files.
    fn read(&self) -> Result<Box<dyn age::Identity>, StoreError> {
        let file = self.open()?;
        let bytes = identity::read_secret(file, LONGEST).map_err(|_| self.refused("is not a key file"))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| self.refused("is not text"))?;
        match ssh::Identity::from_buffer(text.as_bytes(), None) {
            Ok(ssh::Identity::Encrypted(key)) => {
                let prompt = self.prompt.as_ref().ok_or_else(|| {
                    self.refused("has a passphrase, and there is no terminal to ask for it")
                })?;
                for _ in 0..TRIES {
                    let passphrase: Zeroizing<String> = prompt()?;
                    if let Ok(opened) = key.decrypt(SecretString::from(passphrase.as_str())) {
                        return Ok(Box::new(ssh::Identity::from(opened)));
                    }
                }
                Err(self.refused("did not open: wrong passphrase"))
            }
            _ => private_key(text)
                .map_err(|_| self.refused("contains neither an age identity nor an OpenSSH private key")),
        }
    }

    fn refused(&self, why: &str) -> StoreError {
        StoreError::OwnKey(format!("the key file {} {why}", self.path.display()))
    }
}

impl EncryptedFiles<'_> {
    /// Decrypts the identity with the user's own key.
    pub(super) fn open_by(&self, own: &OwnKey<'_>) -> Result<Vec<x25519::Identity>, StoreError> {
        self.named_recipient()?;
        let sealed = self.folder.read(SHARED)?.ok_or_else(|| missing(&self.folder, SHARED))?;
        let text = identity::open(&sealed, &[&*own.read()?]).map_err(|why| match why {
            NotOpened::NotForUs => StoreError::NotARecipient(own.path.display().to_string()),
            why => self.not_opened(SHARED, why),
        })?;
        self.ours(SHARED, &text)
    }
}
