//! Whose key a variable of this shell holds.

use crate::model::{ApiKey, Fingerprint, Known, ProfileName, Profiles};
use crate::system::World;

/// Whose key a shell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The selected profile's key in use.
    Selected,
    /// Another profile's.
    Other,
    /// A profile's previous key.
    Previous,
    /// A retired key.
    Retired,
    /// A compromised key.
    Compromised,
    /// A key that is not known here.
    Unknown,
    /// No key: it is not set.
    Nothing,
}

/// The fingerprint of what a variable holds; `None` where it holds nothing.
pub fn fingerprint(world: &World, variable: &str) -> Option<Fingerprint> {
    let text = world.variables.secret(variable).filter(|text| !text.is_empty())?;
    let whole = Fingerprint::of(text.as_bytes());
    Some(ApiKey::parse(text).map_or(whole, |key| key.fingerprint()))
}

/// Whose key it is, by its fingerprint.
pub fn held(
    profiles: &Profiles,
    print: Option<Fingerprint>,
    selected: Option<&ProfileName>,
) -> (Holds, Option<ProfileName>) {
    let Some(print) = print else { return (Holds::Nothing, None) };
    let Some(known) = profiles.known(&print) else { return (Holds::Unknown, None) };
    let compromised = known.record().is_some_and(|key| key.compromised_at.is_some());
    let holds = match &known {
        _ if compromised => Holds::Compromised,
        Known::Current(p) if Some(&p.name) == selected => Holds::Selected,
        Known::Current(_) => Holds::Other,
        Known::Previous(_) => Holds::Previous,
        Known::Retired(r) if r.is_compromised() => Holds::Compromised,
        Known::Retired(_) => Holds::Retired,
    };
    (holds, Some(known.profile_name().clone()))
}

impl Holds {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Selected => "selected",
            Self::Other => "other",
            Self::Previous => "previous",
            Self::Retired => "retired",
            Self::Compromised => "compromised",
            Self::Unknown => "unknown",
            Self::Nothing => "nothing",
        }
    }
}
