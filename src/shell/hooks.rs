//! What the hooks in `hooks/` and the hidden command `hook-env SHELL` agree on.
//!
//! **The script** looks, at each prompt and without starting a process, at what the selection depends on:
//! - the working directory, `$GETIMG_KEYS_PROFILE` and `$GETIMG_KEYS_HOME`;
//! - every `.getimg-keys.toml` from the working directory upwards: its first [`SEEN_OF_A_PIN`] characters;
//! - the file that [`STAMP`] names: its first 512 characters. Every change that concerns the selection has to
//!   show there.
//!
//! PowerShell compares length and time of the files instead. If all is as it was at the last prompt, and [`SAVED`] does
//! not end in `+`, nothing happens. Else the script runs `hook-env SHELL` once and evaluates, between quotes, what it
//! prints. It starts the program by the path that it was called by, else the one that is on the search path by now.
//! **Where none can be started**, or it fails, the script itself unsets the variables that [`SAVED`] names, or
//! `$GETIMG_API_KEY`, if [`LOADED`] says that a hook gave them a key.
//!
//! **`hook-env`** reads the working directory, the profiles, the pins, `$GETIMG_KEYS_PROFILE` and the variables that
//! hold the key, and of the script's [`SAVED`] and [`STAMP`] (empty where there are none). Its standard input
//! is empty, so it never asks. It prints [`Dialect::apply`](super::Dialect::apply) of its changes, which is
//! nothing where there are none:
//! - `Set` of [`STAMP`] to the profiles' absolute path, if that is not what it was given;
//! - entering a pinned directory: `Set` of [`SAVED`] to what is to be restored (of each variable its value,
//!   empty or not, or that it was not set), then `Set` of the variables;
//! - from one pinned directory into another: `Set` of the variables, [`SAVED`] stays;
//! - leaving: `Set` or `Unset` of each variable as saved, while it holds what the hook loaded;
//! - `Set` or `Unset` of [`LOADED`].
//!
//! [`SAVED`] begins with the variables' names, a comma between two, and a space; the rest is `hook-env`'s own business
//! and lives as long as the shell. Because it can hold a key, the scripts keep it, and [`STAMP`], out of the
//! environment: only `hook-env` is given them. What of them comes out of the environment is dropped when the hook is
//! loaded. [`LOADED`] is exported: a shell started inside another knows by it what it may drop. What is wrong is said in
//! one short line on standard error.
//!
//! The hooks also export `$GETIMG_KEYS_SHELL`, `SHELL:PID`: see [`reading`].

use super::Shell;

/// What `hook-env` wants to be given back next time: above all what the variables were before.
pub const SAVED: &str = "__GETIMG_KEYS_SAVED";
/// Why and by which key, as its short fingerprint, a hook gave the variables a value: `pin:` or `use:` before it.
pub const LOADED: &str = "GETIMG_KEYS_LOADED";
/// So much of a pin the scripts look at; where one is longer `hook-env` looks at every prompt.
pub const SEEN_OF_A_PIN: u64 = 4096;
/// The file whose beginning changes with the profiles.
pub const STAMP: &str = "__GETIMG_KEYS_STAMP";

/// The shell that reads what this process prints: the nearest ancestor that is one.
///
/// `$GETIMG_KEYS_SHELL` reaches everything that is started from a shell with a hook; it counts for that very process
/// alone. Ancestors are numbers with the programs they run, the parent first.
pub fn reading(said: Option<&str>, ancestors: impl Iterator<Item = (u32, Option<String>)>) -> Option<Shell> {
    let said = said.and_then(said_by_hook);
    ancestors.into_iter().find_map(|(id, program)| match said {
        Some((shell, process)) if process == id => Some(shell),
        _ => Shell::from_program(program.as_deref()?),
    })
}

/// A shell and its process, as a hook writes them: `zsh:41`.
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
