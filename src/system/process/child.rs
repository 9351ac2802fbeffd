//! Programs started with a key.

#![expect(clippy::disallowed_methods, reason = "this file is where programs are started")]

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::exit_code::ExitCode;
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

/// A program, the variables it gets and the ones it loses.
pub struct Child<'a> {
    /// The program, as [`find`] found it.
    pub program: &'a Path,
    /// What it is called with.
    pub arguments: &'a [OsString],
    /// The variables that hold the key.
    pub variables: &'a [String],
    /// The key.
    pub key: &'a ApiKey,
    /// Whose key it is: what is started inside uses the same profile, whatever is pinned there.
    pub profile: &'a ProfileName,
}

impl Child<'_> {
    /// Runs the program in this process's place; where the system has no such thing, beside it.
    ///
    /// # Errors
    /// Returns only if the program could not be started (Unix).
    pub fn replace_this_process(self, hardened: Hardened) -> Result<ExitCode, io::Error> {
        let mut command = self.prepared();
        hardened.soften();
        platform::run(&mut command)
    }

    /// Runs the program beside this process, with the key masked in what it prints.
    ///
    /// # Errors
    /// The program could not be started.
    pub fn run_masked(self, masking: Masking, hardened: Hardened) -> Result<ExitCode, io::Error> {
        super::child_beside::run(self.prepared(), &KeyMask::of(self.key.expose()), masking, hardened)
    }

    fn prepared(&self) -> Command {
        let mut command = Command::new(self.program);
        command.args(self.arguments).env_remove(PASSPHRASE_FILE).env(PROFILE, self.profile.as_str());
        for name in self.variables {
            command.env(name, self.key.expose());
        }
        command
    }
}
