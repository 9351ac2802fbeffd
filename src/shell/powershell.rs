//! PowerShell.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, from_template, statements};

pub(super) struct Powershell;

const NAME: &str = "PowerShell";
const HOOK: &str = include_str!("hooks/powershell.ps1");

impl Dialect for Powershell {
    /// An empty value is written, but PowerShell before 7.5 has no empty variables: it unsets the variable.
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        statements(changes, NAME, |text, change| {
            match change {
                Change::Unset { name } => {
                    text.push_str(&format!("Remove-Item -ErrorAction Ignore Env:{name};\n"));
                }
                Change::Set { name, value } => {
                    text.push_str(&format!("$env:{name} = "));
                    quote(text, value);
                    text.push_str(";\n");
                }
            }
            Ok(())
        })
    }

    fn hook(&self, exe: &str) -> Result<Option<String>, Unsayable> {
        from_template(HOOK, exe, NAME, |text, value| {
            text.push('(');
            quote(text, value);
            text.push(')');
        })
        .map(Some)
    }
}

/// Printable ASCII is quoted; the rest is written as numbers, because PowerShell splits a program's output
/// into lines, decodes it with the console's code page, and treats curly quotes as quotes.
fn quote(text: &mut String, value: &str) {
    let mut units = [0; 2];
    text.push('\'');
    for c in value.chars() {
        match c {
            '\'' => text.push_str("''"),
            ' '..='~' => text.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    text.push_str(&format!("'+[char]0x{unit:04X}+'"));
                }
            }
        }
    }
    text.push('\'');
}
