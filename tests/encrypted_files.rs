//! The store `file`, with real folders, Debian's `age` and the kernel's keyring.

#[cfg(target_os = "linux")]
mod crashes;
mod faults;
#[cfg(target_os = "linux")]
mod first_minutes;
#[cfg(target_os = "linux")]
mod in_use;
mod passphrases;
mod sessions;
#[cfg(target_os = "linux")]
mod terminal;
#[cfg(target_os = "linux")]
mod unread;
pub mod writers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use getimg_keys::backend::local::encrypted_files::{EncryptedFiles, Unlocking};
use getimg_keys::backend::local::session::Session;
use getimg_keys::backend::{Health, Slot, Store, StoreError};
use getimg_keys::model::ApiKey;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::support::canary::{contains, text};
use crate::support::{have, quick_files, skipped};

const PASSPHRASE: &str = "correct horse battery";

/// A folder with a passphrase, and a place beside it.
struct Place {
    root: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self::empty();
        quick_files::create(&place.folder(), PASSPHRASE);
        place
    }

    fn empty() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("keys")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    fn store<'a>(&self, unlocking: Unlocking<'a>) -> EncryptedFiles<'a> {
        EncryptedFiles::open(&self.folder(), unlocking)
    }

    /// A store that writes and never prompts.
    fn writer(&self) -> EncryptedFiles<'static> {
        self.store(nothing(self))
    }

    /// A store whose prompt gets an answer.
    fn reader(&self, passphrase: &str) -> EncryptedFiles<'static> {
        let passphrase = secret(passphrase);
        let prompt: Box<dyn Fn() -> _> = Box::new(move || Ok(passphrase.clone()));
        self.store(Unlocking { prompt: Some(prompt), ..nothing(self) })
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn nothing(place: &Place) -> Unlocking<'static> {
    let session = Session::of(&place.folder());
    Unlocking { session, own_key: None, passphrase_file: None, passphrase_command: None, prompt: None }
}

pub(crate) fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

fn key(letter: char) -> ApiKey {
    ApiKey::parse(secret(&text(letter))).unwrap()
}

fn dev() -> Slot {
    let keys = ['a', 'b', 'c', 'd'].map(|letter| key(letter).fingerprint());
    Slot::current(&"dev".parse().unwrap()).holding(keys)
}

fn read(store: &EncryptedFiles<'_>, slot: &Slot) -> Result<String, StoreError> {
    store.get(slot).map(|key| key.expose().to_owned())
}

fn damaged(path: &Path, what: &str) -> StoreError {
    let what = format!("{} {what}", path.display());
    let folder = path.parent().unwrap().to_owned();
    match path.file_name().unwrap().to_str() {
        Some("identity") => StoreError::NoIdentity { what, folder },
        Some("recipient") => StoreError::NoRecipient { what, folder },
        _ => StoreError::Damaged(what),
    }
}

#[test]
fn what_is_written_without_a_passphrase_is_read_with_it() {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    place.writer().put(&dev(), &key('b')).unwrap();
    assert_eq!(read(&place.reader(PASSPHRASE), &dev()), Ok(text('b')));
    assert_eq!(place.names(), [".lock", "dev.age", "identity", "recipient"]);
}

#[test]
fn a_copy_is_the_same_ciphertext_and_needs_no_passphrase() {
    let place = Place::new();
    let previous = Slot::previous(&dev().profile);
    place.writer().put(&dev(), &key('a')).unwrap();
    place.writer().copy(&dev(), &previous).unwrap();
    assert_eq!(fs::read(place.file("dev.age")).unwrap(), fs::read(place.file("dev~previous.age")).unwrap());
    assert_eq!(read(&place.reader(PASSPHRASE), &previous), Ok(text('a')));
    assert_eq!(place.writer().copy(&Slot::next(&dev().profile), &dev()), Err(StoreError::Missing));
}

#[test]
fn a_forgotten_key_is_missing_and_forgetting_twice_is_no_error() {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    assert_eq!(place.writer().forget(&dev()), Ok(()));
    assert_eq!(place.writer().forget(&dev()), Ok(()));
    assert_eq!(read(&place.writer(), &dev()), Err(StoreError::Missing));
    assert_eq!(Place::empty().writer().forget(&dev()), Ok(()));
}

#[test]
fn a_folder_without_a_passphrase_is_told_from_a_missing_key() {
    let place = Place::empty();
    assert!(!EncryptedFiles::exists(&place.folder()));
    assert_eq!(place.writer().put(&dev(), &key('a')), Err(StoreError::NotSetUp));
    assert_eq!(place.writer().health(), Health::Unwell(StoreError::NotSetUp));
    let place = Place::new();
    assert!(EncryptedFiles::exists(&place.folder()));
    assert_eq!(read(&place.writer(), &dev()), Err(StoreError::Missing));
}

#[test]
fn a_second_passphrase_is_refused() {
    let place = Place::new();
    let before = fs::read(place.file("identity")).unwrap();
    let refused = EncryptedFiles::create(&place.folder(), &secret("another")).unwrap_err();
    assert_eq!(refused.to_string(), format!("{} already has a passphrase", place.folder().display()));
    assert_eq!(fs::read(place.file("identity")).unwrap(), before);
}

#[test]
fn debians_age_opens_a_key_with_the_passphrase() {
    if !have("age") || !have("script") {
        return;
    }
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    let opened = place.root.path().join("opened");
    // age reads the passphrase from the terminal, so it gets one.
    let typed = format!("sleep 1; echo '{PASSPHRASE}'; sleep 4");
    let age = format!("age -d -i identity -o {} dev.age", opened.display());
    let run = format!("({typed}) | script -qec '{age}' /dev/null");
    let ran = Command::new("sh").args(["-c", &run]).current_dir(place.folder()).output().unwrap();
    assert_eq!(fs::read_to_string(&opened).ok(), Some(text('a')), "{}", String::from_utf8_lossy(&ran.stdout));
}

#[test]
fn a_key_that_debians_age_encrypted_to_the_recipient_is_read() {
    if !have("age") {
        return;
    }
    let place = Place::new();
    let run = format!("echo {} | age -R recipient -o dev.age", text('a'));
    assert!(Command::new("sh").args(["-c", &run]).current_dir(place.folder()).status().unwrap().success());
    assert_eq!(read(&place.reader(PASSPHRASE), &dev()), Ok(text('a')));
}

#[test]
fn neither_key_nor_passphrase_nor_identity_lies_in_the_folder() {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    place.writer().copy(&dev(), &Slot::next(&dev().profile)).unwrap();
    assert_eq!(read(&place.reader(PASSPHRASE), &dev()), Ok(text('a')));
    for name in place.names() {
        let bytes = fs::read(place.file(&name)).unwrap();
        for canary in [&text('a')[3..], PASSPHRASE, "AGE-SECRET-KEY-"] {
            assert!(!contains(&bytes, canary.as_bytes()), "{canary} in {name}");
        }
    }
    assert!(contains(&fs::read(place.file("recipient")).unwrap(), b"age1"), "the search itself works");
}
