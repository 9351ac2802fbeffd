//! A backup: every profile and every key in one age file, which any age implementation opens.
//!
//! Inside is TOML: `schema_version`, `made_at`, the table `book` (whatever the caller stores about its
//! profiles) and the table `keys`, by account (`dev`, `dev~previous`). Outside it is armored, so that it
//! survives mail, chat and clipboards.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use super::age_keys::{Recipient, private_key};
use super::local::encrypted_files::identity::{self, NotOpened};
use super::{Role, Slot};
use crate::model::{ApiKey, api_key, profile_name};

/// The schema that is written, and the newest that can be read.
const SCHEMA: u32 = 1;
/// The bytes of an account, a key and the punctuation around them.
const LONGEST_LINE: usize = profile_name::LONGEST + "~previous".len() + api_key::LONGEST + 16;

/// The content of a backup; `P` is what the caller stores about its profiles, without any key.
pub struct Backup<P> {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The profiles' metadata.
    pub profiles: P,
    /// The keys, each with its entry.
    pub keys: Vec<(Slot, ApiKey)>,
}

/// Who may open a backup.
pub enum Sealing {
    /// Whoever knows a passphrase.
    Passphrase(Zeroizing<String>),
    /// Whoever holds one of these recipients' identities.
    Recipients(Vec<Recipient>),
}

/// What opens a backup.
pub enum Opening {
    /// Its passphrase.
    Passphrase(Zeroizing<String>),
    /// The text of an age identity file, or of an OpenSSH private key without a passphrase.
    Identity(Zeroizing<String>),
}

/// Why there is no backup, or none that can be read; never contains a part of one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BackupError {
    /// A wrong passphrase.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// It is encrypted to recipients: no passphrase opens it.
    #[error("it was encrypted to a recipient, not with a passphrase")]
    NeedsIdentity,
    /// It is encrypted with a passphrase: no identity opens it.
    #[error("it was encrypted with a passphrase, not to an identity")]
    NeedsPassphrase,
    /// It is encrypted to recipients, and this identity is not one of them.
    #[error("it was encrypted to another recipient")]
    NotForUs,
    /// It is not an age file, or was changed or cut short.
    #[error("it is not an age file, or it is damaged or truncated")]
    Tampered,
    /// Its passphrase needs more work than any backup that this program writes.
    #[error("its work factor is higher than any backup of this program has")]
    TooMuchWork,
    /// The identity cannot be used, with the reason.
    #[error("{0}")]
    Identity(&'static str),
    /// It was opened, but does not contain a backup; the line is counted from 1, where known.
    #[error("it is not a backup{}", .0.map(|line| format!(" (line {line})")).unwrap_or_default())]
    NotABackup(Option<usize>),
    /// A later version of this program made it.
    #[error("it was made by a newer version (schema {0}, this one reads {SCHEMA})")]
    Newer(u32),
    /// It could not be written as TOML or encrypted.
    #[error("it could not be made: {0}")]
    NotMade(&'static str),
}

impl From<NotOpened> for BackupError {
    fn from(why: NotOpened) -> Self {
        match why {
            NotOpened::WrongPassphrase => Self::WrongPassphrase,
            NotOpened::NotForUs => Self::NotForUs,
            NotOpened::Tampered => Self::Tampered,
            NotOpened::TooMuchWork => Self::TooMuchWork,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Head<P> {
    schema_version: u32,
    made_at: DateTime<Utc>,
    #[serde(rename = "book")]
    profiles: P,
}

#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

#[derive(Deserialize)]
struct Keys {
    keys: BTreeMap<String, Secret>,
}

/// A key as text; only used here, between TOML and [`ApiKey`].
struct Secret(Zeroizing<String>);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Zeroizing::new(text)))
    }
}

/// Encrypts a backup.
///
/// # Errors
/// [`BackupError::NotMade`].
pub fn seal<P: Serialize>(backup: &Backup<P>, sealing: &Sealing) -> Result<Vec<u8>, BackupError> {
    let text = write(backup)?;
    let sealed = match sealing {
        Sealing::Passphrase(passphrase) => identity::seal_under(text.as_bytes(), passphrase),
        Sealing::Recipients(recipients) => {
            let recipients: Vec<_> = recipients.iter().map(Recipient::as_age).collect();
            identity::seal(text.as_bytes(), &recipients, true)
        }
    };
    sealed.map_err(|_| BackupError::NotMade("encryption failed"))
}

/// Decrypts a backup.
///
/// # Errors
/// Every other [`BackupError`].
pub fn open<P: DeserializeOwned>(sealed: &[u8], opening: &Opening) -> Result<Backup<P>, BackupError> {
    let plaintext = match (opening, is_under_passphrase(sealed)?) {
        (Opening::Passphrase(_), false) => return Err(BackupError::NeedsIdentity),
        (Opening::Identity(_), true) => return Err(BackupError::NeedsPassphrase),
        (Opening::Passphrase(passphrase), true) => identity::open_under(sealed, passphrase),
        (Opening::Identity(text), false) => {
            identity::open(sealed, &[&*private_key(text).map_err(BackupError::Identity)?])
        }
    };
    read(std::str::from_utf8(&plaintext?).map_err(|_| BackupError::NotABackup(None))?)
}

/// Whether a passphrase opens it, not an identity.
///
/// # Errors
/// [`BackupError::Tampered`] if it is not an age file; [`BackupError::TooMuchWork`] for one with an endless header.
pub fn is_under_passphrase(sealed: &[u8]) -> Result<bool, BackupError> {
    identity::is_under_passphrase(sealed).map_err(BackupError::from)
}

fn write<P: Serialize>(backup: &Backup<P>) -> Result<Zeroizing<String>, BackupError> {
    let head = Head { schema_version: SCHEMA, made_at: backup.made_at, profiles: &backup.profiles };
    let head =
        toml::to_string(&head).map_err(|_| BackupError::NotMade("the profiles cannot be written as TOML"))?;
    // The size is computed first: a buffer that grows leaves copies behind.
    let size = head.len() + (backup.keys.len() + 1) * LONGEST_LINE;
    let mut text = Zeroizing::new(String::with_capacity(size));
    text.push_str(&head);
    text.push_str("\n[keys]\n");
    for (slot, key) in &backup.keys {
        // Neither an account nor a key has a character that TOML would escape.
        for part in ["\"", &slot.to_string(), "\" = \"", key.expose(), "\"\n"] {
            text.push_str(part);
        }
    }
    Ok(text)
}

/// Parses the TOML inside a backup.
///
/// # Errors
/// [`BackupError::NotABackup`], [`BackupError::Newer`].
pub fn read<P: DeserializeOwned>(text: &str) -> Result<Backup<P>, BackupError> {
    let Version { schema_version } = parse(text)?;
    if schema_version > SCHEMA {
        return Err(BackupError::Newer(schema_version));
    }
    let head: Head<P> = parse(text)?;
    let keys: Keys = parse(text)?;
    let keys = keys.keys.into_iter().map(|(account, Secret(text))| {
        let key = ApiKey::parse(text).ok();
        slot(&account).zip(key).ok_or(BackupError::NotABackup(None))
    });
    Ok(Backup { made_at: head.made_at, profiles: head.profiles, keys: keys.collect::<Result<_, _>>()? })
}

/// Only the line number of an error is reported: its text quotes the backup.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, BackupError> {
    toml::from_str(text).map_err(|why| {
        let line =
            why.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
        BackupError::NotABackup(line)
    })
}

fn slot(account: &str) -> Option<Slot> {
    let (profile, role) = match account.split_once('~') {
        None => (account, Role::Current),
        Some((profile, "previous")) => (profile, Role::Previous),
        Some((profile, "next")) => (profile, Role::Next),
        Some(_) => return None,
    };
    Some(Slot { profile: profile.parse().ok()?, role, ours: Vec::new() })
}
