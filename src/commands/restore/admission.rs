//! Which keys of a backup may be restored: each passes the checks of `add` before any is stored.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::Keys;
use crate::backend::Slot;
use crate::error::{Error, Result};
use crate::flows::admit;
use crate::hint::Hint;
use crate::model::{
    ApiKey, Attempt, KeyRecord, KnownKeys, PreviousKey, Profile, Profiles, Retired, Verification, profile,
    retired,
};

/// The longest host name; longer than any code of the API.
const LONGEST_WORD: usize = 253;
/// The longest key hint: `key-…` and four characters.
const LONGEST_MASK: usize = 9;

/// Refuses a backup that gives one key to two profiles, or holds a key that it also lists as given up.
///
/// # Errors
/// Such a backup (exit 6).
pub(super) fn refuse_twice(backup: &Profiles) -> Result<()> {
    let mut seen = HashSet::new();
    let given_up: HashMap<_, _> = backup
        .retired
        .iter()
        .filter(|retired| retired.reason != retired::Reason::Removed)
        .map(|retired| (retired.fingerprint, retired))
        .collect();
    for profile in &backup.all {
        let name = &profile.name;
        for key in profile.keys() {
            if !seen.insert(key) {
                let what =
                    format!("the backup holds the key of `{name}` ({key}) twice; nothing was restored");
                return Err(Error::policy(what).hint(Hint::run("restore FILE").note("another backup")));
            }
            if let Some(gone) = given_up.get(&key) {
                let how = gone.reason.past_tense();
                return Err(Error::policy(format!(
                    "a key of `{name}` in the backup ({key}) {how} `{}`; nothing was restored",
                    gone.profile
                ))
                .hint(Hint::run("restore FILE").note("another backup")));
            }
        }
    }
    Ok(())
}

/// Refuses keys that may not be restored; returns notes about those that were removed.
///
/// # Errors
/// A current or previous key that another profile has here, or that was rotated out or compromised (exit 6).
pub(super) fn refuse_known(here: &KnownKeys<'_>, wanted: &[Profile]) -> Result<Vec<String>> {
    let mut words = Vec::new();
    for profile in wanted {
        let places: Vec<_> = profile.pushed.iter().map(|place| short(&place.target, LONGEST_WORD)).collect();
        if !places.is_empty() {
            let places = short(&places.join(", "), LONGEST_WORD);
            words.push(format!("`{}` was pushed to {places}: push it there again", profile.name));
        }
        for key in profile.keys() {
            let word = admit::returning_key(here.known(&key), &profile.name).map_err(|error| {
                let message =
                    format!("`{}` in the backup: {}; nothing was restored", profile.name, error.message);
                Error { message, ..error }
            })?;
            words.extend(word);
        }
    }
    Ok(words)
}

/// The profiles as they are restored. What can be computed from a key is not taken from the backup, no time is in the
/// future, no text is longer than ours, and no profile loses its protection.
pub(super) fn believed(
    here: &KnownKeys<'_>,
    keys: &Keys<'_>,
    wanted: Vec<Profile>,
    now: DateTime<Utc>,
) -> Vec<Profile> {
    let key = |slot: Slot| keys.get(&slot.to_string()).copied();
    let believed = |profile: Profile| {
        let (current, before) = (key(Slot::current(&profile.name)), key(Slot::previous(&profile.name)));
        let previous = profile.previous.map(|previous| PreviousKey {
            since: past(previous.since, now),
            key: believed_record(previous.key, before, now),
        });
        Profile {
            protected: profile.protected || here.get(&profile.name).is_some_and(|here| here.protected),
            note: profile.note.map(|note| short(&note, profile::LONGEST_NOTE)),
            added_at: past(profile.added_at, now),
            rotated_at: profile.rotated_at.map(|at| past(at, now)),
            key: believed_record(profile.key, current, now),
            previous,
            // Otherwise the next `push --again` would send the key wherever a forged backup says.
            pushed: Vec::new(),
            name: profile.name,
        }
    };
    wanted.into_iter().map(believed).collect()
}

fn believed_record(record: KeyRecord, key: Option<&ApiKey>, now: DateTime<Utc>) -> KeyRecord {
    let verification = record.verification.map(|last| Verification {
        checked_at: past(last.checked_at, now),
        code: last.code.map(|code| short(&code, LONGEST_WORD)),
        host: short(&last.host, LONGEST_WORD),
        ..last
    });
    KeyRecord {
        length: key.map_or(record.length, ApiKey::len),
        hint: key.and_then(ApiKey::hint),
        kind: key.map_or(record.kind, ApiKey::kind),
        added_at: past(record.added_at, now),
        issued_at: record.issued_at.map(|at| past(at, now)),
        compromised_at: record.compromised_at.map(|at| past(at, now)),
        verification,
        last_attempt: record.last_attempt.map(|last| Attempt { at: past(last.at, now), ..last }),
        ..record
    }
}

/// The same for a key that was given up: without the key its hint cannot be computed.
pub(super) fn believed_retired(retired: Retired, now: DateTime<Utc>) -> Retired {
    let is_mask = |hint: &String| hint.chars().count() <= LONGEST_MASK && hint.contains('…');
    Retired {
        hint: retired.hint.filter(is_mask),
        at: past(retired.at, now),
        refused_at: retired.refused_at.map(|at| past(at, now)),
        ..retired
    }
}

/// A time that is not in the future of this machine's clock.
fn past(at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    at.clamp(DateTime::UNIX_EPOCH, now.max(DateTime::UNIX_EPOCH))
}

fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
