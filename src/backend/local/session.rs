//! `unlock`: the decrypted identity, kept by the Linux kernel for a limited time.
//!
//! It is in the user's keyring (`@u`), so that every terminal of that user finds it, under a
//! name made of the folder's hash. The kernel drops it when its time is over, and at every restart of
//! the machine. Other platforms, and containers that forbid the calls, return [`Unavailable`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::model::fingerprint::hex;

/// What the kernel keeps: a time, a space and 74 characters of identity, with room for those that an interrupted
/// replacement leaves beside it.
const LONGEST: usize = 1024;

/// Where one folder's session is kept.
pub struct Session {
    folder: PathBuf,
}

/// What a session holds.
pub struct Kept {
    /// The identity, as age writes it (`AGE-SECRET-KEY-1…`).
    pub identity: Zeroizing<String>,
    /// When the kernel drops it.
    pub until: DateTime<Utc>,
}

/// Why the kernel's keyring cannot be used here.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

impl Session {
    /// The session of one folder of encrypted files.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The key's name in the keyring: `getimg-keys:` and 12 hex digits of the folder's hash.
    pub fn name(&self) -> String {
        // Under another name the identity is not found, and the passphrase is asked for.
        let folder = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let hash = Sha256::digest(folder.as_os_str().as_encoded_bytes());
        format!("getimg-keys:{}", hex(&hash[..6]))
    }

    /// What is kept now; `None` if it was never unlocked, was locked again, or has expired.
    ///
    /// # Errors
    /// [`Unavailable`] if the kernel's keyring cannot be used.
    pub fn kept(&self) -> Result<Option<Kept>, Unavailable> {
        let mut buffer = Zeroizing::new(vec![0; LONGEST]);
        let Some(length) = kernel::read(&self.name(), buffer.as_mut_slice())? else { return Ok(None) };
        Ok(buffer.get(..length).and_then(parse))
    }

    /// Keeps an identity from now on, in place of an earlier one; the kernel drops it after `time`.
    ///
    /// `now` is only used to compute the remaining time later.
    ///
    /// # Errors
    /// [`Unavailable`] if the kernel's keyring cannot be used.
    pub fn keep(
        &self,
        identity: &str,
        time: Duration,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, Unavailable> {
        let seconds = usize::try_from(time.as_secs()).unwrap_or(usize::MAX).max(1);
        let until = chrono::Duration::from_std(time).ok().and_then(|time| now.checked_add_signed(time));
        let until = until.ok_or_else(|| Unavailable("that is too long a time".to_owned()))?;
        let payload = Zeroizing::new(format!("{} {identity}", until.timestamp()));
        kernel::keep(&self.name(), payload.as_bytes(), seconds)?;
        Ok(until)
    }

    /// Drops what is kept; returns whether there was anything.
    ///
    /// # Errors
    /// [`Unavailable`] if the kernel's keyring cannot be used.
    pub fn end(&self) -> Result<bool, Unavailable> {
        kernel::forget(&self.name())
    }
}

fn parse(payload: &[u8]) -> Option<Kept> {
    let (until, identity) = std::str::from_utf8(payload).ok()?.split_once(' ')?;
    let until = DateTime::from_timestamp(until.parse().ok()?, 0)?;
    Some(Kept { identity: Zeroizing::new(identity.to_owned()), until })
}

#[cfg(target_os = "linux")]
mod kernel {
    use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier};

    use super::Unavailable;

    /// The rings of this process and of its user.
    ///
    /// The user's keyring is linked into the process' own, because a key is only readable to a process that
    /// possesses it, and a session may lack such a link (su, cron, some containers).
    fn rings() -> Result<(KeyRing, KeyRing), Unavailable> {
        let open = || {
            let process = KeyRing::from_special_id(KeyRingIdentifier::Process, true)?;
            let user = KeyRing::from_special_id(KeyRingIdentifier::User, true)?;
            process.link_keyring(user)?;
            Ok((process, user))
        };
        open().map_err(explain)
    }

    fn find(user: KeyRing, name: &str) -> Result<Option<Key>, Unavailable> {
        absent(user.search(name))
    }

    pub(super) fn read(name: &str, buffer: &mut [u8]) -> Result<Option<usize>, Unavailable> {
        let (_, user) = rings()?;
        let Some(key) = find(user, name)? else { return Ok(None) };
        let mut buffer = buffer;
        absent(key.read(&mut buffer))
    }

    /// The key is first in the process' own keyring, which ends with the process, and moves to the user's only
    /// after its time limit is set: a run that is killed in between leaves nothing without a limit.
    pub(super) fn keep(name: &str, payload: &[u8], seconds: usize) -> Result<(), Unavailable> {
        let (process, user) = rings()?;
        let place = || {
            let key = process.add_key(name, payload)?;
            key.set_timeout(seconds)?;
            user.link_key(key)?;
            process.unlink_key(key)
        };
        place().map_err(explain)
    }

    pub(super) fn forget(name: &str) -> Result<bool, Unavailable> {
        let (_, user) = rings()?;
        match find(user, name)? {
            Some(key) => key.invalidate().map(|()| true).map_err(explain),
            None => Ok(false),
        }
    }

    fn absent<T>(found: Result<T, KeyError>) -> Result<Option<T>, Unavailable> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked) => Ok(None),
            Err(why) => Err(explain(why)),
        }
    }

    fn explain(why: KeyError) -> Unavailable {
        const NO_SUCH_CALL: i32 = 38;
        let why = match why {
            KeyError::PermissionDenied | KeyError::AccessDenied => {
                "this system forbids it, as containers usually do".to_owned()
            }
            KeyError::Unknown(NO_SUCH_CALL) | KeyError::OperationNotSupported => {
                "this system's kernel has none".to_owned()
            }
            KeyError::QuotaExceeded => "this user's quota for it is used up".to_owned(),
            other => format!("the kernel answered {other:?}"),
        };
        Unavailable(why)
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use super::Unavailable;

    fn none<T>() -> Result<T, Unavailable> {
        Err(Unavailable("only Linux has one".to_owned()))
    }

    pub(super) fn read(_: &str, _: &mut [u8]) -> Result<Option<usize>, Unavailable> {
        none()
    }

    pub(super) fn keep(_: &str, _: &[u8], _: usize) -> Result<(), Unavailable> {
        none()
    }

    pub(super) fn forget(_: &str) -> Result<bool, Unavailable> {
        none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_a_time_and_an_identity() {
        let kept = parse(b"1700000000 AGE-SECRET-KEY-1XYZ").unwrap();
        assert_eq!(kept.identity.as_str(), "AGE-SECRET-KEY-1XYZ");
        assert_eq!(kept.until.to_rfc3339(), "2023-11-14T22:13:20+00:00");
    }

    #[test]
    fn anything_else_is_no_session() {
        for payload in [&b""[..], b"x", b"soon AGE-SECRET-KEY-1XYZ", b"1 \xff", b"99999999999999999 x"] {
            assert!(parse(payload).is_none(), "{payload:?}");
        }
    }

    #[test]
    fn two_folders_never_share_a_session() {
        assert_ne!(Session::of(Path::new("/a")).name(), Session::of(Path::new("/b")).name());
        assert_eq!(Session::of(Path::new("/a")).name().len(), "getimg-keys:".len() + 12);
    }
}
