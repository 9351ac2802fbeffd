//! The prompt: input can be hidden, and the terminal's mode is always restored.

#[cfg(unix)]
#[path = "prompt/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "prompt/windows.rs"]
mod platform;

use zeroize::Zeroizing;

use super::stdin::stdin_is_terminal;
use crate::error::{Error, Result};

/// A line at a terminal has at most 4096 bytes.
const LINE: usize = 4096;

/// Whether what is typed is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Echo {
    /// It is a secret.
    Hidden,
    /// It is not.
    Shown,
}

/// Asks for a line at the terminal; returns it without its newline.
///
/// # Errors
/// Ctrl-C or the end of input (exit 9); a terminal that cannot be read. Every other deadly signal
/// restores the terminal and is raised again.
pub(super) fn read(question: &str, echo: Echo) -> Result<Zeroizing<Vec<u8>>> {
    platform::read(question, echo)
}

/// Whether standard input is a terminal whose echo can be switched off.
pub fn can_be_asked() -> bool {
    stdin_is_terminal() && platform::can_hide()
}

fn unreadable() -> Error {
    Error::failure("the terminal cannot be read")
}
