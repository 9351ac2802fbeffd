//! The commands below an error or a finding: one that is too long for a line stands whole, and what it is for below it.

use super::Render;
use crate::hint::Hint;
use crate::system::Terminal;
use crate::system::terminal::{escape, fits, wrapped};

/// A hint of an error, wrapped where a person reads it.
pub(super) fn below_an_error(hint: &Hint, terminal: &Terminal) -> String {
    let width = if terminal.watched { terminal.columns } else { 0 };
    if fits(&format!("hint: {}", hint.command()), width) || hint.is_advice() {
        return lines("hint:", hint, width, 0);
    }
    format!("hint:\n{}", lines(" ", hint, width, 0))
}

impl Render {
    /// The command that mends what a line of an answer says, below that line.
    pub fn follow_up(&self, hint: &Hint, indent: usize) -> String {
        self.style.faint(&lines("→", hint, self.width.unwrap_or(0), indent))
    }
}

/// A hint behind its mark. A width of 0 is any.
fn lines(mark: &str, hint: &Hint, width: usize, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let whole = format!("{margin}{mark} {}", escape(&hint.to_string()));
    if fits(&whole, width) {
        return whole;
    }
    if hint.is_advice() {
        return wrapped(&whole, width, indent + 2);
    }
    let command = format!("{margin}{mark} {}", escape(&hint.command()));
    if hint.about().is_empty() {
        return command;
    }
    format!("{command}\n{}", wrapped(&format!("{margin}  # {}", escape(hint.about())), width, indent + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_that_is_too_long_for_a_terminal_keeps_its_command_whole() {
        let hints = [
            Hint::run("list").note("all of them"),
            Hint::run("rotate").arg("a-long-name").note("once the old one is revoked, and not before"),
            Hint::run("restore").arg("a/file/in/a/folder/with/a/long/name.age"),
            Hint::advice("open the password manager that it was added to, then run the command again"),
        ];
        let mut terminal = Terminal::default();
        terminal.columns = 40;
        let lines =
            |terminal: &Terminal| hints.each_ref().map(|hint| below_an_error(hint, terminal)).join("\n");
        assert_eq!(lines(&terminal), hints.each_ref().map(|hint| format!("hint: {hint}")).join("\n"));
        terminal.watched = true;
        insta::assert_snapshot!(lines(&terminal), @"
        hint: getimg-keys list  # all of them
        hint: getimg-keys rotate a-long-name
          # once the old one is revoked, and not
            before
        hint:
          getimg-keys restore a/file/in/a/folder/with/a/long/name.age
        hint: open the password manager that it
          was added to, then run the command
          again
        ");
    }
}
