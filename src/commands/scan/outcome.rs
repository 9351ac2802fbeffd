//! What `--clean` did with a finding, and why a file was left as it is.

use crate::scan::Obstinate;

/// The outcome of `--clean` for a finding.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// Its file now holds the redacted form.
    Cleaned,
    /// Its file is unchanged.
    Left(Left),
}

/// Why a file is left unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// A program has it open.
    InUse,
    /// It is not known whether a program has it open.
    UseUnknown(String),
    /// It is a database: only its own program may change it.
    Database,
    /// It is not text.
    Binary,
    /// It is a link, and the file it points to may belong to anyone.
    Link,
    /// It belongs to another user.
    #[cfg_attr(windows, expect(dead_code, reason = "whose a file is, is not asked there"))]
    OthersFile,
    /// It has other names (hard links), which would keep the key.
    #[cfg_attr(windows, expect(dead_code, reason = "how many names a file has, is not asked there"))]
    SeveralNames,
    /// It was changed after it was read.
    Changed,
    /// It is too large to be held in memory.
    TooLarge,
    /// Its content cannot be redacted in place.
    Obstinate(Obstinate),
    /// The key is in a name.
    InName,
    /// The key is in an object of a repository.
    InHistory,
    /// The system refuses.
    Refused(String),
}

impl Left {
    /// The reason in JSON.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::InUse => "in-use",
            Self::UseUnknown(_) => "use-unknown",
            Self::Database => "database",
            Self::Binary => "binary",
            Self::Link => "link",
            Self::OthersFile => "other-user",
            Self::SeveralNames => "several-names",
            Self::Changed => "changed",
            Self::TooLarge => "too-large",
            Self::Obstinate(_) => "not-in-place",
            Self::InName => "name",
            Self::InHistory => "history",
            Self::Refused(_) => "refused",
        }
    }

    /// The rest of a sentence.
    pub(super) fn in_words(&self) -> String {
        let text = match self {
            Self::InUse => "a program has it open; close it first",
            Self::UseUnknown(why) => return format!("whether a program has it open is not known: {why}"),
            Self::Database => {
                "it is a database, which only its own program may change; delete the chat there"
            }
            Self::Binary => "it is not text",
            Self::Link => "it is a symbolic link",
            Self::OthersFile => "it belongs to another user",
            Self::SeveralNames => "it has hard links, which would keep the key",
            Self::Changed => "it was changed meanwhile",
            Self::TooLarge => "it is larger than 256 MiB",
            Self::Obstinate(Obstinate::StillThere) => "what is in it cannot be redacted in place",
            Self::Obstinate(Obstinate::NoJson) => "its JSON would break",
            Self::InName => "the key is in its name",
            Self::InHistory => "the key is in an object of git's",
            Self::Refused(why) => return format!("the system refuses: {why}"),
        };
        text.to_owned()
    }
}
