//! The one way by which text from outside reaches a person.

use crate::model::Untrusted;
use crate::system::terminal::escape;

/// The most characters of it that are shown.
const LONGEST: usize = 300;

/// The text on one line: terminal control characters are shown as text, and a long text is truncated.
pub fn shown(text: &Untrusted) -> String {
    let mut rest = text.as_it_came().chars();
    let mut short: String = rest.by_ref().take(LONGEST).collect();
    if rest.next().is_some() {
        short.push('…');
    }
    escape(&short)
}

/// A sentence of ours, then what was said from outside.
pub fn sentence_with(sentence: &str, said: Option<&Untrusted>) -> String {
    said.map_or_else(|| sentence.to_owned(), |said| format!("{sentence}: {}", shown(said)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_cut_and_escaped() {
        let text = |text: &str| shown(&Untrusted::new(text));
        assert_eq!(text("\x1b[2J\u{202e}\nx"), "\\u{1b}[2J\\u{202e}\\nx");
        assert_eq!(text(&"é".repeat(300)), "é".repeat(300));
        assert_eq!(text(&"é".repeat(301)), format!("{}…", "é".repeat(300)));
    }
}
