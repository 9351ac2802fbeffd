//! Environment variables as files that other programs read.

use zeroize::Zeroizing;

use super::{Change, Unsayable, VariableName};

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `NAME="value"`, as dotenv libraries read it.
    Dotenv,
    /// One object.
    Json,
    /// `NAME=value`, as systemd's `EnvironmentFile=` reads it.
    Systemd,
    /// `NAME=value`, as `docker run --env-file` reads it.
    Docker,
}

/// What a step of GitHub Actions prints and what it appends.
pub struct GithubLines {
    /// For standard output: hides the values in the log.
    pub masks: Zeroizing<String>,
    /// For the file that `$GITHUB_ENV` names.
    pub file: Zeroizing<String>,
}

impl Format {
    /// Sets the variables, in this format.
    ///
    /// # Errors
    /// A value that some readers of the format would misread.
    pub fn write(self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        let mut text = Zeroizing::new(String::new());
        for (name, value) in set(changes) {
            if value.chars().any(char::is_control) && self != Self::Json {
                return Err(Unsayable { what: "a control character", target: self.name() });
            }
            match self {
                Self::Json => {
                    let pair = Zeroizing::new(serde_json::Value::from(value).to_string());
                    let start = if text.is_empty() { "{" } else { "," };
                    text.push_str(start);
                    text.push_str(&format!("\"{name}\":{}", *pair));
                }
                Self::Dotenv => dotenv(&mut text, name, value)?,
                Self::Systemd => systemd(&mut text, name, value),
                Self::Docker => line(&mut text, name, value),
            }
        }
        if self == Self::Json {
            let end = if text.is_empty() { "{}\n" } else { "}\n" };
            text.push_str(end);
        }
        Ok(text)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Json => "json",
            Self::Systemd => "systemd",
            Self::Docker => "docker",
        }
    }
}

/// Sets the variables for a step of GitHub Actions: they are masked first, then appended.
///
/// # Errors
/// A carriage return, which the runner takes as the end of a line, or NUL.
pub fn github(changes: &[Change<'_>]) -> Result<GithubLines, Unsayable> {
    let (mut masks, mut file) = (Zeroizing::new(String::new()), Zeroizing::new(String::new()));
    for (name, value) in set(changes) {
        if value.contains(['\r', '\0']) {
            return Err(Unsayable { what: "a carriage return or NUL", target: "github" });
        }
        // The runner masks each line of such a value, too.
        let escaped = Zeroizing::new(value.replace('%', "%25").replace('\n', "%0A"));
        if !value.trim().is_empty() {
            masks.push_str(&format!("::add-mask::{}\n", *escaped));
        }
        if value.contains('\n') {
            let mut end = "END_OF_VALUE".to_owned();
            while value.contains(&end) {
                end.push('_');
            }
            file.push_str(&format!("{name}<<{end}\n{value}\n{end}\n"));
        } else {
            line(&mut file, name, value);
        }
    }
    Ok(GithubLines { masks, file })
}

fn set<'a>(changes: &'a [Change<'a>]) -> impl Iterator<Item = (&'a VariableName, &'a str)> {
    changes.iter().filter_map(|change| match change {
        Change::Set { name, value } => Some((*name, *value)),
        Change::Unset { .. } => None,
    })
}

fn line(text: &mut String, name: &VariableName, value: &str) {
    text.push_str(&format!("{name}={value}\n"));
}

/// The libraries agree on a quoted value only if there is nothing to escape.
fn dotenv(text: &mut String, name: &VariableName, value: &str) -> Result<(), Unsayable> {
    let quote = if !value.contains(['"', '\\', '$', '`']) {
        '"'
    } else if !value.contains(['\'', '\\']) {
        '\''
    } else {
        return Err(Unsayable { what: "a backslash, or quotes of both kinds", target: "dotenv" });
    };
    text.push_str(&format!("{name}={quote}{value}{quote}\n"));
    Ok(())
}

/// Unquoted if no character is special to systemd; else in quotes, where systemd knows four escapes.
fn systemd(text: &mut String, name: &VariableName, value: &str) {
    if !value.contains(['"', '\'', '\\', '$', '`', ' ', '#', ';']) {
        return line(text, name, value);
    }
    text.push_str(&format!("{name}=\""));
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push_str("\"\n");
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
