//! Which keys of a backup may come back: each passes what `add` refuses, before anything of it is stored.

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::flows::admit;
use crate::model::{Profile, Profiles, retired};

/// Refuses a backup that gives one key to two profiles, or holds one that it also says was given up.
///
/// # Errors
/// Such a backup (exit 6).
pub(super) fn refuse_twice(backup: &Profiles) -> Result<()> {
    let mut seen = HashSet::new();
    for profile in &backup.profiles {
        let name = &profile.name;
        for key in profile.keys() {
            if !seen.insert(key) {
                let what =
                    format!("the backup holds the key of `{name}` ({key}) twice; nothing was restored");
                return Err(Error::policy(what).hint("getimg-keys restore FILE  # another backup"));
            }
            let given_up =
                |r: &&retired::Retired| r.fingerprint == key && r.reason != retired::Reason::Removed;
            if let Some(gone) = backup.retired.iter().find(given_up) {
                let how = gone.reason.past_tense();
                return Err(Error::policy(format!(
                    "a key of `{name}` in the backup ({key}) {how} `{}`; nothing was restored",
                    gone.profile
                ))
                .hint("getimg-keys restore FILE  # another backup"));
            }
        }
    }
    Ok(())
}

/// Refuses keys that may not come back; the words for those that were removed.
///
/// # Errors
/// A key in use or a previous one that is another profile's here, was rotated out or compromised (exit 6).
pub(super) fn refuse_known(here: &Profiles, wanted: &[Profile]) -> Result<Vec<String>> {
    let mut words = Vec::new();
    for profile in wanted {
        for key in profile.keys() {
            let word = admit::returning_key(here, &profile.name, key).map_err(|error| {
                let message =
                    format!("`{}` in the backup: {}; nothing was restored", profile.name, error.message);
                Error { message, ..error }
            })?;
            words.extend(word);
        }
    }
    Ok(words)
}

/// The profiles as they come back: no backup lifts a protection.
pub(super) fn guarded(here: &Profiles, wanted: Vec<Profile>) -> Vec<Profile> {
    let guarded = |profile: Profile| {
        let protected = profile.protected || here.get(&profile.name).is_some_and(|here| here.protected);
        Profile { protected, ..profile }
    };
    wanted.into_iter().map(guarded).collect()
}
