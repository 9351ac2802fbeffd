//! The protocol between the hooks in `hooks/` and the hidden command `hook-env SHELL`.
//!
//! **The script** checks at each prompt, without starting a process, what the selection depends on:
//! - the working directory, `$GETIMG_KEYS_PROFILE` and `$GETIMG_KEYS_HOME`;
//! - every `.getimg-keys.toml` from the working directory upwards: its first [`SEEN_OF_A_PIN`] characters;
//! - the file that [`STAMP`] names: its first 512 characters. Every change that affects the selection must
//!   change them.
//!
//! PowerShell compares the length and time of the files instead. If nothing has changed since the last prompt, and
//! [`SAVED`] does not end in `+`, nothing happens. Else the script runs `hook-env SHELL` once and evaluates, in quotes,
//! what it prints. It starts the program by the path that it was called by, else the one now on the search path.
//! **If the program cannot be started** or fails, the script itself unsets the variables that [`SAVED`] names, or
//! `$GETIMG_API_KEY`, if [`LOADED`] says that a hook gave them a key.
//!
//! **`hook-env`** reads the working directory, the profiles, the pins, `$GETIMG_KEYS_PROFILE`, the variables that
//! hold the key, and the script's [`SAVED`] and [`STAMP`] (empty if it has none). Its standard input
//! is empty, so it never asks. It prints [`Dialect::apply`](super::Dialect::apply) of its changes, which is
//! empty if there are none:
//! - `Set` of [`STAMP`] to the profiles' absolute path, if the script gave another value;
//! - entering a pinned directory: `Set` of [`SAVED`] to what must be restored later (for each variable its value,
//!   empty or not, or that it was not set), then `Set` of the variables;
//! - from one pinned directory into another: `Set` of the variables, [`SAVED`] stays;
//! - leaving: `Set` or `Unset` of each variable as saved, while it holds what the hook loaded;
//! - `Set` or `Unset` of [`LOADED`].
//!
//! [`SAVED`] begins with the variables' names, separated by commas, and a space; only `hook-env` reads the rest, which
//! lives as long as the shell. Because it can hold a key, the scripts keep it and [`STAMP`] out of the
//! environment and pass them to `hook-env` only. If they come from the environment, they are dropped when the hook is
//! loaded. [`LOADED`] is exported: it tells a shell that was started inside another what it may drop. Errors are
//! one short line on standard error.
//!
//! The hooks also export `$GETIMG_KEYS_SHELL`, `SHELL:PID`: see [`reading`].

use super::Shell;

/// What `hook-env` wants to get back at the next call: above all the earlier values of the variables.
pub const SAVED: &str = "__GETIMG_KEYS_SAVED";
/// Why a hook set the variables, and with which key, by its short fingerprint; begins with `pin:` or `use:`.
pub const LOADED: &str = "GETIMG_KEYS_LOADED";
/// How many characters of a pin the scripts compare; if a pin is longer, `hook-env` runs at every prompt.
pub const SEEN_OF_A_PIN: u64 = 4096;
/// The file whose beginning changes with the profiles.
pub const STAMP: &str = "__GETIMG_KEYS_STAMP";

/// The shell that reads what this process prints: the nearest ancestor that is one.
///
/// Everything that is started from a shell with a hook inherits `$GETIMG_KEYS_SHELL`; it only counts for the process
/// that it names. Ancestors are process numbers with their programs, the parent first.
pub fn reading(said: Option<&str>, ancestors: impl Iterator<Item = (u32, Option<String>)>) -> Option<Shell> {
    let said = said.and_then(said_by_hook);
    ancestors.into_iter().find_map(|(id, program)| match said {
        Some((shell, process)) if process == id => Some(shell),
        _ => Shell::from_program(program.as_deref()?),
    })
}

/// A shell and its process, as a hook exports them: `zsh:41`.
pub fn said_by_hook(text: &str) -> Option<(Shell, u32)> {
    let (name, process) = text.split_once(':')?;
    Some((Shell::from_program(name)?, process.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_shell_reads_and_a_hook_speaks_for_its_own_alone() {
        let up = |said, ancestors: &[(u32, &str)]| {
            let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
            reading(said, ancestors.iter().map(|(id, name)| (*id, named(name))))
        };
        let ancestors = [(43, "timeout"), (42, "bash"), (41, "fish")];
        assert_eq!(up(Some("fish:41"), &ancestors), Some(Shell::Bash));
        assert_eq!(up(Some("fish:41"), &ancestors[2..]), Some(Shell::Fish));
        assert_eq!(up(Some("zsh:40"), &[(43, ""), (40, "unheard-of")]), Some(Shell::Zsh));
        assert_eq!(up(Some("zsh"), &[(40, "unheard-of")]), None);
        assert_eq!(up(Some("zsh:x"), &[(40, "dash")]), Some(Shell::Sh));
        assert_eq!(up(None, &[(43, "python3"), (1, "")]), None);
    }
}
