//! tcsh and csh.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, lines};

pub(super) struct Tcsh;

const NAME: &str = "tcsh";

impl Dialect for Tcsh {
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        // Even a quoted command substitution splits its output into words at line ends.
        let breaks = |c: &Change<'_>| matches!(c, Change::Set { value, .. } if value.contains(['\n', '\r']));
        if changes.iter().any(breaks) {
            return Err(Unsayable { what: "a line break", target: NAME });
        }
        lines(changes, NAME, ["setenv", "unsetenv"], quote)
    }

    fn hook(&self, _: &str) -> Result<Option<String>, Unsayable> {
        Ok(None)
    }
}

/// Quotes do not stop `!` from recalling history; a backslash does.
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
