//! Programs started with a key.

#![expect(clippy::disallowed_methods, reason = "this file is where programs are started")]

use std::ffi::OsString;
use std::io;
use std::process::{Command, ExitStatus};

use super::process::Hardened;
use super::variables::PASSPHRASE_FILE;
use crate::model::{ApiKey, KeyMask};

/// A program, the variables it gets and the ones it loses.
pub struct Child<'a> {
    /// The program and its arguments; never empty.
    pub command: &'a [OsString],
    /// The variables that hold the key.
    pub variables: &'a [String],
    /// The key.
    pub key: &'a ApiKey,
}

/// How a child that did not take this process's place ended: its code, or 128 and its signal.
pub type ExitCode = u8;

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
        let mut command = self.prepared();
        super::masked_child::run(&mut command, &KeyMask::of(self.key.expose()), hardened)
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

/// The exit code for a program that could not be started: 127 where there is none, else 126.
pub fn code_of_failure(error: &io::Error) -> ExitCode {
    if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 }
}

/// The exit code for how a program ended: its own, or 128 and its signal.
pub(super) fn code_of(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(1);
    }
    status.code().and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(1)
}

/// Opens an address in the person's browser; whether one was found.
pub fn open_browser(address: &str) -> bool {
    let opener = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    output(opener, &[address]).is_some()
}

/// What a program prints, trimmed, if it can be started and succeeds.
pub fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(unix)]
fn run(command: &mut Command) -> Result<ExitCode, io::Error> {
    Err(std::os::unix::process::CommandExt::exec(command))
}

#[cfg(not(unix))]
fn run(command: &mut Command) -> Result<ExitCode, io::Error> {
    Ok(code_of(command.status()?))
}
