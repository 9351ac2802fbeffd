//! Elvish.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, from_template, statements};

pub(super) struct Elvish;

const NAME: &str = "Elvish";
const HOOK: &str = include_str!("hooks/elvish.elv");

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

    fn hook(&self, exe: &str) -> Result<Option<String>, Unsayable> {
        from_template(HOOK, exe, NAME, quote).map(Some)
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
