//! bash, zsh, dash, ksh: one line, every statement ended by `;`, safe in an unquoted `eval $(…)`.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, from_template, statements};
use crate::model::api_key::is_token_character;

/// One of the shells of this family; they differ only in the code for the start-up file.
pub(super) struct Posix {
    pub(super) hook: Option<&'static str>,
}

impl Dialect for Posix {
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        let mut text = statements(changes, "a POSIX shell", |text, change| {
            match change {
                Change::Unset { name } => text.push_str(&format!("unset {name};")),
                Change::Set { name, value } => {
                    text.push_str(&format!("export {name}="));
                    quote(text, value);
                    text.push(';');
                }
            }
            Ok(())
        })?;
        if !text.is_empty() {
            text.push('\n');
        }
        Ok(text)
    }

    fn hook(&self, exe: &str) -> Result<Option<String>, Unsayable> {
        self.hook.map(|template| from_template(template, exe, "a POSIX shell", quote)).transpose()
    }
}

/// A key is written without quotes: a value without quotes, blanks and patterns survives an unquoted `eval`.
///
/// Only at the beginning, after the variable's `=`, `~` would be a home folder and, in zsh, `=` the path
/// of a program. A backslash there survives word splitting. Quotes would too, but they do not survive pattern matching.
fn quote(text: &mut String, value: &str) {
    if !value.is_empty() && value.chars().all(|c| is_token_character(c) || c == '=') {
        if value.starts_with(['~', '=']) {
            text.push('\\');
        }
        text.push_str(value);
        return;
    }
    text.push('\'');
    for c in value.chars() {
        match c {
            '\'' => text.push_str("'\\''"),
            c => text.push(c),
        }
    }
    text.push('\'');
}
