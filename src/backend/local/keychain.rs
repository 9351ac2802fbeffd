//! The operating system's keychain: the `keyring` crate on macOS and Windows, our own calls to the Secret Service.

use zeroize::Zeroizing;

use crate::backend::{Entry, Health, Slot, Store, StoreError, StoreKind};
use crate::model::{ApiKey, Fingerprint};

#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;
#[cfg(all(unix, not(target_os = "macos")))]
use secret_service::{self as platform, Client};

#[cfg(any(target_os = "macos", windows))]
mod elsewhere;
#[cfg(any(target_os = "macos", windows))]
use elsewhere::{self as platform, Client};

mod os_errors;
mod waiting;

use waiting::Waiting;

/// The keychain's entries of one service: the account is the profile's name.
pub struct Keychain<'a> {
    service: String,
    dialogs: Dialogs,
    waiting: Waiting<'a>,
}

/// What happens with a dialog of the desktop, for example one that unlocks the keychain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialogs {
    /// A person is there to answer it.
    Answered,
    /// Nobody is there, so none is opened.
    Unanswered,
    /// None may be opened, not even by a search: nobody asked for one at a shell prompt.
    Never,
}

/// An entry's name in the keychain, and our keys that it may hold.
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
    /// `on_dialog` is called after 3 s without an answer, if a person could be looking at a dialog of
    /// the desktop; the call then has 120 s. Without [`Dialogs::Answered`] a call has 5 s.
    pub fn new(service: &str, dialogs: Dialogs, on_dialog: Box<dyn Fn() + 'a>) -> Self {
        Self { service: service.to_owned(), dialogs, waiting: Waiting::new(dialogs, on_dialog) }
    }

    fn in_time<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Client) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.waiting.once(|| platform::in_time(&self.service, self.dialogs, &self.waiting, work))
    }
}

impl Store for Keychain<'_> {
    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
    }

    fn entries(&self, slot: &Slot) -> Result<Vec<Entry>, StoreError> {
        let account = Account::of(slot);
        self.in_time(move |client| client.entries(&account))
    }

    fn accounts(&self) -> Result<Option<Vec<String>>, StoreError> {
        self.in_time(|client| client.accounts())
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        let account = Account::of(slot);
        parse(&self.in_time(move |client| client.read(&account))?)
    }

    /// After a timeout, the remaining keys are not asked for.
    fn get_all(&self, slots: &[Slot]) -> Vec<Result<ApiKey, StoreError>> {
        let accounts: Vec<_> = slots.iter().map(Account::of).collect();
        match self.in_time(move |client| client.read_all(&accounts)) {
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
        let kept = self.in_time(move |client| client.write(&account, &written))?;
        if kept { Ok(()) } else { Err(StoreError::NotKept) }
    }

    fn forget(&self, slot: &Slot) -> Result<(), StoreError> {
        let account = Account::of(slot);
        self.in_time(move |client| client.delete(&account))
    }

    fn health(&self) -> Health {
        match self.in_time(|client| client.health()) {
            Ok(()) => Health::Ready,
            Err(error) => Health::Unwell(error),
        }
    }

    /// If it is unknown, there is none: only a hint is lost.
    fn provider(&self) -> Option<String> {
        self.in_time(|client| client.provider()).ok().flatten()
    }
}

/// The label that a person sees in the system's password manager.
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

/// `None` if it is not a key.
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
