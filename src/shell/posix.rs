//! bash, zsh, dash, ksh: one line, every statement ended by `;`, safe in an unquoted `eval $(…)`.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable};
use crate::model::api_key::is_token_character;

pub(super) struct Posix;

impl Dialect for Posix {
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        let mut text = Zeroizing::new(String::new());
        for change in changes {
            match change {
                Change::Unset { name } => text.push_str(&format!("unset {name};")),
                Change::Set { value, .. } if value.contains('\0') => {
                    return Err(Unsayable { what: "a NUL character", target: "a POSIX shell" });
                }
                Change::Set { name, value } => {
                    text.push_str(&format!("export {name}="));
                    quote(&mut text, value);
                    text.push(';');
                }
            }
        }
        text.push('\n');
        Ok(text)
    }
}

/// A key is written bare, so that it survives word splitting; `~` alone would expand.
fn quote(text: &mut String, value: &str) {
    if !value.is_empty() && value.chars().all(|c| is_token_character(c) || c == '=') {
        for c in value.chars() {
            if c == '~' {
                text.push('\\');
            }
            text.push(c);
        }
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
