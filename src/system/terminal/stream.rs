//! Standard output and standard error, and the terminal behind them.

#[cfg(unix)]
#[path = "stream/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "stream/windows.rs"]
mod platform;

use std::io::{self, IsTerminal};

use crate::system::Variables;

/// A stream that may be a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

impl Stream {
    /// Whether it is a terminal.
    pub fn is_terminal(self) -> bool {
        match self {
            Self::Out => io::stdout().is_terminal(),
            Self::Err => io::stderr().is_terminal(),
        }
    }

    /// Whether it is a terminal that understands escape codes: a dumb terminal or an old Windows console does not;
    /// a newer console is switched to them.
    pub fn obeys_codes(self, variables: &Variables) -> bool {
        may_obey(self.is_terminal(), variables) && platform::obeys_codes(self)
    }

    /// The width of the terminal; `None` if there is none, or it does not say.
    pub fn columns(self) -> Option<usize> {
        platform::columns(self)
    }
}

fn may_obey(is_terminal: bool, variables: &Variables) -> bool {
    is_terminal && variables.text("TERM").ok().flatten() != Some("dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_acts_on_escape_codes_unless_it_says_that_it_is_dumb() {
        for (is_terminal, term, obeys) in
            [(true, "xterm", true), (true, "", true), (true, "dumb", false), (false, "xterm", false)]
        {
            let variables: Variables = [("TERM", term)].into_iter().collect();
            assert_eq!(may_obey(is_terminal, &variables), obeys, "{is_terminal} {term}");
        }
    }
}
