//! The agreement between the hooks, the scripts in `hooks/`, and the hidden command `hook-env SHELL`.
//!
//! **The script** looks, at each prompt and without starting a process, at what the selection depends on:
//! - the working directory, `$GETIMG_KEYS_PROFILE` and `$GETIMG_KEYS_HOME`;
//! - the nearest `.getimg-keys.toml` from the working directory upwards: its first 4096 characters;
//! - the file that [`STAMP`] names: its first 512 characters. Every change that concerns the selection has to
//!   show there.
//!
//! PowerShell compares length and time of both files instead. If all is as it was at the last prompt, nothing
//! happens. Else the script runs `hook-env SHELL` once and evaluates, between quotes, what it prints; what was
//! seen counts as seen, whatever the answer and the exit code.
//!
//! **`hook-env`** reads the working directory, the book, the pin, `$GETIMG_KEYS_PROFILE` and the variables that
//! hold the key, and of the script's [`SAVED`] and [`STAMP`] (empty where there are none). Its standard input
//! is empty, so it never asks. It prints [`Dialect::apply`](super::Dialect::apply) of its changes, which is
//! nothing where there are none:
//! - `Set` of [`STAMP`] to the book's absolute path, if that is not what it was given;
//! - entering a pinned directory: `Set` of [`SAVED`] to what is to be restored (of each variable its value,
//!   empty or not, or that it was not set), then `Set` of the variables;
//! - from one pinned directory into another: `Set` of the variables, [`SAVED`] stays;
//! - leaving: `Set` or `Unset` of each variable as saved, then `Unset` or another `Set` of [`SAVED`].
//!
//! [`SAVED`] is its own business, any text but an empty one, and lives as long as the shell; so it is also the
//! place for which profile was last followed and which broken pin was already complained of. Because it can hold
//! a key, the scripts keep it, and [`STAMP`], out of the environment: only `hook-env` is given them. A shell
//! started inside another therefore begins anew. What is wrong is said in one line on standard error.
//!
//! The hooks also export `$GETIMG_KEYS_SHELL`, `SHELL:PID`: see [`said_by_hook`].

use super::Shell;

/// What `hook-env` wants to be given back next time: above all what the variables were before.
pub const SAVED: &str = "__GETIMG_KEYS_SAVED";
/// The file whose beginning changes with the book.
pub const STAMP: &str = "__GETIMG_KEYS_STAMP";

/// The shell that `$GETIMG_KEYS_SHELL` names, if it is the one that started this process.
///
/// The variable reaches everything that is started from that shell. A script for another shell must not get
/// text for this one, so the process number counts where the parent's is known. A name alone is believed.
pub fn said_by_hook(text: &str, parent: Option<u32>) -> Option<Shell> {
    let (name, process) = text.split_once(':').map_or((text, None), |(name, id)| (name, Some(id)));
    let other = parent.zip(process).is_some_and(|(parent, process)| process.parse() != Ok(parent));
    if other { None } else { Shell::from_program(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_speaks_for_its_own_shell_only() {
        assert_eq!(said_by_hook("fish:41", Some(41)), Some(Shell::Fish));
        assert_eq!(said_by_hook("fish:41", Some(42)), None);
        assert_eq!(said_by_hook("powershell:41", None), Some(Shell::Powershell));
        assert_eq!(said_by_hook("zsh", Some(42)), Some(Shell::Zsh));
        assert_eq!(said_by_hook("fish:x", Some(42)), None);
        assert_eq!(said_by_hook("", None), None);
    }
}
