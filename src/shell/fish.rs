//! fish.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable};

pub(super) struct Fish;

impl Dialect for Fish {
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        let mut text = Zeroizing::new(String::new());
        for change in changes {
            match change {
                Change::Unset { name } => text.push_str(&format!("set -e {name};\n")),
                Change::Set { value, .. } if value.contains('\0') => {
                    return Err(Unsayable { what: "a NUL character", target: "fish" });
                }
                Change::Set { name, value } => {
                    text.push_str(&format!("set -gx {name} '"));
                    for c in value.chars() {
                        if matches!(c, '\'' | '\\') {
                            text.push('\\');
                        }
                        text.push(c);
                    }
                    text.push_str("';\n");
                }
            }
        }
        Ok(text)
    }
}
