//! The profiles of `--store env`: one for each variable, without a file.

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};
use crate::hint::suggest;
use crate::model::{ApiKey, KeyRecord, Known, Profile, ProfileName, Profiles, StoreKind};
use crate::system::variables::{API_KEY, Variables};

/// The name of the profile of a plain `$GETIMG_API_KEY` if nothing selects one.
const UNNAMED: &str = "env";
/// The prefix of a named profile's variable.
const OWN: &str = "GETIMG_API_KEY_";

/// The profiles in the environment: `$GETIMG_API_KEY_CI_EU` is `ci-eu`, and a plain
/// `$GETIMG_API_KEY` is the selected one.
///
/// What the real profiles record about the same keys, and about retired ones, still applies.
///
/// # Errors
/// A variable that holds no key (exit 2); names the variable and never its value.
pub(super) fn of(
    variables: &Variables,
    selected: Option<&ProfileName>,
    known: &Profiles,
    now: DateTime<Utc>,
) -> Result<Profiles> {
    let mut profiles = Profiles::default();
    profiles.store = Some(StoreKind::Env);
    profiles.retired.clone_from(&known.retired);
    profiles.allowed.clone_from(&known.allowed);
    let own = variables.with_prefix(OWN).filter_map(|(variable, suffix)| {
        // What ends in no profile's name is no profile's key: nobody can ask for it.
        let name = suffix.to_ascii_lowercase().replace('_', "-").parse().ok()?;
        Some((variable, name))
    });
    let plain = selected.map(|name| (API_KEY, name.clone()));
    for (variable, name) in own.chain(plain) {
        let Some(text) = super::value(variables, variable) else { continue };
        if profiles.get(&name).is_none() {
            let key = ApiKey::parse(text).map_err(|why| {
                Error::usage(format!("${variable} is not a key: {why}")).hint(suggest::unset(variable))
            })?;
            profiles.insert(profile(&name, &key, known, now));
        }
    }
    profiles.active = selected.filter(|name| profiles.get(name).is_some()).cloned();
    if let [only] = profiles.all.as_slice() {
        profiles.active = Some(only.name.clone());
    }
    Ok(profiles)
}

/// The profile of a plain `$GETIMG_API_KEY` if nothing names one.
pub(super) fn unnamed() -> Option<ProfileName> {
    UNNAMED.parse().ok()
}

fn profile(name: &ProfileName, key: &ApiKey, known: &Profiles, now: DateTime<Utc>) -> Profile {
    let record = match known.known(&key.fingerprint()) {
        Some(Known::Current(profile)) => profile.key.clone(),
        // If it was declared compromised, it is refused like a key in use.
        Some(Known::Previous(profile)) => {
            profile.previous.as_ref().map_or_else(|| KeyRecord::of(key, now), |previous| previous.key.clone())
        }
        Some(Known::Retired(_)) | None => KeyRecord::of(key, now),
    };
    Profile {
        name: name.clone(),
        protected: name.is_protected_by_default(),
        note: None,
        added_at: record.added_at,
        rotated_at: None,
        key: record,
        previous: None,
        pushed: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::{day, key, name};

    fn profiles(pairs: &[(&str, &str)], selected: Option<&str>) -> Result<Profiles> {
        let selected = selected.map(name);
        of(&pairs.iter().copied().collect(), selected.as_ref(), &Profiles::default(), day(1))
    }

    fn names(profiles: &Profiles) -> Vec<&str> {
        profiles.all.iter().map(|profile| profile.name.as_str()).collect()
    }

    #[test]
    fn a_variable_is_a_profile_and_the_plain_one_is_the_selected_profile() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let both = [("GETIMG_API_KEY", a.as_str()), ("GETIMG_API_KEY_CI_EU", &b), ("GETIMG_API_KEYS", &a)];
        let with_selected = profiles(&both, Some("dev")).unwrap();
        assert_eq!(
            (names(&with_selected), with_selected.active.clone()),
            (vec!["ci-eu", "dev"], Some(name("dev")))
        );
        let own_first = profiles(&both, Some("ci-eu")).unwrap();
        assert_eq!(names(&own_first), ["ci-eu"]);
        assert_eq!(own_first.all[0].key.fingerprint, ApiKey::parse(b.into()).unwrap().fingerprint());
        let unnamed =
            profiles(&[("GETIMG_API_KEY", a.as_str()), ("GETIMG_API_KEY_DEV", "")], Some("env")).unwrap();
        assert_eq!((names(&unnamed), unnamed.active.clone()), (vec!["env"], Some(name("env"))));
    }

    #[test]
    fn what_is_known_of_a_key_still_holds() {
        let mut known = Profiles::default();
        let mut held = crate::model::test_support::profile("dev");
        held.key.compromised_at = Some(day(0));
        known.insert(held.clone());
        let text = key("dev").expose().to_owned();
        let variables = [("GETIMG_API_KEY_CI", text.as_str())].into_iter().collect();
        let profiles = of(&variables, None, &known, day(1)).unwrap();
        assert_eq!((names(&profiles), &profiles.all[0].key), (vec!["ci"], &held.key));
    }

    #[test]
    fn a_variable_without_a_key_is_named_and_not_repeated() {
        let refused = profiles(&[("GETIMG_API_KEY_DEV", "two words, no key at all")], None).unwrap_err();
        assert_eq!(
            refused.message,
            "$GETIMG_API_KEY_DEV is not a key: the key has white space at position 4"
        );
        assert_eq!(refused.kind.code(), 2);
    }
}
