//! Programs started with a key.

#![expect(clippy::disallowed_methods, reason = "this file is where programs are started")]

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Command;

use super::exit_code::ExitCode;
use super::process::Hardened;
use super::variables::PASSPHRASE_FILE;
use crate::model::{ApiKey, KeyMask};

/// Looks for a program as `execvp` will, before anything is handed out.
///
/// What only starting it can tell, such as a missing interpreter, is found out then. Unix alone looks.
///
/// # Errors
/// There is no such program, or it may not be run.
pub fn find(program: &Path, search_path: Option<&Path>) -> Result<(), io::Error> {
    if program.as_os_str().is_empty() || program.as_os_str().as_encoded_bytes().contains(&b'/') {
        return may_be_run(program);
    }
    // Where there is no search path, the system has one of its own.
    let Some(folders) = search_path else { return Ok(()) };
    let mut refused = None;
    for folder in std::env::split_paths(folders) {
        match may_be_run(&folder.join(program)).map_err(|e| (e.kind(), e)) {
            Ok(()) => return Ok(()),
            Err((io::ErrorKind::PermissionDenied, e)) => refused = Some(e),
            Err((io::ErrorKind::NotFound, e)) => refused = refused.or(Some(e)),
            Err(_) => {}
        }
    }
    refused.map_or(Ok(()), Err)
}

/// A program, the variables it gets and the ones it loses.
pub struct Child<'a> {
    /// The program and its arguments; never empty.
    pub command: &'a [OsString],
    /// The variables that hold the key.
    pub variables: &'a [String],
    /// The key.
    pub key: &'a ApiKey,
}

impl Child<'_> {
    /// Runs the program in this process's place; where the system has no such thing, beside it.
    ///
    /// # Errors
    /// Returns only if the program could not be started (Unix).
    pub fn replace_this_process(self, hardened: Hardened) -> Result<ExitCode, io::Error> {
        let mut command = self.prepared();
        hardened.soften();
        run(&mut command)
    }

    /// Runs the program beside this process, with the key masked in what it prints.
    ///
    /// # Errors
    /// The program could not be started.
    pub fn run_masked(self, hardened: Hardened) -> Result<ExitCode, io::Error> {
        super::masked_child::run(self.prepared(), &KeyMask::of(self.key.expose()), hardened)
    }

    fn prepared(&self) -> Command {
        let mut command = Command::new(self.command.first().map_or_else(OsString::new, OsString::clone));
        command.args(self.command.iter().skip(1)).env_remove(PASSPHRASE_FILE);
        for name in self.variables {
            command.env(name, self.key.expose());
        }
        command
    }
}

#[cfg(unix)]
fn may_be_run(program: &Path) -> Result<(), io::Error> {
    rustix::fs::access(program, rustix::fs::Access::EXEC_OK)?;
    if program.is_dir() { Err(rustix::io::Errno::ACCESS.into()) } else { Ok(()) }
}

#[cfg(not(unix))]
fn may_be_run(_: &Path) -> Result<(), io::Error> {
    Ok(())
}

#[cfg(unix)]
fn run(command: &mut Command) -> Result<ExitCode, io::Error> {
    Err(std::os::unix::process::CommandExt::exec(command))
}

#[cfg(not(unix))]
fn run(command: &mut Command) -> Result<ExitCode, io::Error> {
    Ok(super::exit_code::of(command.status()?))
}
