//! Profiles made at run time, for the tests of this room.

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::{ApiKey, KeyRecord, PreviousKey, Profile, ProfileName, Profiles};

pub(crate) fn name(text: &str) -> ProfileName {
    text.parse().unwrap()
}

pub(crate) fn day(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + chrono::Duration::days(20_000 + day)
}

pub(crate) fn key(seed: &str) -> ApiKey {
    ApiKey::parse(Zeroizing::new(format!("sk_{}{seed}", "aB3".repeat(10)))).unwrap()
}

pub(crate) fn record(seed: &str) -> KeyRecord {
    KeyRecord::of(&key(seed), day(0))
}

pub(crate) fn previous(seed: &str) -> PreviousKey {
    PreviousKey { since: day(1), key: record(seed) }
}

pub(crate) fn profile(text: &str) -> Profile {
    Profile {
        name: name(text),
        protected: name(text).is_protected_by_default(),
        note: None,
        added_at: day(0),
        rotated_at: None,
        key: record(text),
        previous: None,
        pushed: Vec::new(),
    }
}

pub(crate) fn profiles(names: &[&str]) -> Profiles {
    let mut profiles = Profiles::default();
    names.iter().for_each(|name| profiles.insert(profile(name)));
    profiles
}
