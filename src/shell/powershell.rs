//! PowerShell.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable};

pub(super) struct Powershell;

impl Dialect for Powershell {
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        let mut text = Zeroizing::new(String::new());
        for change in changes {
            match change {
                Change::Unset { name } => {
                    text.push_str(&format!("Remove-Item -ErrorAction Ignore Env:{name};\n"))
                }
                Change::Set { value, .. } if value.contains('\0') => {
                    return Err(Unsayable { what: "a NUL character", target: "PowerShell" });
                }
                Change::Set { name, value } => {
                    text.push_str(&format!("$env:{name} = '"));
                    for c in value.chars() {
                        // PowerShell takes curly quotes for quotes.
                        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
                            text.push(c);
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
