//! The public key of a shared folder that this machine accepted.
//!
//! Whoever can change the folder could replace our recipient by theirs, and would then get every key that is written
//! later. So the accepted one is recorded beside profiles.toml, where nobody else can write.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use age::x25519;

use crate::backend::StoreError;
use crate::system::files::atomic_file::{self, Access};
use crate::system::files::regular_file::{self, Trust};

/// None of our files is nearly this large.
const LARGEST: u64 = 4096;

/// The file that holds it: one public key, or two while an identity is being replaced.
pub(super) struct Trusted {
    file: PathBuf,
}

impl Trusted {
    pub(super) fn at(file: &Path) -> Self {
        Self { file: file.to_owned() }
    }

    /// Refuses any other recipient.
    pub(super) fn check(&self, recipient: &x25519::Recipient, folder: &Path) -> Result<(), StoreError> {
        let known = self.read()?;
        if known.is_empty() {
            return Err(StoreError::NotJoined(folder.display().to_string()));
        }
        if known.contains(recipient) {
            return Ok(());
        }
        Err(StoreError::Exchanged { folder: folder.display().to_string(), now: recipient.to_string() })
    }

    /// The keys that this machine accepted; empty if it never did.
    pub(super) fn read(&self) -> Result<Vec<x25519::Recipient>, StoreError> {
        let failed = |why: String| StoreError::Failed(format!("{}: {why}", self.file.display()));
        match regular_file::read_text(&self.file, LARGEST, Trust::Ours) {
            Err(none) if none.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(why) => Err(failed(super::folder::reason(&why))),
            Ok(text) => text
                .lines()
                .map(|line| x25519::Recipient::from_str(line.trim()))
                .collect::<Result<_, _>>()
                .map_err(|why| failed(why.to_owned())),
        }
    }

    /// Accepts these and no others.
    pub(super) fn write(&self, recipients: &[x25519::Recipient]) -> Result<(), StoreError> {
        let text: String = recipients.iter().map(|recipient| format!("{recipient}\n")).collect();
        atomic_file::replace(&self.file, text.as_bytes(), Access::Private).map_err(|why| {
            StoreError::Failed(format!(
                "cannot write {}: {}",
                self.file.display(),
                super::folder::reason(&why)
            ))
        })
    }
}
