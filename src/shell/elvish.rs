//! Elvish.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, statements};

pub(super) struct Elvish;

const NAME: &str = "Elvish";
impl Dialect for Elvish {
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        statements(changes, NAME, |text, change| {
            match change {
                Change::Unset { name } => text.push_str(&format!("unset-env {name};\n")),
                Change::Set { name, value } => {
                    text.push_str(&format!("set-env {name} "));
                    quote(text, value);
                    text.push_str(";\n");
                }
            }
            Ok(())
        })
    }
}

fn quote(text: &mut String, value: &str) {
    text.push('\'');
    for c in value.chars() {
        if c == '\'' {
            text.push(c);
        }
        text.push(c);
    }
    text.push('\'');
}
