//! tcsh and csh.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, statements};

pub(super) struct Tcsh;

const NAME: &str = "tcsh";

impl Dialect for Tcsh {
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        statements(changes, NAME, |text, change| {
            match change {
                Change::Unset { name } => text.push_str(&format!("unsetenv {name};\n")),
                // Even a quoted command substitution makes words of lines.
                Change::Set { value, .. } if value.contains(['\n', '\r']) => {
                    return Err(Unsayable { what: "a line break", target: NAME });
                }
                Change::Set { name, value } => {
                    text.push_str(&format!("setenv {name} "));
                    quote(text, value);
                    text.push_str(";\n");
                }
            }
            Ok(())
        })
    }

    fn hook(&self, _: &str) -> Result<Option<String>, Unsayable> {
        Ok(None)
    }
}

/// Quotes do not keep `!` from recalling history; a backslash does.
fn quote(text: &mut String, value: &str) {
    text.push('\'');
    for c in value.chars() {
        match c {
            '\'' => text.push_str("'\\''"),
            '!' => text.push_str("\\!"),
            c => text.push(c),
        }
    }
    text.push('\'');
}
