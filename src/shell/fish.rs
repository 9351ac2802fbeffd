//! fish.

use zeroize::Zeroizing;

use super::{Change, Dialect, Unsayable, from_template, lines};

pub(super) struct Fish;

const NAME: &str = "fish";
const HOOK: &str = include_str!("hooks/fish.fish");

impl Dialect for Fish {
    fn apply(&self, changes: &[Change<'_>]) -> Result<Zeroizing<String>, Unsayable> {
        lines(changes, NAME, ["set -gx", "set -e"], quote)
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
