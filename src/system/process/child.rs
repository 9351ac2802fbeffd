//! Starts a program with a key.

#![expect(clippy::disallowed_methods, reason = "this file is where programs are started")]

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use super::child_beside::Ended;
use super::{Hardened, Masking};
use crate::model::{ApiKey, KeyMask, ProfileName};
use crate::system::variables::{PASSPHRASE_FILE, PROFILE, Variables};

#[cfg(unix)]
#[path = "child/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "child/windows.rs"]
mod platform;

/// Looks for a program as the system will, before a key is handed out; returns what to start.
///
/// What only starting it can show, such as a missing interpreter, is found out then.
///
/// # Errors
/// There is no such program, or it may not be run.
pub fn find(program: &Path, variables: &Variables) -> io::Result<PathBuf> {
    platform::find(program, variables)
}

/// What to start for a program's name, so that it is looked for only in these folders, which must also be its
/// search path.
pub(super) fn on_path(program: &str, folders: &OsStr) -> PathBuf {
    platform::on_path(program, folders)
}

/// A program, the variables it gets and the ones that are removed.
pub struct Child<'a> {
    /// The program, as [`find`] found it.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: &'a [OsString],
    /// The variables that hold the key, or the token in its place.
    pub variables: &'a [String],
    /// The profile of the key: programs started inside use the same one, whatever is pinned there.
    pub profile: &'a ProfileName,
    /// Further variables to set, or to remove if they have no value.
    pub changes: Vec<(OsString, Option<OsString>)>,
}

/// What is masked in a program's output.
pub fn mask_of(key: &ApiKey) -> KeyMask {
    KeyMask::of(key.expose())
}

/// The variables that contain a key, alone or in a longer text.
pub fn holders_of(key: &ApiKey, variables: &Variables) -> Vec<OsString> {
    variables.holding(key.expose())
}

impl Child<'_> {
    /// Runs the program with a key and replaces this process; on systems that cannot do that, runs it as a child.
    ///
    /// # Errors
    /// Returns only if the program could not be started (Unix).
    pub fn replace_this_process(self, key: &ApiKey, hardened: Hardened) -> Result<Ended, io::Error> {
        let mut command = self.prepared(key);
        hardened.soften();
        platform::run(&mut command).map(Ended::from)
    }

    /// Runs the program with a key, or the token in its place, as a child until it ends; its output may be masked.
    ///
    /// # Errors
    /// The program could not be started.
    pub fn run_beside(
        self,
        key: &ApiKey,
        mask: Option<(&KeyMask, Masking)>,
        hardened: Hardened,
    ) -> Result<Ended, io::Error> {
        super::child_beside::run(self.prepared(key), mask, hardened)
    }

    fn prepared(&self, key: &ApiKey) -> Command {
        let mut command = Command::new(self.program);
        command.args(self.arguments).env_remove(PASSPHRASE_FILE).env(PROFILE, self.profile.as_str());
        for name in self.variables {
            command.env(name, key.expose());
        }
        for (name, value) in &self.changes {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}
