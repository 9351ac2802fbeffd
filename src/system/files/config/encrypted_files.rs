//! `[file]`: where the encrypted files are, and how they are opened.

use std::path::PathBuf;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::model::time_limit;

/// `[file]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncryptedFiles {
    /// A folder that is shared, for example in a repository, in place of the one beside profiles.toml.
    pub folder: Option<PathBuf>,
    /// An age identity or an OpenSSH private key that opens shared files.
    pub identity: Option<PathBuf>,
    /// A command that prints the passphrase.
    pub passphrase_command: Option<Vec<String>>,
    /// How long `unlock` lasts, as `8h`.
    #[serde(default, deserialize_with = "time_of_unlock")]
    pub unlock_for: Option<Duration>,
}

fn time_of_unlock<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    time_limit::unlocked(&String::deserialize(from)?).map(Some).map_err(D::Error::custom)
}
