//! Changes of environment variables, written as the text of a shell.

mod fish;
pub mod format;
mod posix;
mod powershell;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::model::ApiKey;

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
}

/// The name of an environment variable: letters, digits and `_`, the first no digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableName(String);

/// The text cannot name an environment variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a variable's name has letters, digits and `_`, the first no digit")]
pub struct MalformedVariableName;

/// What a shell cannot carry; refused, never mangled.
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
    /// It gets a value.
    Set {
        /// Its name.
        name: &'a VariableName,
        /// Its value.
        value: &'a str,
    },
    /// It is no longer there.
    Unset {
        /// Its name.
        name: &'a VariableName,
    },
}

/// How one shell says it.
pub trait Dialect: Sync {
    /// Text that the shell evaluates to make the changes.
    ///
    /// # Errors
    /// A value that the shell cannot carry.
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable>;
}

impl<'a> Change<'a> {
    /// The variable gets a key.
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
        }
    }

    /// The shell that a program is: `-zsh`, `/usr/bin/fish`, `pwsh.exe`.
    pub fn from_program(program: &str) -> Option<Self> {
        let file = program
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or(program)
            .trim_start_matches('-')
            .to_ascii_lowercase();
        match file.strip_suffix(".exe").unwrap_or(&file) {
            "bash" => Some(Self::Bash),
            "zsh" => Some(Self::Zsh),
            "sh" | "dash" | "ash" | "busybox" => Some(Self::Sh),
            "ksh" | "ksh93" | "mksh" | "oksh" | "lksh" => Some(Self::Ksh),
            "fish" => Some(Self::Fish),
            "pwsh" | "powershell" => Some(Self::Powershell),
            _ => None,
        }
    }

    /// How this shell says it.
    pub fn dialect(self) -> &'static dyn Dialect {
        match self {
            Self::Bash | Self::Zsh | Self::Sh | Self::Ksh => &posix::Posix,
            Self::Fish => &fish::Fish,
            Self::Powershell => &powershell::Powershell,
        }
    }

    /// The line a person types to let the shell evaluate what a command prints.
    pub fn how_to_load(self, command: &str) -> String {
        match self {
            Self::Bash | Self::Zsh | Self::Sh | Self::Ksh => format!("eval $({command})"),
            Self::Fish => format!("{command} | source"),
            Self::Powershell => format!("{command} | Out-String | Invoke-Expression"),
        }
    }
}

impl VariableName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VariableName {
    type Err = MalformedVariableName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let first = text.bytes().next().ok_or(MalformedVariableName)?;
        if first.is_ascii_digit() || !text.bytes().all(good) {
            return Err(MalformedVariableName);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for VariableName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
