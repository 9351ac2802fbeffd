//! cmd, the command prompt of Windows.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, statements};

pub(super) struct Cmd;

const NAME: &str = "cmd";

impl Dialect for Cmd {
    /// The meaning of `%`, `!` and `"` depends on how the text is run, so they are refused. So is an empty value:
    /// cmd has no variables without a value.
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        statements(changes, NAME, |text, change| {
            let (name, value) = match change {
                Change::Unset { name } => (name, ""),
                Change::Set { value: "", .. } => {
                    return Err(Unsayable { what: "an empty value", target: NAME });
                }
                Change::Set { name, value } => (name, *value),
            };
            if let Some(c) = value.chars().find(|c| !c.is_ascii() || c.is_control() || "%!\"".contains(*c)) {
                return Err(Unsayable { what: in_words(c), target: NAME });
            }
            text.push_str(&format!("set \"{name}="));
            text.push_str(value);
            text.push_str("\"\r\n");
            Ok(())
        })
    }

    fn hook(&self, _: &str) -> Result<Option<String>, Unsayable> {
        Ok(None)
    }
}

fn in_words(c: char) -> &'static str {
    match c {
        '%' => "a percent sign",
        '!' => "an exclamation mark",
        '"' => "a double quote",
        '\n' | '\r' => "a line break",
        c if c.is_control() => "a control character",
        _ => "a character outside ASCII",
    }
}
