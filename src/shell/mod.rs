//! Changes of environment variables, as code for each shell.
//!
//! [`Dialect::apply`] writes the changes; [`Dialect::hook`] lets a shell ask for them at its prompt, with the
//! protocol that [`hooks`] describes.

mod cmd;
mod elvish;
mod fish;
pub mod format;
pub mod hooks;
mod nushell;
mod posix;
mod powershell;
mod tcsh;
#[cfg(test)]
mod tests;
mod variable_name;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::model::ApiKey;

pub use variable_name::{MalformedVariableName, VariableName};

/// A shell that text can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// GNU Bash.
    Bash,
    /// The Z shell.
    Zsh,
    /// Any POSIX shell.
    Sh,
    /// The Korn shell.
    Ksh,
    /// The friendly interactive shell.
    Fish,
    /// PowerShell, on every system.
    #[value(alias = "pwsh")]
    Powershell,
    /// Nushell.
    #[value(alias = "nu")]
    Nushell,
    /// Elvish.
    Elvish,
    /// The C shell with command-line editing.
    #[value(alias = "csh")]
    Tcsh,
    /// The command prompt of Windows.
    Cmd,
}

/// A character that a shell cannot represent; it is refused, never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{what} cannot be written for {target}")]
pub struct Unsayable {
    /// The character that cannot be written, in words.
    pub what: &'static str,
    /// The shell or format.
    pub target: &'static str,
}

/// One change of one variable.
#[derive(Clone, Copy)]
pub enum Change<'a> {
    /// Sets it.
    Set {
        /// Its name.
        name: &'a VariableName,
        /// Its value.
        value: &'a str,
    },
    /// Unsets it.
    Unset {
        /// Its name.
        name: &'a VariableName,
    },
}

/// The syntax of one shell.
pub trait Dialect: Sync {
    /// Code that makes the changes when the shell evaluates it; empty if there are none.
    ///
    /// # Errors
    /// A value that the shell cannot represent.
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable>;

    /// Code for the start-up file, which starts the program at `exe`; `None` for a shell that has no hook.
    ///
    /// # Errors
    /// A path that the shell cannot represent.
    fn hook(&self, exe: &str) -> Result<Option<String>, Unsayable>;
}

impl<'a> Change<'a> {
    /// Sets the variable to a key.
    pub fn set_key(name: &'a VariableName, key: &'a ApiKey) -> Self {
        Self::Set { name, value: key.expose() }
    }
}

impl Shell {
    /// The name used on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Sh => "sh",
            Self::Ksh => "ksh",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Nushell => "nushell",
            Self::Elvish => "elvish",
            Self::Tcsh => "tcsh",
            Self::Cmd => "cmd",
        }
    }

    /// The shell that a program is: `-zsh`, `/usr/bin/fish`, `pwsh.exe`, `bash-static`, `ksh93`, `.nu-wrapped`.
    pub fn from_program(program: &str) -> Option<Self> {
        let file = program.rsplit(['/', '\\']).next().unwrap_or(program);
        let file = file.trim_start_matches(['-', '.']).to_ascii_lowercase();
        let file = file.strip_suffix(".exe").unwrap_or(&file);
        let file = ["-wrapped", "-static"].iter().find_map(|end| file.strip_suffix(end)).unwrap_or(file);
        match file.trim_end_matches(|c: char| c.is_ascii_digit() || ".-".contains(c)) {
            "bash" | "rbash" => Some(Self::Bash),
            "zsh" | "rzsh" => Some(Self::Zsh),
            "sh" | "dash" | "ash" | "busybox" | "yash" | "posh" => Some(Self::Sh),
            "ksh" | "rksh" | "mksh" | "oksh" | "lksh" | "pdksh" => Some(Self::Ksh),
            "fish" => Some(Self::Fish),
            "pwsh" | "powershell" | "pwsh-preview" => Some(Self::Powershell),
            "nu" | "nushell" => Some(Self::Nushell),
            "elvish" => Some(Self::Elvish),
            "tcsh" | "csh" | "bsd-csh" => Some(Self::Tcsh),
            "cmd" => Some(Self::Cmd),
            _ => None,
        }
    }

    /// The syntax of this shell.
    pub fn dialect(self) -> &'static dyn Dialect {
        match self {
            Self::Bash => &posix::Posix { hook: Some(include_str!("hooks/bash.bash")) },
            Self::Zsh => &posix::Posix { hook: Some(include_str!("hooks/zsh.zsh")) },
            Self::Sh | Self::Ksh => &posix::Posix { hook: None },
            Self::Fish => &fish::Fish,
            Self::Powershell => &powershell::Powershell,
            Self::Nushell => &nushell::Nushell,
            Self::Elvish => &elvish::Elvish,
            Self::Tcsh => &tcsh::Tcsh,
            Self::Cmd => &cmd::Cmd,
        }
    }

    /// The line that makes this shell evaluate a command's output.
    pub fn how_to_load(self, command: &str) -> String {
        match self {
            Self::Bash | Self::Zsh | Self::Sh | Self::Ksh => format!("eval $({command})"),
            Self::Fish => format!("{command} | source"),
            Self::Powershell => format!("{command} | Out-String | Invoke-Expression"),
            Self::Nushell => format!("{command} | from json | load-env"),
            Self::Elvish => format!("eval ({command} | slurp)"),
            Self::Tcsh => format!("eval \"`{command}`\""),
            Self::Cmd => format!("for /f \"delims=\" %i in ('{command}') do @%i"),
        }
    }
}

impl Shell {
    /// The command that adds the hook to the shell's start-up file; `None` if the shell has no hook.
    pub fn how_to_hook(self) -> Option<&'static str> {
        Some(match self {
            Self::Bash => r#"echo 'eval "$(getimg-keys hook bash)"' >> ~/.bashrc"#,
            Self::Zsh => r#"echo 'eval "$(getimg-keys hook zsh)"' >> ~/.zshrc"#,
            Self::Fish => "echo 'getimg-keys hook fish | source' >> ~/.config/fish/config.fish",
            Self::Powershell => {
                "Add-Content $PROFILE 'getimg-keys hook powershell | Out-String | Invoke-Expression'"
            }
            Self::Nushell => {
                "getimg-keys hook nushell | save -f ($nu.user-autoload-dirs.0 | path join getimg-keys.nu)"
            }
            Self::Elvish => "echo 'eval (getimg-keys hook elvish | slurp)' >> ~/.config/elvish/rc.elv",
            Self::Sh | Self::Ksh | Self::Tcsh | Self::Cmd => return None,
        })
    }
}

/// Writes every change with `write`; refuses NUL, which no environment can hold.
fn statements(
    changes: &[Change<'_>],
    target: &'static str,
    write: impl Fn(&mut String, &Change<'_>) -> Result<(), Unsayable>,
) -> Result<Zeroizing<String>, Unsayable> {
    let mut text = Zeroizing::new(String::new());
    for change in changes {
        if let Change::Set { value, .. } = change {
            no_nul(value, target)?;
        }
        write(&mut text, change)?;
    }
    Ok(text)
}

/// One line for each change: `set NAME VALUE;`, with the value quoted by `quote`, or `unset NAME;`.
fn lines(
    changes: &[Change<'_>],
    target: &'static str,
    [set, unset]: [&str; 2],
    quote: impl Fn(&mut String, &str),
) -> Result<Zeroizing<String>, Unsayable> {
    statements(changes, target, |text, change| {
        match change {
            Change::Unset { name } => text.push_str(&format!("{unset} {name};\n")),
            Change::Set { name, value } => {
                text.push_str(&format!("{set} {name} "));
                quote(text, value);
                text.push_str(";\n");
            }
        }
        Ok(())
    })
}

/// A hook's script with the program's path, quoted, in its placeholder.
fn from_template(
    template: &str,
    exe: &str,
    target: &'static str,
    quote: impl Fn(&mut String, &str),
) -> Result<String, Unsayable> {
    no_nul(exe, target)?;
    let mut quoted = String::new();
    quote(&mut quoted, exe);
    Ok(template.replace("'@program@'", &quoted))
}

fn no_nul(text: &str, target: &'static str) -> Result<(), Unsayable> {
    if text.contains('\0') {
        return Err(Unsayable { what: "a NUL character", target });
    }
    Ok(())
}
