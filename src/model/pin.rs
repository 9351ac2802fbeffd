//! A directory's say in which profile is used below it.

use std::path::PathBuf;

use super::policy::PolicySection;
use super::{ProfileName, Profiles};

/// The nearest `.getimg-keys.toml` from the working directory upwards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pin {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
    /// The profile it selects.
    pub profile: Option<ProfileName>,
    /// The only profiles that may be used below it.
    pub allow: Option<Vec<ProfileName>>,
    /// Its policy, which can only tighten.
    pub policy: PolicySection,
    /// What it says that no pin may say; ignored.
    pub ignored: Vec<String>,
}

impl Pin {
    /// Whether the person has accepted this very content at this very place.
    pub fn is_allowed(&self, book: &Profiles) -> bool {
        let path = self.path.to_string_lossy();
        book.allowed.iter().any(|a| a.path == path && a.sha256 == self.sha256)
    }

    /// Whether a profile may be used below it.
    pub fn permits(&self, name: &ProfileName) -> bool {
        self.allow.as_ref().is_none_or(|names| names.contains(name))
    }
}
