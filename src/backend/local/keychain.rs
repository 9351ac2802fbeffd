//! The operating system's keychain, by the `keyring` crate.

use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use keyring::{Entry, Error as Foreign};
use zeroize::{Zeroize, Zeroizing};

use crate::backend::{Health, Slot, Store, StoreError, StoreKind};
use crate::model::ApiKey;
use crate::model::store_kind::Session;

#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;
#[cfg(all(unix, not(target_os = "macos")))]
use secret_service as platform;

#[cfg(any(target_os = "macos", windows))]
mod elsewhere;
#[cfg(any(target_os = "macos", windows))]
use elsewhere as platform;

/// How long a call may take where nobody can answer a dialog.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long a dialog may stay open before the person is told of it.
const SILENCE: Duration = Duration::from_secs(3);
/// How long a dialog is waited for.
const DIALOG: Duration = Duration::from_secs(120);

/// The keychain's entries of one service: the account is the profile's name.
pub struct Keychain<'a> {
    service: String,
    session: Session,
    on_dialog: Option<Box<dyn Fn() + 'a>>,
}

impl<'a> Keychain<'a> {
    /// The keychain, without touching it yet.
    ///
    /// `on_dialog` is called after 3 s without an answer, where a person could be looking at a dialog of
    /// the desktop; the call then has 120 s. Without it a call has 5 s.
    pub fn new(service: &str, session: Session, on_dialog: Option<Box<dyn Fn() + 'a>>) -> Self {
        Self { service: service.to_owned(), session, on_dialog }
    }

    /// Makes a call by the `keyring` crate, in time.
    fn call<T: Send + 'static>(
        &self,
        slot: &Slot,
        work: impl FnOnce(&Entry) -> Result<T, Foreign> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (service, account) = (self.service.clone(), slot.to_string());
        self.in_time(move || with_entry(&service, &account, work))
    }

    /// Runs a call on a thread of its own: no keychain has a time-out of its own.
    fn in_time<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let worker = std::thread::Builder::new().name("keychain".to_owned());
        worker
            .spawn(move || _ = answer.send(work()))
            .map_err(|_| StoreError::Failed("no thread could be started".to_owned()))?;
        let (first, then) = match self.on_dialog {
            Some(_) => (SILENCE, DIALOG),
            None => (DEADLINE, Duration::ZERO),
        };
        match answered.recv_timeout(first) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Disconnected) => Err(StoreError::Failed("its client failed".to_owned())),
            Err(RecvTimeoutError::Timeout) => {
                if let Some(tell) = &self.on_dialog {
                    tell();
                }
                answered.recv_timeout(then).unwrap_or(Err(StoreError::NoAnswer((first + then).as_secs())))
            }
        }
    }
}

impl Store for Keychain<'_> {
    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        let (service, account, session) = (self.service.clone(), slot.to_string(), self.session);
        parse(self.in_time(move || {
            let plainly = read_plainly(session, &service, std::slice::from_ref(&account)).remove(&account);
            plainly.map_or_else(
                || with_entry(&service, &account, |entry| entry.get_secret().map(Zeroizing::new)),
                Ok,
            )
        })?)
    }

    /// Where the service does not answer in time, each key is not asked for again.
    fn get_all(&self, slots: &[Slot]) -> Vec<Result<ApiKey, StoreError>> {
        let accounts: Vec<_> = slots.iter().map(ToString::to_string).collect();
        let (service, session) = (self.service.clone(), self.session);
        let read = self.in_time(move || Ok(read_plainly(session, &service, &accounts)));
        match read {
            Err(error) => slots.iter().map(|_| Err(error.clone())).collect(),
            Ok(mut read) => slots
                .iter()
                .map(|slot| read.remove(&slot.to_string()).map_or_else(|| self.get(slot), parse))
                .collect(),
        }
    }

    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError> {
        let written = Zeroizing::new(key.expose().as_bytes().to_vec());
        let kept = self.call(slot, move |entry| {
            entry.set_secret(&written)?;
            let kept = Zeroizing::new(entry.get_secret()?);
            Ok(*kept == *written)
        })?;
        if kept { Ok(()) } else { Err(StoreError::NotKept) }
    }

    fn forget(&self, slot: &Slot) -> Result<(), StoreError> {
        match self.call(slot, |entry| entry.delete_credential()) {
            Err(StoreError::Missing) => Ok(()),
            other => other,
        }
    }

    fn health(&self) -> Health {
        match self.in_time(platform::health) {
            Ok(()) => Health::Ready,
            Err(error) => Health::Unwell(error),
        }
    }
}

fn read_plainly(session: Session, service: &str, accounts: &[String]) -> HashMap<String, Zeroizing<Vec<u8>>> {
    match session {
        Session::Plain => platform::read_plainly(service, accounts),
        Session::Encrypted => HashMap::new(),
    }
}

fn with_entry<T>(
    service: &str,
    account: &str,
    work: impl FnOnce(&Entry) -> Result<T, Foreign>,
) -> Result<T, StoreError> {
    if Entry::store_status().is_err() {
        return Err(platform::why_unreachable());
    }
    Entry::new(service, account).and_then(|entry| work(&entry)).map_err(|e| explain(e, service, account))
}

fn parse(secret: Zeroizing<Vec<u8>>) -> Result<ApiKey, StoreError> {
    let text = std::str::from_utf8(&secret).map_err(|_| StoreError::NotAKey)?;
    ApiKey::parse(Zeroizing::new(text.to_owned())).map_err(|_| StoreError::NotAKey)
}

/// Our own error for a foreign one, whose bytes are wiped: two of its kinds carry the secret.
fn explain(error: Foreign, service: &str, account: &str) -> StoreError {
    match error {
        Foreign::BadEncoding(mut bytes) | Foreign::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            StoreError::NotAKey
        }
        Foreign::NoEntry if platform::is_locked() => StoreError::Locked,
        Foreign::NoEntry => StoreError::Missing,
        Foreign::Ambiguous(_) => StoreError::Ambiguous(platform::matches(service, account)),
        Foreign::NoStorageAccess(_) if platform::is_locked() => StoreError::Locked,
        Foreign::NoStorageAccess(_) => StoreError::Denied,
        Foreign::PlatformFailure(_) | Foreign::NoDefaultStore => platform::why_unreachable(),
        Foreign::BadStoreFormat(_) => StoreError::Failed("its content is damaged".to_owned()),
        _ => StoreError::Failed("it refused the call".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_error_that_carries_the_secret_is_wiped_and_replaced() {
        let secret = || b"a secret".to_vec();
        let causes = [Foreign::BadEncoding(secret()), Foreign::BadDataFormat(secret(), "a secret".into())];
        for cause in causes {
            let told = explain(cause, "getimg-keys", "dev");
            assert_eq!(told, StoreError::NotAKey);
            assert!(!format!("{told} {told:?}").contains("secret"));
        }
    }

    #[test]
    fn what_is_not_a_key_is_never_handed_on() {
        for bytes in [&b"\xff\xfe"[..], b"with space in it!", b""] {
            assert_eq!(parse(Zeroizing::new(bytes.to_vec())).unwrap_err(), StoreError::NotAKey);
        }
    }
}
