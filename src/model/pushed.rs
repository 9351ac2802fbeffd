//! Places outside that hold a profile's key because it was pushed there.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Fingerprint, Profile, ProfileName, Profiles};

/// A place that was given a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pushed {
    /// The place, as `--to` names it.
    pub target: String,
    /// The key that it was given.
    pub fingerprint: Fingerprint,
    /// When.
    pub at: DateTime<Utc>,
    /// What is known of its arrival.
    pub how: How,
}

/// How it is known that a place holds a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It was read back, and is the same.
    Confirmed,
    /// The platform lists it, with a time that is not before the push.
    Listed,
    /// The platform's program said so, and there is nothing to ask.
    Unconfirmed,
}

/// Which of a profile's keys a place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The one in use.
    Current,
    /// The one before, of a rotation that is not finished.
    Previous,
    /// One that was given up.
    Retired,
}

impl How {
    /// The name used in files and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Listed => "listed",
            Self::Unconfirmed => "unconfirmed",
        }
    }

    /// The same as the end of a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed: it was read back",
            Self::Listed => "listed: the platform shows no value, but lists a change just now",
            Self::Unconfirmed => "unconfirmed: the program said so, and nothing can be read back",
        }
    }
}

impl Holds {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Previous => "previous",
            Self::Retired => "retired",
        }
    }
}

impl Profile {
    /// Which of the profile's keys a place holds.
    pub fn held_by(&self, pushed: &Pushed) -> Holds {
        let is_previous = |p: &super::PreviousKey| p.key.fingerprint == pushed.fingerprint;
        match pushed.fingerprint == self.key.fingerprint {
            true => Holds::Current,
            false if self.previous.as_ref().is_some_and(is_previous) => Holds::Previous,
            false => Holds::Retired,
        }
    }

    /// The places that hold another key than the one in use.
    pub fn behind(&self) -> impl Iterator<Item = &Pushed> {
        self.pushed.iter().filter(|pushed| self.held_by(pushed) != Holds::Current)
    }
}

impl Profiles {
    /// Remembers that a place was given a profile's key; it then holds no other profile's.
    pub fn enter_pushed(&mut self, name: &ProfileName, pushed: Pushed) {
        for profile in &mut self.all {
            profile.pushed.retain(|known| known.target != pushed.target);
        }
        if let Some(profile) = self.get_mut(name) {
            let place = profile.pushed.partition_point(|known| known.target < pushed.target);
            profile.pushed.insert(place, pushed);
        }
    }

    /// The profile whose key a place was given last.
    pub fn pushed_to(&self, target: &str) -> Option<&Profile> {
        self.all.iter().find(|profile| profile.pushed.iter().any(|known| known.target == target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::{day, key, name, profiles};
    use crate::model::{KeyRecord, PreviousKey};

    fn pushed(target: &str, fingerprint: Fingerprint) -> Pushed {
        Pushed { target: target.to_owned(), fingerprint, at: day(1), how: How::Confirmed }
    }

    #[test]
    fn a_place_holds_the_key_in_use_the_one_before_or_one_that_is_gone() {
        let mut profiles = profiles(&["dev"]);
        let old = KeyRecord::of(&key("old"), day(0));
        let current = profiles.all[0].key.fingerprint;
        profiles.all[0].previous = Some(PreviousKey { since: day(1), key: old.clone() });
        for (target, print) in [("c", key("gone").fingerprint()), ("a", current), ("b", old.fingerprint)] {
            profiles.enter_pushed(&name("dev"), pushed(target, print));
        }
        let dev = &profiles.all[0];
        let states: Vec<_> =
            dev.pushed.iter().map(|p| (p.target.as_str(), dev.held_by(p).as_str())).collect();
        assert_eq!(states, [("a", "current"), ("b", "previous"), ("c", "retired")]);
        assert_eq!(dev.behind().map(|p| p.target.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn a_place_holds_one_key_whose_ever_it_was() {
        let mut profiles = profiles(&["ci", "dev"]);
        let prints: Vec<_> = profiles.all.iter().map(|p| p.key.fingerprint).collect();
        profiles.enter_pushed(&name("ci"), pushed("x", prints[0]));
        profiles.enter_pushed(&name("dev"), pushed("x", prints[1]));
        profiles.enter_pushed(&name("dev"), pushed("x", prints[1]));
        assert!(profiles.all[0].pushed.is_empty());
        assert_eq!(profiles.all[1].pushed.len(), 1);
        assert_eq!(profiles.pushed_to("x").map(|p| &p.name), Some(&name("dev")));
        assert!(profiles.pushed_to("y").is_none());
    }
}
