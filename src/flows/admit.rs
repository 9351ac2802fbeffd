//! Which keys may be added and which may be handed out: the one place that refuses a key by its fingerprint.
//!
//! Every way in passes here: `add`, `import`, `rotate`, `store adopt`, what `verify` takes over, and each key of a backup.
//! `store migrate` brings nothing in: it copies a key only where it has the recorded fingerprint.

use crate::api::DEVELOPER_SETTINGS;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::profiles::Known;
use crate::model::{Fingerprint, ProfileName, Profiles, retired};

/// Refuses a key that any profile holds, or that was rotated out or compromised.
///
/// # Errors
/// Such a key (exit 6), naming the profile and when. One that was merely removed comes back with the word
/// that is returned.
pub fn new_key(profiles: &Profiles, key: Fingerprint) -> Result<Option<String>> {
    unless_known(profiles.known(&key).as_ref())
}

fn unless_known(known: Option<&Known<'_>>) -> Result<Option<String>> {
    let why = match known {
        None => return Ok(None),
        Some(Known::Current(p)) => {
            format!("is already the key of `{}`, since {}", p.name, p.key.added_at.date_naive())
        }
        Some(Known::Previous(p)) => {
            let since = p.previous.as_ref().map(|old| format!(" since {}", old.since.date_naive()));
            let since = since.unwrap_or_default();
            format!("is the previous key of `{}`, whose rotation is open{since}", p.name)
        }
        Some(Known::Retired(r)) if r.reason == retired::Reason::Removed => {
            return Ok(Some(format!("this key {}; adding it again", given_up(r))));
        }
        Some(Known::Retired(r)) => given_up(r),
    };
    let which = if is_in_use(known) { "separate" } else { "new" };
    let create = format!("create a {which} key at {DEVELOPER_SETTINGS}");
    Err(Error::policy(format!("this key {why}")).hint(create))
}

fn is_in_use(known: Option<&Known<'_>>) -> bool {
    matches!(known, Some(Known::Current(profile)) if profile.key.compromised_at.is_none())
}

/// The same for a key that is to have a new profile: where another has it, that one may be what is wanted.
///
/// # Errors
/// As [`new_key`].
pub fn added_key(profiles: &Profiles, key: Fingerprint) -> Result<Option<String>> {
    let known = profiles.known(&key);
    unless_known(known.as_ref()).map_err(|refused| match &known {
        Some(known) if is_in_use(Some(known)) => refused.hint(Hint::run("use").arg(known.profile_name())),
        _ => refused,
    })
}

/// The same for a key that comes back into the profile that holds it, in use or as its previous key; a compromised one
/// does not. Takes what is known of the key here.
///
/// # Errors
/// As [`new_key`].
pub fn returning_key(known: Option<&Known<'_>>, profile: &ProfileName) -> Result<Option<String>> {
    let held_by_itself = known.is_some_and(|known| {
        known.profile_name() == profile
            && known.record().is_some_and(|record| record.compromised_at.is_none())
    });
    if held_by_itself { Ok(None) } else { unless_known(known) }
}

/// Refuses a key that was given up and is handed out by a store that knows nothing of that, as the variables of CI.
///
/// # Errors
/// A key that was rotated out or compromised (exit 6).
pub fn hand_out(profiles: &Profiles, profile: &ProfileName, key: Fingerprint) -> Result<()> {
    let given_up_for_good =
        |r: &&retired::Retired| r.fingerprint == key && r.reason != retired::Reason::Removed;
    match profiles.retired.iter().find(given_up_for_good) {
        None => Ok(()),
        Some(r) => {
            Err(Error::policy(format!("the key for `{profile}` {}; it is not handed out", given_up(r))).hint(
                Hint::advice(format!(
                    "create a new key at {DEVELOPER_SETTINGS}, and put it where this one is"
                )),
            ))
        }
    }
}

fn given_up(key: &retired::Retired) -> String {
    format!("{} `{}` on {}", key.reason.past_tense(), key.profile, key.at.date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::{day, key, name, profiles};
    use crate::model::{KeyRecord, PreviousKey};

    /// `dev` with a previous key `old`; `gone`, `lost` and `leaked` were given up.
    fn known() -> Profiles {
        let mut profiles = profiles(&["dev"]);
        profiles.all[0].previous =
            Some(PreviousKey { since: day(2), key: KeyRecord::of(&key("old"), day(1)) });
        let reasons = [
            ("gone", retired::Reason::Removed),
            ("lost", retired::Reason::Rotated),
            ("leaked", retired::Reason::Compromised),
        ];
        for (text, reason) in reasons {
            profiles.retire(KeyRecord::of(&key(text), day(1)).retire(&name("ci"), reason, day(3)));
        }
        profiles
    }

    #[test]
    fn only_a_key_that_is_unknown_or_was_merely_removed_comes_in() {
        let profiles = known();
        let said = |text: &str| match new_key(&profiles, key(text).fingerprint()) {
            Ok(word) => word.unwrap_or_else(|| "welcome".to_owned()),
            Err(refused) => format!("{} {}", refused.kind.code(), refused.message),
        };
        let table = [
            ("new", "welcome"),
            ("gone", "this key was removed with `ci` on 2024-10-07; adding it again"),
            ("dev", "6 this key is already the key of `dev`, since 2024-10-04"),
            ("old", "6 this key is the previous key of `dev`, whose rotation is open since 2024-10-06"),
            ("lost", "6 this key was rotated out of `ci` on 2024-10-07"),
            ("leaked", "6 this key was declared compromised in `ci` on 2024-10-07"),
        ];
        for (text, wanted) in table {
            assert_eq!(said(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_key_comes_back_into_its_own_profile_unless_it_was_compromised() {
        let mut profiles = known();
        let comes_back = |profiles: &Profiles, profile: &str, text: &str| {
            returning_key(profiles.known(&key(text).fingerprint()).as_ref(), &name(profile)).is_ok()
        };
        for (profile, text, wanted) in [
            ("dev", "dev", true),
            ("dev", "old", true),
            ("ci", "dev", false),
            ("ci", "old", false),
            ("dev", "lost", false),
            ("ci", "leaked", false),
            ("ci", "gone", true),
        ] {
            assert_eq!(comes_back(&profiles, profile, text), wanted, "{text} into {profile}");
        }
        if let Some(previous) = &mut profiles.all[0].previous {
            previous.key.compromised_at = Some(day(4));
        }
        assert!(!comes_back(&profiles, "dev", "old"));
    }

    #[test]
    fn what_was_given_up_for_good_is_not_handed_out() {
        let profiles = known();
        let table = [("new", true), ("dev", true), ("gone", true), ("lost", false), ("leaked", false)];
        for (text, wanted) in table {
            assert_eq!(hand_out(&profiles, &name("env"), key(text).fingerprint()).is_ok(), wanted, "{text}");
        }
    }
}
