//! How a program ended, as the one number that a shell makes of it.

use std::io;
use std::process::ExitStatus;

/// How a child that did not take this process's place ended: its code, or 128 and its signal.
pub type ExitCode = u8;

/// The exit code for a program that could not be started: 127 where there is none, else 126.
pub fn of_failure(error: &io::Error) -> ExitCode {
    if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 }
}

/// The exit code for how a program ended: its own, or 128 and its signal.
pub(super) fn of(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(1);
    }
    status.code().and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(1)
}
