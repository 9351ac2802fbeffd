//! Messages and questions to the user: standard error, and standard input.

mod columns;
mod prompt;
mod stdin;
mod stream;

use std::cell::{Cell, RefCell};
use std::io::{self, Write};

use zeroize::Zeroizing;

use prompt::Echo;

pub use columns::{fits, width, wrapped};
pub use prompt::can_be_asked;
pub use stdin::{all_of_stdin, is_dash, open_stdin, refuse_closed, stdin_is_terminal};
pub use stream::Stream;

use crate::error::{Error, Result};
use crate::hint::Hint;

/// The user at the terminal, if there is one.
#[derive(Debug, Default)]
pub struct Terminal {
    /// Whether questions may be asked: both standard input and error are terminals, and the user
    /// did not say `--no-input`.
    pub interactive: bool,
    /// Whether a shell hook started the command, so that the user did not ask for anything.
    pub unattended: bool,
    /// Whether only `--no-input` forbids questions, at a terminal where they could be asked.
    pub forbidden: bool,
    /// Whether standard error is a terminal, so that a person sees messages at once.
    pub watched: bool,
    /// `--yes`: confirmations are answered with yes.
    pub yes: bool,
    /// `--quiet`: only errors are printed.
    pub quiet: bool,
    /// `--verbose`: details are printed too.
    pub verbose: bool,
    /// Whether messages are collected for a JSON answer instead of printed.
    pub collects: bool,
    /// Whether standard error is a terminal that understands escape codes.
    pub obeys_codes: bool,
    /// Whether messages may be coloured.
    pub coloured: bool,
    /// The width of messages; 0 if it does not matter.
    pub columns: usize,
    /// Whether the passphrase of the encrypted files was typed.
    pub typed_passphrase: Cell<bool>,
    said: RefCell<Vec<String>>,
    line_is_open: Cell<bool>,
}

impl Terminal {
    /// Prints a line for the user; control characters are shown as text.
    pub fn say(&self, line: &str) {
        let line = escape(line);
        if self.collects {
            self.said.borrow_mut().push(line);
        } else if !self.quiet {
            self.write(&self.wrapped(&line));
        }
    }

    /// Says that a part of the work could not be done, even with `--quiet`.
    pub fn complain(&self, line: &str) {
        if self.quiet && !self.collects {
            self.write(&self.wrapped(&escape(line)));
        } else {
            self.say(line);
        }
    }

    /// A sentence wrapped to the terminal.
    pub fn wrapped(&self, text: &str) -> String {
        wrapped(text, self.columns, 2)
    }

    /// Prints details for `--verbose`.
    pub fn detail(&self, line: &str) {
        if self.verbose {
            self.say(line);
        }
    }

    /// The messages that were collected.
    pub fn said(&self) -> Vec<String> {
        self.said.take()
    }

    /// Writes a line to standard error in any case; a closed one is not an error.
    pub fn write(&self, line: &str) {
        self.clear_progress();
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    /// Shows the progress of long work, on a terminal only; the next line replaces it. A closed one is not an error.
    pub fn progress(&self, text: &str) {
        if self.interactive && self.obeys_codes && !self.quiet && !self.collects {
            let line = escape(text);
            // A line that is wrapped could not be removed again.
            let fits = if self.columns > 0 { self.columns - 1 } else { usize::MAX };
            let cut: String = line.chars().take(fits).collect();
            let _ = write!(io::stderr().lock(), "\r\x1b[K{cut}");
            self.line_is_open.set(true);
        }
    }

    /// Removes the progress line.
    pub fn clear_progress(&self) {
        if self.line_is_open.replace(false) {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }

    /// Why no question can be asked, if `interactive` is not set.
    pub fn why_not(&self) -> &'static str {
        if self.forbidden { "--no-input forbids prompts" } else { "there is no terminal to prompt on" }
    }

    /// Asks for a secret without showing it; if standard input is not a terminal, reads one line of it.
    ///
    /// # Errors
    /// No terminal and nothing to read (exit 2, with the flag to use); Ctrl-C (exit 9).
    pub fn secret(&self, question: &str, answered_by: &Hint) -> Result<Zeroizing<Vec<u8>>> {
        if self.interactive {
            return prompt::read(&self.wrapped(&escape(question)), Echo::Hidden);
        }
        if stdin_is_terminal() {
            return Err(
                Error::usage(format!("cannot prompt for the key: {}", self.why_not())).hint(answered_by)
            );
        }
        stdin::read_line().map_err(|why| Error::usage(why).hint(answered_by))
    }

    /// Asks for a line of text.
    ///
    /// # Errors
    /// No terminal (exit 2, with the flag to use); the end of input or Ctrl-C (exit 9).
    pub fn ask(&self, question: &str, answered_by: impl Into<Hint>) -> Result<String> {
        if !self.interactive {
            return Err(Error::usage(format!("{}: {question}", self.why_not())).hint(answered_by));
        }
        self.clear_progress();
        let line = prompt::read(&self.wrapped(&escape(question)), Echo::Shown)?;
        Ok(String::from_utf8_lossy(&line).trim().to_owned())
    }

    /// Asks a yes-or-no question; `--yes` answers it.
    ///
    /// # Errors
    /// Any answer but yes (exit 9); no terminal (exit 2, with the flag to use).
    pub fn agree(&self, question: &str, answered_by: impl Into<Hint>) -> Result<()> {
        or_cancelled(self.says_yes(question, answered_by)?)
    }

    /// The same, but no is an answer, not an error.
    ///
    /// # Errors
    /// Ctrl-C (exit 9); no terminal (exit 2, with the flag to use).
    pub fn says_yes(&self, question: &str, answered_by: impl Into<Hint>) -> Result<bool> {
        if self.yes {
            return Ok(true);
        }
        let answer = self.ask(&format!("{question} [y/N]"), answered_by)?;
        Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks the user to type a name before something serious is done; `--yes` answers it.
    ///
    /// # Errors
    /// Another answer (exit 9); no terminal (exit 2, with `--yes` as the flag to use).
    pub fn confirm(&self, name: &str, what: &str, command: Hint) -> Result<()> {
        or_cancelled(self.types(name, what, command)?)
    }

    /// The same, but another answer means no and is not an error.
    ///
    /// # Errors
    /// Ctrl-C (exit 9); no terminal (exit 2, with `--yes` as the flag to use).
    pub fn types(&self, name: &str, what: &str, command: Hint) -> Result<bool> {
        if self.yes {
            return Ok(true);
        }
        if !self.interactive {
            return Err(Error::usage(format!("{what}: this needs a confirmation, and {}", self.why_not()))
                .hint(command.flag("--yes")));
        }
        Ok(self.ask(&format!("{what}. Type `{name}` to go on:"), "--yes")? == name)
    }
}

fn or_cancelled(said_yes: bool) -> Result<()> {
    if said_yes { Ok(()) } else { Err(Error::cancelled()) }
}

/// Shows control characters, and characters that reorder or hide text, instead of sending them; line endings
/// too, so that no text from outside can look like a line of ours.
pub fn escape(text: &str) -> String {
    escape_lines(text).replace('\n', "\\n")
}

/// As [`escape`], for text that may have several lines.
pub fn escape_lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push('\n'),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
                shown.extend(c.escape_unicode());
            }
            c if c.is_control() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_on_a_terminal_is_shown_instead() {
        let table = [
            ("plain ✓ text", "plain ✓ text"),
            ("\x1b]52;c;x\x07", "\\u{1b}]52;c;x\\u{7}"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("tab\tbell\r", "tab\\tbell\\r"),
            ("two\nlines", "two\\nlines"),
        ];
        for (text, shown) in table {
            assert_eq!(escape(text), shown);
        }
        assert_eq!(escape_lines("two\nlines\x07"), "two\nlines\\u{7}");
    }
}
