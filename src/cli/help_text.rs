//! Prints the help.

use crate::output::{self, Render, Report, Style};
use crate::system::Terminal;

struct Help<'a>(&'a str);

impl Report for Help<'_> {
    fn text(&self, _: &Render) -> String {
        self.0.trim_end().to_owned()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::json!({ "help": self.0 })
    }
}

/// Prints help; the exit code.
pub(super) fn print(text: &str) -> u8 {
    output::print(&Help(text), &plain(), false, &Terminal::default())
}

/// A page without colours.
pub(super) fn plain() -> Render {
    Render { width: Some(100), style: Style::new(false), now: chrono::DateTime::UNIX_EPOCH }
}
