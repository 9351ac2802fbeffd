//! Real shells get text, and are asked what they understood.

mod hooks;
#[cfg(target_os = "linux")]
mod hooks_elsewhere;
#[cfg(target_os = "linux")]
mod hostile;
mod linters;
mod round_trip;
#[cfg(target_os = "linux")]
mod scripts;
mod stage;

use std::process::{Command, Stdio};

use getimg_keys::shell::Shell;

use crate::support::skipped;

/// A real shell, started without a user's settings.
struct RealShell {
    shell: Shell,
    program: &'static str,
    arguments: &'static [&'static str],
}

const fn real(shell: Shell, program: &'static str, arguments: &'static [&'static str]) -> RealShell {
    RealShell { shell, program, arguments }
}

/// With the options that change the meaning of words most.
const POSIX: &[RealShell] = &[
    real(Shell::Bash, "bash", &["--norc"]),
    real(Shell::Bash, "bash", &["--posix"]),
    real(Shell::Bash, "bash", &["-O", "nullglob", "-O", "extglob", "-O", "globstar"]),
    real(Shell::Bash, "bash", &["-O", "failglob"]),
    real(Shell::Zsh, "zsh", &["-f"]),
    real(Shell::Zsh, "zsh", &["-f", "-o", "extendedglob", "-o", "shwordsplit", "-o", "magicequalsubst"]),
    real(Shell::Sh, "dash", &[]),
    real(Shell::Sh, "busybox", &["sh"]),
    real(Shell::Ksh, "ksh", &[]),
    real(Shell::Ksh, "mksh", &[]),
];

const OTHERS: &[RealShell] = &[
    real(Shell::Fish, "fish", &["--no-config"]),
    real(Shell::Powershell, "pwsh", &["-NoProfile", "-File"]),
    real(Shell::Nushell, "nu", &["--no-config-file"]),
    real(Shell::Elvish, "elvish", &["-norc"]),
    real(Shell::Tcsh, "tcsh", &["-f"]),
];

/// Those shells that are installed; each other one with a message.
fn present(shells: &'static [RealShell]) -> impl Iterator<Item = &'static RealShell> {
    shells.iter().filter(|real| is_here(real.program))
}

/// Whether a program is installed; prints a message if not.
fn is_here(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let here = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if !here {
        skipped(&format!("there is no `{program}` here"));
    }
    here
}

/// A command with only the search path and a home in its environment; fish makes its folders in the home.
fn command(program: &str) -> Command {
    let home = concat!(env!("CARGO_TARGET_TMPDIR"), "/home-of-shells");
    std::fs::create_dir_all(home).unwrap();
    let mut command = Command::new(program);
    command.env_clear().envs([("HOME", home), ("LC_ALL", "C.UTF-8")]);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).stdin(Stdio::null());
    command
}

impl RealShell {
    /// The command that runs a script in this shell.
    fn command(&self) -> Command {
        let mut command = command(self.program);
        command.args(self.arguments);
        command
    }
}
