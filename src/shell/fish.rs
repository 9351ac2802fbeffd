//! fish.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, from_template, statements};

pub(super) struct Fish;

const NAME: &str = "fish";
const HOOK: &str = include_str!("hooks/fish.fish");

impl Dialect for Fish {
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        statements(changes, NAME, |text, change| {
            match change {
                Change::Unset { name } => text.push_str(&format!("set -e {name};\n")),
                Change::Set { name, value } => {
                    text.push_str(&format!("set -gx {name} "));
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
        if matches!(c, '\'' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('\'');
}
