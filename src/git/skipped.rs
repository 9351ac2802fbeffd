//! What was not read: a place, a code and a sentence.

use crate::hint::Hint;
use std::io;
use std::path::Path;

use crate::error::{Error, in_words};

/// Why something was not read, as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The system does not let this user read it.
    Forbidden,
    /// It is referred to and does not exist.
    Missing,
    /// It exists and is malformed.
    Damaged,
    /// It is larger than the limit.
    TooLarge,
    /// Reading it all would have taken more work or memory than is allowed.
    OverBudget,
    /// The clone left out objects that a remote has.
    PartialClone,
    /// The clone left out older commits.
    ShallowClone,
    /// A pointer of git-lfs whose object is not stored here.
    LfsObjectMissing,
    /// A submodule whose repository is not here.
    SubmoduleMissing,
    /// It is encrypted.
    Encrypted,
    /// The system or git failed for another reason.
    Unreadable,
}

impl Why {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::TooLarge => "too-large",
            Self::OverBudget => "over-budget",
            Self::PartialClone => "partial-clone",
            Self::ShallowClone => "shallow-clone",
            Self::LfsObjectMissing => "lfs-object-missing",
            Self::SubmoduleMissing => "submodule-missing",
            Self::Encrypted => "encrypted",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A part that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file or folder, or the object's id.
    pub path: String,
    /// The reason as a code.
    pub why: Why,
    /// The reason in words, as the rest of a sentence.
    pub message: String,
    /// The command that makes it readable, if there is one.
    pub hint: Option<Hint>,
}

impl Skipped {
    /// Something that was not read.
    pub fn new(path: impl ToString, why: Why, message: impl Into<String>) -> Self {
        Self { path: path.to_string(), why, message: message.into(), hint: None }
    }

    /// With the command that makes it readable.
    pub(super) fn hint(self, hint: impl Into<Hint>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// What git refused to say about a folder, with its hint.
    pub fn told(place: &Path, error: &Error) -> Self {
        let hint = error.hints.first().cloned();
        Self { hint, ..Self::new(super::shown(place), Why::Unreadable, &error.message) }
    }

    /// A folder that a walk could not enter.
    pub(super) fn of_walk(error: &walkdir::Error) -> Self {
        let path = error.path().unwrap_or(Path::new(""));
        match error.io_error() {
            Some(error) => Self::of(path, error),
            None => Self::new(super::shown(path), Why::Unreadable, "it cannot be walked"),
        }
    }

    /// What the system refused to return.
    pub fn of(path: &Path, error: &io::Error) -> Self {
        let (why, message) = match error.kind() {
            io::ErrorKind::PermissionDenied => (Why::Forbidden, "it may not be read".to_owned()),
            io::ErrorKind::NotFound => (Why::Missing, "it is not there".to_owned()),
            io::ErrorKind::OutOfMemory => (Why::OverBudget, "there is not enough memory for it".to_owned()),
            // These are our own words: for example that it is a pipe.
            io::ErrorKind::Other => (Why::Unreadable, error.to_string()),
            _ => (Why::Unreadable, format!("it cannot be read: {}", in_words(error))),
        };
        Self::new(super::shown(path), why, message)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    #[test]
    fn why_the_system_does_not_read_a_file_is_told_in_its_words() {
        let error = std::io::Error::from_raw_os_error(rustix::io::Errno::IO.raw_os_error());
        let skipped = super::Skipped::of(std::path::Path::new("f"), &error);
        assert_eq!(skipped.message, "it cannot be read: input/output error");
    }
}
