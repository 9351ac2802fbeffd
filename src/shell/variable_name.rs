//! Names of environment variables.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::model::key_shape::holds_key;

/// The name of an environment variable: letters, digits and `_`, the first no digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableName(String);

/// The text cannot name an environment variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a variable's name has letters, digits and `_`, and does not begin with a digit")]
pub struct MalformedVariableName;

impl VariableName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VariableName {
    type Err = MalformedVariableName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let first = text.bytes().next().ok_or(MalformedVariableName)?;
        // What is named may be shown.
        if first.is_ascii_digit() || !text.bytes().all(good) || holds_key(text) {
            return Err(MalformedVariableName);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for VariableName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_and_underscores_make_a_name() {
        for good in ["GETIMG_API_KEY", "_", "a1", "__X"] {
            assert_eq!(good.parse::<VariableName>().unwrap().as_str(), good);
        }
        for bad in
            ["", "1A", "A-B", "A B", "A=B", "É", "A\n", "A;B", "A\0", &["sk_", &"a1".repeat(20)].concat()]
        {
            assert_eq!(bad.parse::<VariableName>(), Err(MalformedVariableName), "{bad:?}");
        }
    }

    #[test]
    fn a_configuration_cannot_name_another() {
        assert!(serde_json::from_str::<VariableName>("\"X_1\"").is_ok());
        assert!(serde_json::from_str::<VariableName>("\"X;rm\"").is_err());
    }
}
