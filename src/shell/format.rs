//! Changes of variables as files that programs read their environment from.

use zeroize::Zeroizing;

use super::{Change, Unsayable};

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

/// What a step of GitHub Actions prints and appends.
pub struct GithubLines {
    /// For standard output: hides the values in the log.
    pub masks: Zeroizing<String>,
    /// For the file that `$GITHUB_ENV` names.
    pub file: Zeroizing<String>,
}

impl Format {
    /// The variables that are set, in this format.
    ///
    /// # Errors
    /// A value that the format cannot carry.
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
                Self::Dotenv => {
                    let quoted =
                        Zeroizing::new(value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$"));
                    text.push_str(&format!("{name}=\"{}\"\n", *quoted));
                }
                Self::Systemd | Self::Docker => text.push_str(&format!("{name}={value}\n")),
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

/// The variables that are set, for a step of GitHub Actions: masked first, then appended.
///
/// # Errors
/// A value with a line break, which the log would show in part.
pub fn github(changes: &[Change<'_>]) -> Result<GithubLines, Unsayable> {
    let (mut masks, mut file) = (Zeroizing::new(String::new()), Zeroizing::new(String::new()));
    for (name, value) in set(changes) {
        if value.contains(['\n', '\r']) {
            return Err(Unsayable { what: "a line break", target: "github" });
        }
        masks.push_str(&format!("::add-mask::{value}\n"));
        file.push_str(&format!("{name}={value}\n"));
    }
    Ok(GithubLines { masks, file })
}

fn set<'a>(changes: &'a [Change<'a>]) -> impl Iterator<Item = (&'a super::VariableName, &'a str)> {
    changes.iter().filter_map(|change| match change {
        Change::Set { name, value } => Some((*name, *value)),
        Change::Unset { .. } => None,
    })
}
