//! What a person is told of a store that did not serve.

use crate::backend::StoreError;
use crate::error::Error;
use crate::flows::passphrase;
use crate::model::{ProfileName, StoreKind};

/// What a person is told of a store that did not serve, with the way out.
pub fn explain(error: &StoreError, kind: StoreKind, profile: Option<&ProfileName>) -> Error {
    let store = kind.in_words();
    let key = profile.map_or_else(|| "the key".to_owned(), |name| format!("the key of `{name}`"));
    match error {
        StoreError::Missing => {
            let error = Error::not_found(format!(
                "{key} is missing in {store}: it was deleted there by something else"
            ));
            match profile {
                Some(name) => error.hint(format!("getimg-keys remove {name} && getimg-keys add {name}")),
                None => error,
            }
        }
        StoreError::Locked => {
            let why = profile.map_or_else(String::new, |_| format!(", so {key} is out of reach"));
            Error::store(format!("{store} is locked{why}")).hint(
                "unlock it (log in to the desktop, or open its password manager), then run the command again",
            )
        }
        StoreError::Denied => Error::store(format!("{store} denied access to {key}"))
            .hint("run the command again and allow the access"),
        StoreError::NoBus => Error::store("there is no D-Bus session, so the keychain cannot be reached")
            .hint("dbus-run-session -- $SHELL  # then the command again")
            .hint(OTHER_WAY),
        StoreError::NoProvider => {
            Error::store("nothing on this machine provides a keychain (Secret Service)")
                .hint("sudo apt install gnome-keyring  # or another Secret Service, then the command again")
                .hint(OTHER_WAY)
        }
        StoreError::NoAnswer(seconds) => {
            let what = profile.map_or_else(String::new, |_| format!(" for {key}"));
            Error::store(format!("{store} did not answer within {seconds} s{what}"))
                .hint("getimg-keys doctor")
        }
        StoreError::Ambiguous(places) => Error::store(format!(
            "{} entries in {store} answer for {key}, and none was chosen: {}",
            places.len(),
            places.join(", ")
        ))
        .hint("delete all but one of them in the system's password manager"),
        StoreError::NotAKey => {
            Error::failure(format!("what {store} holds for {key} is not a key")).hint("getimg-keys doctor")
        }
        StoreError::ReadOnly => {
            Error::usage(format!("{store} can only be read")).hint("leave out --store env")
        }
        StoreError::Cancelled => Error::cancelled(),
        StoreError::NotSetUp
        | StoreError::PassphraseNeeded
        | StoreError::WrongPassphrase(_)
        | StoreError::PassphraseFile(_)
        | StoreError::PassphraseCommand(_)
        | StoreError::NoSession(_)
        | StoreError::Damaged(_) => passphrase::explain(error, profile),
        StoreError::NotKept | StoreError::Failed(_) => {
            Error::failure(format!("{store} failed on {key}: {error}")).hint("getimg-keys doctor")
        }
    }
}

/// On no terminal the passphrase of the encrypted files comes from `$GETIMG_KEYS_PASSPHRASE_FILE`.
const OTHER_WAY: &str = "getimg-keys add NAME --store file  # encrypted files instead of a keychain";
