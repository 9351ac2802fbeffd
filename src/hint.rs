//! A hint: a command that the user can run next.

pub mod suggest;

use std::fmt;
use std::path::Path;

use serde::{Serialize, Serializer};

pub use self::suggest::{quoted, quoted_path};

/// This program, as it is called.
pub const PROGRAM: &str = "getimg-keys";

/// A command line that helps, and what it is for.
///
/// ```
/// # use getimg_keys::hint::Hint;
/// let hint = Hint::run("rotate").arg("dev").flag("--finish").note("once it is revoked");
/// assert_eq!(hint.to_string(), "getimg-keys rotate dev --finish  # once it is revoked");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    is_ours: bool,
    is_advice: bool,
    line: String,
    note: String,
}

impl Hint {
    /// One of this program's commands: its name, and what of its arguments is always the same.
    pub fn run(command: &str) -> Self {
        Self { is_ours: true, is_advice: false, line: command.to_owned(), note: String::new() }
    }

    /// What a person does elsewhere: a sentence, which no shell takes.
    pub fn advice(text: impl Into<String>) -> Self {
        Self { is_ours: false, is_advice: true, line: text.into(), note: String::new() }
    }

    /// Adds a word, quoted where a shell would take it for something else.
    #[must_use]
    pub fn arg(self, word: impl fmt::Display) -> Self {
        self.flag(quoted(word))
    }

    /// Adds a path as a word, whatever its bytes are.
    #[must_use]
    pub fn path(self, path: &Path) -> Self {
        self.flag(quoted_path(path))
    }

    /// Adds options, a placeholder such as `CMD…`, or a word that is quoted already; nothing where there are none.
    #[must_use]
    pub fn flag(mut self, words: impl fmt::Display) -> Self {
        let words = words.to_string();
        if !words.is_empty() {
            self.line.push(' ');
            self.line.push_str(&words);
        }
        self
    }

    /// Says what it is for.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Goes on with another command where this one succeeded.
    #[must_use]
    pub fn and(self, next: &Self) -> Self {
        let line = format!("{} && {}", self.line, next.command());
        Self { line, ..self }
    }

    /// The same for whoever chose a store for one command alone: the commands that only read need the choice too.
    #[must_use]
    pub fn on_store(mut self, store: &str) -> Self {
        let reads = ["check", "current", "env", "exec", "list", "status", "verify"];
        if reads.into_iter().any(|command| self.runs(command)) && !self.line.contains("--store") {
            self.line.insert_str(0, &format!("--store {store} "));
        }
        self
    }

    /// Whether it runs that command of this program.
    pub fn runs(&self, command: &str) -> bool {
        let rest = self.line.strip_prefix(command);
        self.is_ours && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }

    /// Whether it is a sentence, and no command line.
    pub fn is_advice(&self) -> bool {
        self.is_advice
    }

    /// What it is for; empty where that goes without saying.
    pub fn about(&self) -> &str {
        &self.note
    }

    /// The command line alone, without what it is for.
    pub fn command(&self) -> String {
        if self.is_ours { format!("{PROGRAM} {}", self.line) } else { self.line.clone() }
    }
}

/// A line of the system's shell; behind `  # ` it may say what it is for.
impl From<String> for Hint {
    fn from(line: String) -> Self {
        let (line, note) = match line.split_once("  # ") {
            Some((line, note)) => (line.to_owned(), note.to_owned()),
            None => (line, String::new()),
        };
        Self { is_ours: false, is_advice: false, line, note }
    }
}

impl From<&Self> for Hint {
    fn from(hint: &Self) -> Self {
        hint.clone()
    }
}

/// As from a [`String`].
impl From<&str> for Hint {
    fn from(line: &str) -> Self {
        line.to_owned().into()
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.command())?;
        if self.note.is_empty() { Ok(()) } else { write!(f, "  # {}", self.note) }
    }
}

impl Serialize for Hint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_a_line_that_can_be_pasted() {
        let table = [
            (Hint::run("list"), "getimg-keys list"),
            (Hint::run("use").arg("dev").note("or ci"), "getimg-keys use dev  # or ci"),
            (
                Hint::run("remove").arg("dev").and(&Hint::run("add").arg("dev")),
                "getimg-keys remove dev && getimg-keys add dev",
            ),
            (Hint::run("exec").flag("-- CMD…").on_store("env"), "getimg-keys --store env exec -- CMD…"),
            (Hint::run("add dev --store file").on_store("env"), "getimg-keys add dev --store file"),
            (Hint::run("store migrate --to file").on_store("env"), "getimg-keys store migrate --to file"),
            (Hint::from("git init").on_store("env"), "git init"),
            (Hint::run("backup").flag("").arg("all"), "getimg-keys backup all"),
        ];
        for (hint, line) in table {
            assert_eq!(hint.to_string(), line);
        }
        assert_eq!(serde_json::to_value(Hint::run("list").note("all")).unwrap(), "getimg-keys list  # all");
    }

    #[test]
    #[cfg(unix)]
    fn a_word_is_quoted() {
        assert_eq!(Hint::run("import").arg("my file").to_string(), "getimg-keys import 'my file'");
    }

    #[test]
    fn it_knows_which_command_it_runs() {
        let table = [
            (Hint::run("doctor"), true),
            (Hint::run("doctor --offline"), true),
            (Hint::run("doctors"), false),
        ];
        for (hint, is_doctor) in table {
            assert_eq!(hint.runs("doctor"), is_doctor, "{hint}");
        }
        assert!(!Hint::from("doctor").runs("doctor"));
    }
}
