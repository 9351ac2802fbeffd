//! Code for a shell: which shell, which variables, and the report.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::hint::suggest;
use crate::output::Report;
use crate::shell::hooks::reading;
use crate::shell::{Change, Shell, VariableName};
use crate::system::files::regular_file;
use crate::system::process::ancestors::ancestors;
use crate::system::{Terminal, World, variables};

/// Code for a shell, or text for a file that a program reads its environment from.
pub struct ShellText {
    /// `None` if only the JSON of what would be written is wanted.
    text: Option<Zeroizing<String>>,
    json: Value,
    append: Option<Append>,
}

/// Lines for a file that another program reads; written once the text is.
pub struct Append {
    /// Its name.
    path: PathBuf,
    /// The file, open.
    file: File,
    /// The lines.
    lines: Zeroizing<String>,
}

impl ShellText {
    /// Text that may contain a key; it is written even if JSON is asked for.
    pub fn secret(text: Zeroizing<String>) -> Self {
        Self { text: Some(text), json: Value::Null, append: None }
    }

    /// The text, without writing it.
    pub fn json_only(json: Value) -> Self {
        Self { text: None, json, append: None }
    }

    /// Text without a key.
    pub fn harmless(text: Zeroizing<String>, names: &[VariableName], world: &World) -> Self {
        let names: Vec<_> = names.iter().map(VariableName::as_str).collect();
        Self {
            text: (!world.terminal.collects).then_some(text),
            json: json!({ "variables": names, "changed": false }),
            append: None,
        }
    }

    /// The same, and lines to append to a file.
    #[must_use]
    pub fn and_append(self, append: Option<Append>) -> Self {
        Self { append, ..self }
    }
}

impl Append {
    /// Opens the file; nothing is written yet.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn to(path: PathBuf, lines: Zeroizing<String>) -> Result<Self> {
        let file =
            regular_file::open_to_write(&path, true).map_err(|e| Error::unwritable("write", &path, &e))?;
        Ok(Self { path, file, lines })
    }

    /// Appends the lines; adds a newline first if the file does not end with one.
    fn write(&self) -> io::Result<()> {
        let mut file = &self.file;
        let mut last = [b'\n'];
        // An empty file has no last letter, and a pipe none that can be read.
        if file.seek(SeekFrom::End(-1)).is_ok() {
            file.read_exact(&mut last)?;
        }
        let end: &[u8] = if last == *b"\n" { b"" } else { b"\n" };
        file.write_all(end)?;
        file.write_all(self.lines.as_bytes())
    }
}

impl Report for ShellText {
    fn json(&self) -> Value {
        self.json.clone()
    }

    fn secret(&self) -> Option<&Zeroizing<String>> {
        self.text.as_ref()
    }

    fn afterwards(&self, _: &Terminal) -> Result<()> {
        self.append
            .as_ref()
            .map_or(Ok(()), |a| a.write().map_err(|e| Error::unwritable("write", &a.path, &e)))
    }
}

/// The shell to write for: as asked, else the nearest shell that this process comes from; else `$SHELL` where a person
/// reads it, else `sh`: what another shell would not understand, it could show on a screen.
///
/// # Errors
/// A variable that is not UTF-8 (2).
pub fn which_shell(asked: Option<Shell>, world: &World) -> Result<Shell> {
    let said = world.variables.text(variables::SHELL)?;
    let above = || reading(said, ancestors().map(|above| (above.id, above.program)));
    if let Some(shell) = asked.or_else(above) {
        return Ok(shell);
    }
    let login = match io::stdout().is_terminal() {
        true => world.variables.text("SHELL")?.and_then(Shell::from_program),
        false => None,
    };
    Ok(login.unwrap_or(if cfg!(windows) { Shell::Powershell } else { Shell::Sh }))
}

/// Shell code that unsets every variable that `env` sets.
///
/// # Errors
/// The configuration names a variable that none can be (2).
pub fn unsetting(shell: Shell, world: &World) -> Result<ShellText> {
    let names = variable_names(world)?;
    let changes: Vec<_> = names.iter().map(|name| Change::Unset { name }).collect();
    let code: Zeroizing<String> = shell
        .dialect()
        .apply(&changes)
        .map_err(|e| Error::usage(format!("{} cannot say this: {e}", shell.as_str())))?;
    Ok(ShellText::harmless(code, &names, world))
}

/// The variables that hold the key, from `[env] variables`.
///
/// # Errors
/// A name that no variable can have (2).
pub fn variable_names(world: &World) -> Result<Vec<VariableName>> {
    let names = &world.config()?.env.variables;
    let wrong = |why: &dyn std::fmt::Display| {
        let file = world.places.config();
        Error::failure(format!("`[env] variables` in {}: {why}", world.places.shown(&file)))
            .hint(suggest::edit(world.places.typed(&file)))
    };
    if names.is_empty() {
        return Err(wrong(&"it is empty, so no program would find the key"));
    }
    names.iter().map(|text| text.parse().map_err(|e| wrong(&e))).collect()
}
