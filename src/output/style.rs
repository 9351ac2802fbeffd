//! Colour, if the terminal and the user's settings allow it; it never carries meaning alone.

use anstyle::AnsiColor;

use crate::system::Variables;
use crate::system::terminal::escape_lines;

/// Our own colours as escape sequences, after the escape character.
const OURS: [&str; 6] = ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m"];

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Colours for one stream, or none.
#[derive(Clone, Copy, Debug)]
pub struct Style(bool);

impl Style {
    /// Colours, or none.
    pub fn new(coloured: bool) -> Self {
        Self(coloured)
    }

    /// Decides for one stream: `--color`, then `NO_COLOR`, `FORCE_COLOR` and `CLICOLOR_FORCE`, then
    /// whether it is a terminal that obeys escape codes.
    pub fn choose(look: ColorChoice, obeys_codes: bool, variables: &Variables) -> Self {
        // What is no text asks for nothing.
        let text = |name| variables.text(name).ok().flatten();
        let forced =
            ["FORCE_COLOR", "CLICOLOR_FORCE"].into_iter().any(|name| text(name).is_some_and(|v| v != "0"));
        Self(match look {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if text("NO_COLOR").is_some() => false,
            ColorChoice::Auto => forced || obeys_codes,
        })
    }

    /// Whether anything is coloured.
    pub fn is_coloured(self) -> bool {
        self.0
    }

    /// For what is good.
    pub fn good(self, text: &str) -> String {
        self.dress(AnsiColor::Green.on_default(), text)
    }

    /// For a warning.
    pub fn warn(self, text: &str) -> String {
        self.dress(AnsiColor::Yellow.on_default(), text)
    }

    /// For what is broken.
    pub fn bad(self, text: &str) -> String {
        self.dress(AnsiColor::Red.on_default().bold(), text)
    }

    /// For what should be seen first.
    pub fn strong(self, text: &str) -> String {
        self.dress(anstyle::Style::new().bold(), text)
    }

    /// For what matters least.
    pub fn faint(self, text: &str) -> String {
        self.dress(anstyle::Style::new().dimmed(), text)
    }

    /// A complete answer in which only our own colours control the terminal, whoever wrote parts of it.
    pub fn harmless(self, text: &str) -> String {
        let ours = |rest: &str| OURS.iter().find(|code| self.0 && rest.starts_with(**code)).copied();
        let mut shown = String::with_capacity(text.len());
        let shown_but_tabs = |text: &str| text.split('\t').map(escape_lines).collect::<Vec<_>>().join("\t");
        let mut parts = text.split('\x1b');
        shown.push_str(&shown_but_tabs(parts.next().unwrap_or_default()));
        for part in parts {
            let code = ours(part).unwrap_or_default();
            shown.push_str(if code.is_empty() { "\\u{1b}" } else { "\x1b" });
            shown.push_str(code);
            shown.push_str(&shown_but_tabs(&part[code.len()..]));
        }
        shown
    }

    fn dress(self, style: anstyle::Style, text: &str) -> String {
        if self.0 && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_colours_pass_and_nothing_else_that_acts_on_a_terminal() {
        let coloured = Style(true);
        let all = [Style::good, Style::warn, Style::bad, Style::strong, Style::faint];
        for style in all {
            let text = format!("a {}\nb", style(coloured, "x"));
            assert_eq!(coloured.harmless(&text), text);
        }
        let hostile = "a\x1b]52;c;x\x07b\x1b[2Jc\r\u{202e}\td\n";
        let shown = "a\\u{1b}]52;c;x\\u{7}b\\u{1b}[2Jc\\r\\u{202e}\td\n";
        assert_eq!(coloured.harmless(hostile), shown);
        assert_eq!(Style(false).harmless("\x1b[31mred"), "\\u{1b}[31mred");
    }

    #[test]
    fn the_flag_decides_then_the_environment_then_the_stream() {
        type Set = &'static [(&'static str, &'static str)];
        let table: [(ColorChoice, bool, Set, bool); 8] = [
            (ColorChoice::Auto, true, &[], true),
            (ColorChoice::Auto, false, &[], false),
            (ColorChoice::Auto, true, &[("NO_COLOR", "1")], false),
            (ColorChoice::Auto, false, &[("FORCE_COLOR", "1")], true),
            (ColorChoice::Auto, false, &[("CLICOLOR_FORCE", "1")], true),
            (ColorChoice::Auto, false, &[("CLICOLOR_FORCE", "0")], false),
            (ColorChoice::Always, false, &[("NO_COLOR", "1")], true),
            (ColorChoice::Never, true, &[("FORCE_COLOR", "1")], false),
        ];
        for (look, obeys_codes, set, coloured) in table {
            let variables = set.iter().copied().collect::<Variables>();
            assert_eq!(
                Style::choose(look, obeys_codes, &variables).is_coloured(),
                coloured,
                "{look:?} {obeys_codes} {set:?}"
            );
        }
    }
}
