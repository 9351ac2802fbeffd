//! The width of the terminal, and sentences that are wrapped to it.

use textwrap::{Options, WordSplitter};

use super::stream::Stream;
use crate::system::Variables;

/// The width without a terminal, or if it does not say.
const USUAL: usize = 80;
/// The narrowest width in which a sentence can be read.
const NARROWEST: usize = 20;
/// Stands for a space at which a line must not be broken.
const HELD: char = '\u{a0}';

/// The width of the terminal at a stream, else `$COLUMNS`, else 80.
pub fn width(stream: Stream, variables: &Variables) -> usize {
    let said = || variables.text("COLUMNS").ok().flatten()?.parse().ok().filter(|columns| *columns > 0);
    stream.columns().or_else(said).unwrap_or(USUAL)
}

/// Wraps a sentence between words and indents all lines after the first. Text in backticks stays on one line, so
/// that it can be pasted.
pub fn wrapped(text: &str, width: usize, indent: usize) -> String {
    if width <= indent + NARROWEST {
        return text.to_owned();
    }
    let indent = " ".repeat(indent);
    let options = Options::new(width)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(&held(text), options).join("\n").replace(HELD, " ")
}

/// Whether a text fits one line; it always does where the width does not matter.
pub fn fits(text: &str, width: usize) -> bool {
    width == 0 || textwrap::core::display_width(text) <= width
}

/// Protects the spaces in commands: between two backticks, or after a colon or a semicolon.
fn held(text: &str) -> String {
    let hold = |code: &str| code.replace(' ', &HELD.to_string());
    let begin = |text: &str| text.find(": getimg-keys ").or_else(|| text.find("; getimg-keys "));
    let behind_colon = |text: &str| {
        let begin = begin(text).map_or(text.len(), |at| at + 2);
        let end = text[begin..].find([';', '(']).map_or(text.len(), |at| begin + at);
        format!("{}{}{}", &text[..begin], hold(&text[begin..end]), &text[end..])
    };
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(at, part)| if at % 2 == 1 { hold(part) } else { behind_colon(part) });
    parts.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_breaks_between_words_and_a_command_does_not() {
        let text =
            "the old key of dev still works: revoke it, then run `getimg-keys rotate dev --finish` again";
        insta::assert_snapshot!(wrapped(text, 40, 2), @"
        the old key of dev still works: revoke
          it, then run
          `getimg-keys rotate dev --finish`
          again
        ");
        assert_eq!(wrapped(text, 22, 2), text);
        insta::assert_snapshot!(wrapped("dev was never verified: getimg-keys verify dev", 40, 2), @"
        dev was never verified:
          getimg-keys verify dev
        ");
    }
}
