//! Elvish.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, from_template, lines};

pub(super) struct Elvish;

const NAME: &str = "Elvish";
const HOOK: &str = include_str!("hooks/elvish.elv");

impl Dialect for Elvish {
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        lines(changes, NAME, ["set-env", "unset-env"], quote)
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
