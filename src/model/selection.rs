//! Which profile is selected, and why.

use std::path::{Path, PathBuf};

use super::{Pins, Profile, ProfileName, Profiles};

/// Everything that has a say, first to last.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    /// The NAME argument, or `--profile`.
    pub argument: Option<&'a ProfileName>,
    /// `$GETIMG_KEYS_PROFILE`.
    pub environment: Option<&'a ProfileName>,
    /// The pins from here upwards.
    pub pins: Pins<'a>,
}

/// The profile that is meant.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    /// The profile.
    pub profile: &'a Profile,
    /// What decided.
    pub because: SelectionSource,
}

/// What decided which profile is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectionSource {
    /// Its name was given on the command line.
    Argument,
    /// `$GETIMG_KEYS_PROFILE` names it.
    Environment,
    /// A directory's pin names it.
    Pin(PathBuf),
    /// It is the active one.
    Active,
}

/// Why no profile could be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectionError {
    /// Nothing says which.
    Nothing,
    /// The profiles have no profile of that name.
    Unknown {
        /// The name.
        name: ProfileName,
        /// What named it.
        because: SelectionSource,
    },
    /// A pin names a protected profile and has not been accepted.
    Untrusted {
        /// The pin.
        pin: PathBuf,
        /// The profile it names.
        name: ProfileName,
    },
    /// Another person's pin would select, and was not accepted.
    Foreign {
        /// The pin.
        pin: PathBuf,
    },
    /// A pin permits other profiles only.
    NotPermitted {
        /// The pin.
        pin: PathBuf,
        /// The profile that was selected.
        name: ProfileName,
        /// Those it permits.
        permitted: Vec<ProfileName>,
    },
}

/// Selects a profile: argument, then environment, then pin, then the active one.
///
/// # Errors
/// [`SelectionError`]. A pin to a protected profile that was not accepted is an error wherever the pin
/// would decide: another key is never used in its place.
pub fn select<'a>(asked: &Asked<'_>, profiles: &'a Profiles) -> Result<Selection<'a>, SelectionError> {
    let pin = asked.pins.selecting();
    let named = asked
        .argument
        .map(|name| (name, SelectionSource::Argument))
        .or_else(|| asked.environment.map(|name| (name, SelectionSource::Environment)));
    if let (None, Some(stranger)) = (&named, asked.pins.stranger()) {
        return Err(SelectionError::Foreign { pin: stranger.path.clone() });
    }
    let (name, because) = named
        .or_else(|| pin.and_then(|pin| Some((pin.profile.as_ref()?, SelectionSource::Pin(pin.path.clone())))))
        .or_else(|| profiles.active.as_ref().map(|name| (name, SelectionSource::Active)))
        .ok_or(SelectionError::Nothing)?;
    let Some(profile) = profiles.get(name) else {
        return Err(SelectionError::Unknown { name: name.clone(), because });
    };
    if let (SelectionSource::Pin(path), Some(pin)) = (&because, pin)
        && profile.protected
        && !pin.is_allowed(profiles)
    {
        return Err(SelectionError::Untrusted { pin: path.clone(), name: name.clone() });
    }
    permitted(name, &asked.pins)?;
    Ok(Selection { profile, because })
}

/// Whether every pin permits a profile.
///
/// # Errors
/// [`SelectionError::NotPermitted`], of the nearest that does not.
pub fn permitted(name: &ProfileName, pins: &Pins<'_>) -> Result<(), SelectionError> {
    match pins.refusing(name) {
        None => Ok(()),
        Some(pin) => Err(SelectionError::NotPermitted {
            pin: pin.path.clone(),
            name: name.clone(),
            permitted: pin.allow.clone().unwrap_or_default(),
        }),
    }
}

impl SelectionSource {
    /// The name used in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::Environment => "environment",
            Self::Pin(_) => "pin",
            Self::Active => "active",
        }
    }

    /// The pin, where one decided.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Pin(path) => Some(path),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pin::{Pin, compose};
    use crate::model::test_support::{name, profiles};

    fn pin(profile: &str, allow: Option<&[&str]>) -> Pin {
        Pin {
            path: "/site/.getimg-keys.toml".into(),
            sha256: "00".into(),
            profile: Some(name(profile)),
            allow: allow.map(|names| names.iter().map(|n| name(n)).collect()),
            ..Pin::default()
        }
    }

    fn selected(asked: &Asked<'_>, profiles: &Profiles) -> Result<(String, &'static str), SelectionError> {
        select(asked, profiles).map(|s| (s.profile.name.to_string(), s.because.as_str()))
    }

    #[test]
    fn the_nearest_say_wins() {
        let profiles = profiles(&["ci", "dev", "test"]);
        let (ci, dev, pin) = (name("ci"), name("dev"), pin("test", None));
        let all = Asked {
            argument: Some(&ci),
            environment: Some(&dev),
            pins: compose(std::slice::from_ref(&pin), &[]),
        };
        assert_eq!(selected(&all, &profiles), Ok(("ci".into(), "argument")));
        assert_eq!(
            selected(&Asked { argument: None, ..all.clone() }, &profiles),
            Ok(("dev".into(), "environment"))
        );
        assert_eq!(
            selected(
                &Asked { pins: compose(std::slice::from_ref(&pin), &[]), ..Asked::default() },
                &profiles
            ),
            Ok(("test".into(), "pin"))
        );
        assert_eq!(selected(&Asked::default(), &profiles), Ok(("ci".into(), "active")));
        assert_eq!(SelectionSource::Pin(pin.path.clone()).path(), Some(pin.path.as_path()));
        assert_eq!(
            [SelectionSource::Argument, SelectionSource::Environment, SelectionSource::Active]
                .map(|b| b.path().is_some()),
            [false; 3]
        );
        assert_eq!(selected(&Asked::default(), &Profiles::default()), Err(SelectionError::Nothing));
    }

    #[test]
    fn a_name_that_is_not_there_never_falls_back() {
        let profiles = profiles(&["dev"]);
        let pin = pin("gone", None);
        let because = SelectionSource::Pin(pin.path.clone());
        assert_eq!(
            selected(
                &Asked { pins: compose(std::slice::from_ref(&pin), &[]), ..Asked::default() },
                &profiles
            ),
            Err(SelectionError::Unknown { name: name("gone"), because })
        );
    }

    #[test]
    fn a_pin_to_a_protected_profile_counts_once_accepted() {
        let mut profiles = profiles(&["dev", "prod"]);
        let pin = pin("prod", None);
        let asked = Asked { pins: compose(std::slice::from_ref(&pin), &[]), ..Asked::default() };
        assert!(matches!(selected(&asked, &profiles), Err(SelectionError::Untrusted { .. })));
        let accepted = |sha256: &str| super::super::profiles::AllowedPin {
            path: "/site/.getimg-keys.toml".into(),
            sha256: sha256.into(),
        };
        profiles.allowed.push(accepted("11"));
        assert!(selected(&asked, &profiles).is_err(), "another content was accepted");
        profiles.allowed.push(accepted("00"));
        assert_eq!(selected(&asked, &profiles), Ok(("prod".into(), "pin")));
    }

    #[test]
    fn a_pin_permits_only_what_it_lists() {
        let profiles = profiles(&["ci", "dev"]);
        let (ci, pin) = (name("ci"), pin("dev", Some(&["dev"])));
        let asked =
            Asked { argument: Some(&ci), environment: None, pins: compose(std::slice::from_ref(&pin), &[]) };
        assert!(matches!(selected(&asked, &profiles), Err(SelectionError::NotPermitted { .. })));
        let of_the_pin = Asked { argument: None, ..asked };
        assert_eq!(selected(&of_the_pin, &profiles), Ok(("dev".into(), "pin")));
    }
}
