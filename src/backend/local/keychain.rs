//! The operating system's keychain: macOS and Windows by the `keyring` crate, the Secret Service by our own few calls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::backend::{Entry, Health, Slot, Store, StoreError, StoreKind};
use crate::model::{ApiKey, Fingerprint};

#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;
#[cfg(all(unix, not(target_os = "macos")))]
use secret_service::Platform;

#[cfg(any(target_os = "macos", windows))]
mod elsewhere;
#[cfg(any(target_os = "macos", windows))]
use elsewhere::Platform;

mod os_errors;

/// How long a call may take where nobody can answer a dialog.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long a dialog may stay open before the person is told of it.
const SILENCE: Duration = Duration::from_secs(3);
/// How long a dialog is waited for.
const DIALOG: Duration = Duration::from_secs(120);

/// A call of this process was not answered: the next one would only wait as long again.
static UNANSWERED: AtomicBool = AtomicBool::new(false);

/// The keychain's entries of one service: the account is the profile's name.
pub struct Keychain<'a> {
    platform: Platform,
    on_dialog: Option<Box<dyn Fn() + 'a>>,
}

/// What becomes of a dialog of the desktop, such as one that unlocks the keychain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialogs {
    /// A person is there to answer it.
    Answered,
    /// Nobody is: none is asked for.
    Unanswered,
    /// None may be opened, not by a search either: at a prompt nobody asked for one.
    Never,
}

/// An entry's name in the keychain, and the keys of ours that it may hold.
#[derive(Clone)]
struct Account {
    name: String,
    ours: Vec<Fingerprint>,
}

impl Account {
    fn of(slot: &Slot) -> Self {
        Self { name: slot.to_string(), ours: slot.ours.clone() }
    }

    fn is_ours(&self, secret: &[u8]) -> bool {
        fingerprint(secret).is_some_and(|found| self.ours.contains(&found))
    }
}

impl<'a> Keychain<'a> {
    /// The keychain, without touching it yet.
    ///
    /// `on_dialog` is called after 3 s without an answer, where a person could be looking at a dialog of
    /// the desktop; the call then has 120 s. Without [`Dialogs::Answered`] a call has 5 s.
    pub fn new(service: &str, dialogs: Dialogs, on_dialog: Box<dyn Fn() + 'a>) -> Self {
        let on_dialog = (dialogs == Dialogs::Answered).then_some(on_dialog);
        Self { platform: Platform::new(service, dialogs), on_dialog }
    }

    /// Runs a call on a thread of its own: no keychain has a time-out of its own.
    fn in_time<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Platform) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (first, then) = match self.on_dialog {
            Some(_) => (SILENCE, DIALOG),
            None => (DEADLINE, Duration::ZERO),
        };
        let no_answer = || StoreError::NoAnswer((first + then).as_secs());
        if UNANSWERED.load(Ordering::Relaxed) {
            return Err(no_answer());
        }
        let (answer, answered) = mpsc::sync_channel(1);
        let platform = self.platform.clone();
        let worker = std::thread::Builder::new().name("keychain".to_owned());
        worker
            .spawn(move || _ = answer.send(work(&platform)))
            .map_err(|_| StoreError::Failed("no thread could be started".to_owned()))?;
        let answer = match answered.recv_timeout(first) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Disconnected) => Err(StoreError::Failed("its client failed".to_owned())),
            Err(RecvTimeoutError::Timeout) => {
                if let Some(tell) = &self.on_dialog {
                    tell();
                }
                answered.recv_timeout(then).unwrap_or_else(|_| Err(no_answer()))
            }
        };
        if matches!(answer, Err(StoreError::NoAnswer(_))) {
            UNANSWERED.store(true, Ordering::Relaxed);
        }
        answer
    }
}

impl Store for Keychain<'_> {
    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
    }

    fn entries(&self, slot: &Slot) -> Result<Vec<Entry>, StoreError> {
        let account = Account::of(slot);
        self.in_time(move |platform| platform.entries(&account))
    }

    fn accounts(&self) -> Result<Option<Vec<String>>, StoreError> {
        self.in_time(Platform::accounts)
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        let account = Account::of(slot);
        parse(&self.in_time(move |platform| platform.read(&account))?)
    }

    /// Where the service does not answer in time, each key is not asked for again.
    fn get_all(&self, slots: &[Slot]) -> Vec<Result<ApiKey, StoreError>> {
        let accounts: Vec<_> = slots.iter().map(Account::of).collect();
        match self.in_time(move |platform| platform.read_all(&accounts)) {
            Err(error) => slots.iter().map(|_| Err(error.clone())).collect(),
            Ok(mut read) => slots
                .iter()
                .map(|slot| read.remove(&slot.to_string()).map_or_else(|| self.get(slot), |key| parse(&key)))
                .collect(),
        }
    }

    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError> {
        let account = Account::of(slot);
        let written = Zeroizing::new(key.expose().as_bytes().to_vec());
        let kept = self.in_time(move |platform| platform.write(&account, &written))?;
        if kept { Ok(()) } else { Err(StoreError::NotKept) }
    }

    fn forget(&self, slot: &Slot) -> Result<(), StoreError> {
        let account = Account::of(slot);
        self.in_time(move |platform| platform.delete(&account))
    }

    fn health(&self) -> Health {
        match self.in_time(Platform::health) {
            Ok(()) => Health::Ready,
            Err(error) => Health::Unwell(error),
        }
    }

    /// One that is not told is as none: only advice is lost.
    fn provider(&self) -> Option<String> {
        self.in_time(Platform::provider).ok().flatten()
    }
}

/// What a person reads in the system's password manager.
fn label(account: &str) -> String {
    match account.split_once('~') {
        None => format!("getimg.ai API key of {account}"),
        Some((profile, role)) => format!("getimg.ai API key of {profile} ({role})"),
    }
}

fn parse(secret: &[u8]) -> Result<ApiKey, StoreError> {
    let text = std::str::from_utf8(secret).map_err(|_| StoreError::NotAKey)?;
    ApiKey::parse(Zeroizing::new(text.to_owned())).map_err(|_| StoreError::NotAKey)
}

/// `None` for what is no key.
fn fingerprint(secret: &[u8]) -> Option<Fingerprint> {
    parse(secret).ok().map(|key| key.fingerprint())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_key_is_never_handed_on() {
        for bytes in [&b"\xff\xfe"[..], b"with space in it!", b""] {
            assert_eq!(parse(bytes).unwrap_err(), StoreError::NotAKey);
        }
    }

    #[test]
    fn a_person_recognizes_the_label() {
        assert_eq!(label("dev"), "getimg.ai API key of dev");
        assert_eq!(label("dev~previous"), "getimg.ai API key of dev (previous)");
    }
}
