//! The name of a profile: `dev`, `prod`, `ci-eu`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use super::key_shape::{could_be_secret, holds_key};

/// The most characters a name may have.
pub const LONGEST: usize = 64;

/// 1 to 64 of `a-z 0-9 - _`, the first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ProfileName(String);

/// The text cannot name a profile; holds the nearest text that can.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a profile name has 1 to {LONGEST} of a-z, 0-9, `-` and `_`, the first a letter or digit")]
pub struct MalformedName {
    /// The nearest good name, where anything is left of the text.
    pub nearest: Option<ProfileName>,
}

impl ProfileName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `dev`: what a profile is called where nothing names it.
    pub fn usual() -> Self {
        Self("dev".to_owned())
    }

    /// Whether a profile of this name is protected unless the person says otherwise.
    pub fn is_protected_by_default(&self) -> bool {
        matches!(self.0.as_str(), "prod" | "production" | "live")
    }

    /// The nearest good name to any text: lower case, other characters as `-`, cut at 64; none to what is a key or
    /// could be one, which a hint would then repeat.
    pub fn nearest(text: &str) -> Option<Self> {
        if holds_key(text) || could_be_secret(text) {
            return None;
        }
        let mut name = String::new();
        for c in text.trim().chars().flat_map(char::to_lowercase) {
            match c {
                'a'..='z' | '0'..='9' => name.push(c),
                '-' | '_' if !name.is_empty() => name.push(c),
                _ if name.is_empty() || name.ends_with('-') => {}
                _ => name.push('-'),
            }
            if name.len() == LONGEST {
                break;
            }
        }
        let name = name.trim_end_matches('-');
        (!name.is_empty()).then(|| Self(name.to_owned()))
    }
}

impl FromStr for ProfileName {
    type Err = MalformedName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        let first_is_good = text.bytes().next().is_some_and(|b| !matches!(b, b'-' | b'_'));
        if first_is_good && text.len() <= LONGEST && text.bytes().all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedName { nearest: Self::nearest(text) })
        }
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for ProfileName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names_are_kept_as_they_are() {
        for text in ["a", "prod", "ci-eu_2", "0", &"x".repeat(64)] {
            assert_eq!(text.parse::<ProfileName>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn others_are_refused_with_the_nearest_good_one() {
        let table = [
            ("Prod", Some("prod")),
            ("my key", Some("my-key")),
            ("-dev", Some("dev")),
            ("_", None),
            ("", None),
            ("a/../b", Some("a-b")),
            ("\x1b]52;c;x", Some("52-c-x")),
            ("dev~previous", Some("dev-previous")),
            ("My_Key--2", Some("my_key--2")),
        ];
        for (text, nearest) in table {
            let refused = text.parse::<ProfileName>().unwrap_err();
            assert_eq!(refused.nearest.as_ref().map(ProfileName::as_str), nearest, "{text:?}");
        }
    }

    #[test]
    fn a_name_has_at_most_64_characters() {
        let refused = "a".repeat(65).parse::<ProfileName>().unwrap_err();
        assert_eq!(refused.nearest.unwrap().as_str(), "a".repeat(64));
    }

    #[test]
    fn three_names_are_protected_by_default() {
        for (text, is_protected) in [("prod", true), ("production", true), ("live", true), ("dev", false)] {
            assert_eq!(
                text.parse::<ProfileName>().unwrap().is_protected_by_default(),
                is_protected,
                "{text}"
            );
        }
    }

    #[test]
    fn there_is_no_name_near_a_key() {
        assert_eq!(ProfileName::nearest(&format!("sk_{}", "aB3".repeat(10))), None);
        assert_eq!(ProfileName::nearest(&format!(" key-{}", "A".repeat(95))), None);
        assert_eq!(ProfileName::nearest(&format!("Dev {}", "aB3".repeat(6))), None);
        assert!(ProfileName::nearest("Our-Production-For-Europe-West-1").is_some());
        for (word, is_one) in [
            ("a1".repeat(8), true),
            ("a1".repeat(7), false),
            ("a".repeat(16), false),
            ("1".repeat(16), false),
        ] {
            assert_eq!(ProfileName::nearest(&word).is_none(), is_one, "{word}");
        }
    }

    #[test]
    fn the_nearest_name_is_always_a_good_one() {
        proptest::proptest!(|(text: String)| {
            if let Some(name) = ProfileName::nearest(&text) {
                proptest::prop_assert_eq!(name.as_str().parse::<ProfileName>(), Ok(name.clone()));
            }
        });
    }
}
