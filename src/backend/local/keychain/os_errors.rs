//! The error numbers of the keychains of macOS and Windows.
#![cfg_attr(
    not(any(test, target_os = "macos", windows)),
    expect(dead_code, reason = "their tests run everywhere")
)]

use crate::backend::StoreError;

/// A status of macOS' Security framework (SecBase.h); `None` for one without a special meaning here.
pub(super) fn of_macos(status: i64) -> Option<StoreError> {
    match status {
        // errSecInteractionNotAllowed, errSecInteractionRequired: locked, and no desktop to ask (ssh, launchd).
        -25308 | -25315 => Some(StoreError::Locked),
        // userCanceledErr, errSecAuthFailed, errSecInvalidOwnerEdit, errSecNoAccessForItem: the user or the access
        // list refused.
        -128 | -25293 | -25244 | -25243 => Some(StoreError::Denied),
        // errSecNotAvailable, errSecNoSuchKeychain, errSecNoDefaultKeychain: there is none to ask.
        -25291 | -25294 | -25307 => Some(StoreError::NoProvider),
        // errSecItemNotFound.
        -25300 => Some(StoreError::Missing),
        _ => None,
    }
}

/// An error of Windows' Credential Manager (winerror.h).
pub(super) fn of_windows(code: i64) -> Option<StoreError> {
    match code {
        // ERROR_NO_SUCH_LOGON_SESSION: a session by ssh or of a service has no vault.
        1312 => Some(StoreError::NoVault),
        // ERROR_ACCESS_DENIED, ERROR_CANCELLED.
        5 | 1223 => Some(StoreError::Denied),
        // ERROR_NOT_FOUND.
        1168 => Some(StoreError::Missing),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_macos_say_locked_or_denied() {
        let table = [
            (-25308, StoreError::Locked),
            (-128, StoreError::Denied),
            (-25293, StoreError::Denied),
            (-25244, StoreError::Denied),
            (-25307, StoreError::NoProvider),
            (-25300, StoreError::Missing),
        ];
        for (status, meant) in table {
            assert_eq!(of_macos(status), Some(meant), "{status}");
        }
        assert_eq!(of_macos(-1), None);
    }

    #[test]
    fn the_numbers_of_windows_say_that_a_session_has_no_vault() {
        assert_eq!(of_windows(1312), Some(StoreError::NoVault));
        assert_eq!(of_windows(5), Some(StoreError::Denied));
        assert_eq!(of_windows(1168), Some(StoreError::Missing));
        assert_eq!(of_windows(87), None);
    }
}
