//! An error: what went wrong, the hints that help, and the exit code.

use std::path::Path;
use std::{fmt, io};

use crate::hint::{Hint, quoted, suggest};

/// The kinds of failure, each with the exit code that scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Any failure that has no code of its own.
    Failure,
    /// Wrong usage, or input that is missing or malformed.
    Usage,
    /// No such profile, or no key for it.
    NotFound,
    /// The API rejected the key.
    Rejected,
    /// The key could not be checked.
    Unchecked,
    /// A policy is broken.
    Policy,
    /// The store is locked, denied or not there.
    Store,
    /// A key was found where it must not be.
    Leak,
    /// The person cancelled.
    Cancelled,
}

/// Every exit code with its name and meaning; `help exit-codes` prints this table.
pub const EXIT_CODES: &[(u8, &str, &str)] = &[
    (0, "done", "done"),
    (1, "failure", "any other failure"),
    (2, "usage", "usage, or input missing or malformed"),
    (3, "not_found", "no such profile or no key for it"),
    (4, "rejected", "the API rejected the key"),
    (
        5,
        "unchecked",
        "could not be checked (network, rate limit, server, unexpected answer; something that could not be read)",
    ),
    (6, "policy", "a policy is broken (same key twice, overdue, compromised, protected, redirect)"),
    (7, "store", "the store is locked, denied or not there"),
    (8, "leak", "a key was found where it must not be"),
    (9, "cancelled", "cancelled by the person"),
];

impl Kind {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Failure => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Rejected => 4,
            Self::Unchecked => 5,
            Self::Policy => 6,
            Self::Store => 7,
            Self::Leak => 8,
            Self::Cancelled => 9,
        }
    }

    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        EXIT_CODES[usize::from(self.code())].1
    }

    /// The one of several findings that decides the exit code: 7, 4, 8, 6, 5, then any other.
    pub fn decisive(kinds: impl IntoIterator<Item = Self>) -> Option<Self> {
        const ORDER: [Kind; 5] = [Kind::Store, Kind::Rejected, Kind::Leak, Kind::Policy, Kind::Unchecked];
        let rank = |kind: &Self| ORDER.iter().position(|k| k == kind).unwrap_or(ORDER.len());
        kinds.into_iter().min_by_key(rank)
    }
}

/// A failure: what happened, in lower case and without a final period, and the commands that help.
#[derive(Debug)]
pub struct Error {
    /// Decides the exit code.
    pub kind: Kind,
    /// One sentence that names the profile and the cause.
    pub message: String,
    /// The exact next commands, best first.
    pub hints: Vec<Hint>,
    /// The exit code where it is not the kind's: `exec` ends as a shell would whose program is not there.
    pub exit_code: Option<u8>,
}

/// What most of this program's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure of the given kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), exit_code: None }
    }

    /// Adds the next command to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Ends with another exit code than its kind's.
    #[must_use]
    pub fn ends_with(mut self, code: u8) -> Self {
        self.exit_code = Some(code);
        self
    }

    /// What the process ends with.
    pub fn code(&self) -> u8 {
        self.exit_code.unwrap_or_else(|| self.kind.code())
    }

    /// The same for whoever chose a store by `--store`: each hint keeps to it.
    #[must_use]
    pub fn on_store(mut self, store: &str) -> Self {
        self.hints = self.hints.into_iter().map(|hint| hint.on_store(store)).collect();
        self
    }

    /// Exit code 1.
    pub fn failure(message: impl Into<String>) -> Self {
        Self::new(Kind::Failure, message)
    }

    /// A file that cannot be read (exit 1), with the command that shows why.
    pub fn unreadable(what: &str, path: &Path, why: &io::Error) -> Self {
        let hint = match why.kind() {
            io::ErrorKind::NotFound => format!("ls {}", quoted(folder(path).display())),
            _ => suggest::look_at(path.display()),
        };
        Self::of_file(what, path, why).hint(hint)
    }

    /// A file or a folder that cannot be written or made (exit 1), with the command that shows why, or mends it.
    pub fn unwritable(what: &str, path: &Path, why: &io::Error) -> Self {
        let folder = folder(path).display();
        let hint = match why.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => suggest::look_for_space(folder),
            io::ErrorKind::NotFound => suggest::make_folder(folder),
            _ => suggest::look_at(folder),
        };
        Self::of_file(what, path, why).hint(hint)
    }

    fn of_file(what: &str, path: &Path, why: &io::Error) -> Self {
        Self::failure(format!("cannot {what} {}: {}", path.display(), in_words(why)))
    }

    /// Exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Exit code 3.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// Exit code 6.
    pub fn policy(message: impl Into<String>) -> Self {
        Self::new(Kind::Policy, message)
    }

    /// Exit code 7.
    pub fn store(message: impl Into<String>) -> Self {
        Self::new(Kind::Store, message)
    }

    /// Exit code 9.
    pub fn cancelled() -> Self {
        Self::new(Kind::Cancelled, "cancelled; nothing was changed")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// An error of the operating system in lower case and without its number.
pub fn in_words(error: &dyn fmt::Display) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    text.chars().take(1).flat_map(char::to_lowercase).chain(text.chars().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_indexed_by_the_code() {
        for (index, (code, _, _)) in EXIT_CODES.iter().enumerate() {
            assert_eq!(index, usize::from(*code));
        }
        assert_eq!(Kind::Policy.as_str(), "policy");
    }

    #[test]
    fn of_several_the_store_decides_then_rejection_leak_policy_and_doubt() {
        let order = [Kind::Store, Kind::Rejected, Kind::Leak, Kind::Policy, Kind::Unchecked];
        for (place, kind) in order.iter().enumerate() {
            assert_eq!(Kind::decisive(order[place..].iter().rev().copied()), Some(*kind));
        }
        assert_eq!(Kind::decisive([Kind::Failure, Kind::Unchecked]), Some(Kind::Unchecked));
        assert_eq!(Kind::decisive([]), None);
    }
}
