//! Nushell cannot evaluate code at run time, so it gets a record for `from json | load-env`.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, from_template, statements};

pub(super) struct Nushell;

const NAME: &str = "Nushell";
const HOOK: &str = include_str!("hooks/nushell.nu");

impl Dialect for Nushell {
    /// `null` unsets: programs do not inherit a variable that `load-env` sets to nothing.
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        let mut text = statements(changes, NAME, |text, change| {
            let (name, value) = match change {
                Change::Unset { name } => (name, None),
                Change::Set { name, value } => (name, Some(*value)),
            };
            text.push_str(if text.is_empty() { "{" } else { "," });
            text.push_str(&format!("\"{name}\":"));
            match value {
                None => text.push_str("null"),
                Some(value) => quote(text, value),
            }
            Ok(())
        })?;
        if !text.is_empty() {
            text.push_str("}\n");
        }
        Ok(text)
    }

    fn hook(&self, exe: &str) -> Result<Option<String>, Unsayable> {
        from_template(HOOK, exe, NAME, quote).map(Some)
    }
}

/// A JSON string; Nushell's double-quoted strings have the same escapes except `\uXXXX`.
fn quote(text: &mut String, value: &str) {
    text.push_str(&Zeroizing::new(serde_json::Value::from(value).to_string()));
}
