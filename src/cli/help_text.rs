//! Prints help and version, as text or JSON.

use crate::output::{self, Render, Report, Style};
use crate::system::Terminal;

struct Help<'a>(&'static str, &'a str);

impl Report for Help<'_> {
    fn text(&self, _: &Render) -> String {
        self.1.trim_end().to_owned()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::json!({ self.0: self.1.trim_end() })
    }
}

/// Prints help or the version; returns the exit code.
pub(super) fn print(what: &'static str, text: &str, as_json: bool) -> u8 {
    output::print(&Help(what, text), &plain(), as_json, &Terminal::default())
}

/// Output without colours.
pub(super) fn plain() -> Render {
    Render { width: Some(100), style: Style::new(false), now: chrono::DateTime::UNIX_EPOCH }
}
