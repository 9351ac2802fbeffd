//! macOS and Windows, with the `keyring` crate: one entry for each account.

use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use keyring::{Entry as Credential, Error as Foreign};
use zeroize::{Zeroize, Zeroizing};

use super::waiting::Waiting;
use super::{Account, Dialogs, fingerprint, label, os_errors};
use crate::backend::{Entry, StoreError};

/// The keychain's entries of one service.
pub(super) struct Client {
    service: String,
}

/// Runs a call on a thread of its own, because it cannot be interrupted.
pub(super) fn in_time<T: Send + 'static>(
    service: &str,
    _: Dialogs,
    waiting: &Waiting,
    work: impl FnOnce(&Client) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (answer, answered) = mpsc::sync_channel(1);
    let client = Client { service: service.to_owned() };
    thread::Builder::new()
        .name("keychain".to_owned())
        // After the time limit nobody receives it any more.
        .spawn(move || _ = answer.send(work(&client)))
        .map_err(|_| StoreError::Failed("no thread could be started".to_owned()))?;
    match answered.recv_timeout(waiting.in_silence()) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Disconnected) => Err(StoreError::Failed("its client failed".to_owned())),
        Err(RecvTimeoutError::Timeout) => {
            answered.recv_timeout(waiting.for_a_dialog()).unwrap_or_else(|_| Err(waiting.no_answer()))
        }
    }
}

impl Client {
    fn with<T>(
        &self,
        account: &Account,
        work: impl FnOnce(&Credential) -> Result<T, Foreign>,
    ) -> Result<T, StoreError> {
        Credential::new(&self.service, &account.name).and_then(|entry| work(&entry)).map_err(explain)
    }

    /// Reads the entry's key.
    pub(super) fn read(&self, account: &Account) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.with(account, |entry| entry.get_secret().map(Zeroizing::new))
    }

    /// These systems have no faster way than one by one.
    pub(super) fn read_all(&self, _: &[Account]) -> Result<HashMap<String, Zeroizing<Vec<u8>>>, StoreError> {
        Ok(HashMap::new())
    }

    /// Writes a key and reads it back; returns whether it was the same.
    pub(super) fn write(&self, account: &Account, key: &[u8]) -> Result<bool, StoreError> {
        match self.read(account) {
            Ok(held) if *held == key => return Ok(true),
            Ok(held) if account.is_ours(&held) => {}
            Ok(held) => return Err(StoreError::Occupied(vec![described(account, &held)])),
            Err(StoreError::Missing) => {}
            Err(why) => return Err(why),
        }
        self.with(account, |entry| {
            entry.set_secret(key)?;
            let kept = Zeroizing::new(entry.get_secret()?);
            Ok(*kept == key)
        })
    }

    /// Deletes the entry if it holds one of our keys.
    pub(super) fn delete(&self, account: &Account) -> Result<(), StoreError> {
        match self.read(account) {
            Ok(held) if account.is_ours(&held) => self.with(account, Credential::delete_credential),
            Ok(_) | Err(StoreError::Missing) => Ok(()),
            Err(why) => Err(why),
        }
    }

    /// The only entry of an account.
    pub(super) fn entries(&self, account: &Account) -> Result<Vec<Entry>, StoreError> {
        match self.read(account) {
            Ok(held) => Ok(vec![described(account, &held)]),
            Err(StoreError::Missing) => Ok(Vec::new()),
            Err(why) => Err(why),
        }
    }

    /// The crate lists no entries on these systems.
    pub(super) fn accounts(&self) -> Result<Option<Vec<String>>, StoreError> {
        Ok(None)
    }

    /// The system itself.
    pub(super) fn provider(&self) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    /// Whether a key could be read now; opens no dialog. On Windows only asking for an entry shows that a session has
    /// no vault.
    pub(super) fn health(&self) -> Result<(), StoreError> {
        // No profile has such a name.
        let nobody = Account { name: "~".to_owned(), ours: Vec::new() };
        match Credential::store_status() {
            // The crate says no more of it than that there is none.
            Err(_) => Err(StoreError::NoProvider),
            Ok(()) if cfg!(windows) => match self.read(&nobody) {
                Ok(_) | Err(StoreError::Missing) => Ok(()),
                Err(why) => Err(why),
            },
            Ok(()) => Ok(()),
        }
    }
}

fn described(account: &Account, held: &[u8]) -> Entry {
    Entry { label: Some(label(&account.name)), modified: None, fingerprint: fingerprint(held) }
}

/// Replaces a foreign error by our own and wipes its bytes: two of its kinds contain the secret.
fn explain(error: Foreign) -> StoreError {
    match error {
        Foreign::BadEncoding(mut bytes) | Foreign::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            StoreError::NotAKey
        }
        Foreign::NoEntry => StoreError::Missing,
        Foreign::Ambiguous(_) => StoreError::Ambiguous(Vec::new()),
        Foreign::NoDefaultStore => StoreError::NoProvider,
        Foreign::BadStoreFormat(_) => StoreError::Failed("its content is damaged".to_owned()),
        other => by_number(&other).unwrap_or_else(|| match other {
            Foreign::NoStorageAccess(_) => StoreError::Denied,
            Foreign::TooLong(name, most) => StoreError::Failed(format!("{name} may have {most} characters")),
            _ => StoreError::Failed("the system refused the call".to_owned()),
        }),
    }
}

/// The platform's error has the system's error number in its text; neither kind contains the secret.
fn by_number(error: &Foreign) -> Option<StoreError> {
    let of = if cfg!(windows) { os_errors::of_windows } else { os_errors::of_macos };
    let (Foreign::PlatformFailure(why) | Foreign::NoStorageAccess(why)) = error else { return None };
    let words = format!("{why:?}");
    let mut numbers = words.split(|c: char| !c.is_ascii_digit() && c != '-').filter_map(|n| n.parse().ok());
    numbers.next().and_then(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_number_says_what_is_wrong() {
        /// The form in which the crates of both systems show their numbers.
        #[derive(Debug, thiserror::Error)]
        #[error("in words")]
        struct PlatformError(#[allow(dead_code, reason = "shown by Debug")] i64);

        let no_vault = if cfg!(windows) { (1312, StoreError::NoVault) } else { (-25308, StoreError::Locked) };
        let (number, meant) = no_vault;
        assert_eq!(explain(Foreign::NoStorageAccess(Box::new(PlatformError(number)))), meant);
        assert_eq!(explain(Foreign::PlatformFailure(Box::new(PlatformError(number)))), meant);
        assert_eq!(explain(Foreign::NoStorageAccess(Box::new(PlatformError(1)))), StoreError::Denied);
    }

    #[test]
    fn a_foreign_error_that_carries_the_secret_is_wiped_and_replaced() {
        let secret = || b"a secret".to_vec();
        for cause in [Foreign::BadEncoding(secret()), Foreign::BadDataFormat(secret(), "a secret".into())] {
            let told = explain(cause);
            assert_eq!(told, StoreError::NotAKey);
            assert!(!format!("{told} {told:?}").contains("secret"));
        }
    }
}
