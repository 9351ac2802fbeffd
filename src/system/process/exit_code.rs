//! How a program ended, as a shell's exit code.

use std::io;
use std::process::ExitStatus;

/// The result of a child process: its code, 32 bits of it on Windows, or 128 plus its signal.
pub type ExitCode = i32;

/// The exit code for a program that could not be started: 127 if it does not exist, else 126.
pub fn of_failure(error: &io::Error) -> u8 {
    if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 }
}

/// The exit code for a program that ended: its own, or 128 plus its signal.
pub(super) fn of(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal;
    }
    status.code().unwrap_or(1)
}
