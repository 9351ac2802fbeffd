//! macOS and Windows: their keychains are always there, and say themselves what is wrong.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::StoreError;

/// Reads keys in a quicker way than the `keyring` crate: there is none here.
pub(super) fn read_plainly(_: &str, _: &[String]) -> HashMap<String, Zeroizing<Vec<u8>>> {
    HashMap::new()
}

/// What keeps the keychain from answering; called when it did not.
pub(super) fn why_unreachable() -> StoreError {
    StoreError::Failed("the system refused the call".to_owned())
}

/// Whether a key could be had now; opens no dialog.
pub(super) fn health() -> Result<(), StoreError> {
    if keyring::Entry::store_status().is_ok() { Ok(()) } else { Err(StoreError::NoProvider) }
}

/// Whether it is locked: these systems answer with a refusal of their own instead.
pub(super) fn is_locked() -> bool {
    false
}

/// The entries that answer to one account: there can be only one.
pub(super) fn matches(_: &str, _: &str) -> Vec<String> {
    Vec::new()
}
