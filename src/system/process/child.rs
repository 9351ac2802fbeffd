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

/// Looks for a program as the system will, before anything is handed out; what is to be started then.
///
/// What only starting it can tell, such as a missing interpreter, is found out then.
///
/// # Errors
/// There is no such program, or it may not be run.
pub fn find(program: &Path, variables: &Variables) -> io::Result<PathBuf> {
    platform::find(program, variables)
}

/// What to start for a program's name, so that it is looked for in these folders and nowhere else; they are to be its
/// search path too.
pub(super) fn on_path(program: &str, folders: &OsStr) -> PathBuf {
    platform::on_path(program, folders)
}

/// A program, the variables it gets and the ones it loses.
pub struct Child<'a> {
    /// The program, as [`find`] found it.
    pub program: &'a Path,
    /// What it is called with.
    pub arguments: &'a [OsString],
    /// The variables that hold the key, or what stands for it.
    pub variables: &'a [String],
    /// Whose key it is: what is started inside uses the same profile, whatever is pinned there.
    pub profile: &'a ProfileName,
    /// Further variables that are set, or taken away where there is no value.
    pub changes: Vec<(OsString, Option<OsString>)>,
}

/// What is masked in a program's output.
pub fn mask_of(key: &ApiKey) -> KeyMask {
    KeyMask::of(key.expose())
}

/// The variables in which a key stands, alone or in a longer text.
pub fn holders_of(key: &ApiKey, variables: &Variables) -> Vec<OsString> {
    variables.holding(key.expose())
}

impl Child<'_> {
    /// Runs the program with a key in this process's place; where the system has no such thing, beside it.
    ///
    /// # Errors
    /// Returns only if the program could not be started (Unix).
    pub fn replace_this_process(self, key: &ApiKey, hardened: Hardened) -> Result<Ended, io::Error> {
        let mut command = self.prepared(key);
        hardened.soften();
        platform::run(&mut command).map(Ended::from)
    }

    /// Runs the program with a key, or what stands for it, beside this process, to its end; what it prints may pass through a mask.
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
