//! fish.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, statements};

pub(super) struct Fish;

const NAME: &str = "fish";
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
