//! `help [COMMAND | exit-codes]`.

use serde_json::{Value, json};

use crate::error::EXIT_CODES;
use crate::output::table::{self, Fit};
use crate::output::{Render, Report};

const COLUMNS: [(&str, Fit); 3] = [("code", Fit::Whole), ("name", Fit::Whole), ("meaning", Fit::Prose)];

/// Print help for a command, or the exit codes
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys help
  getimg-keys help rotate
  getimg-keys help exit-codes")]
pub struct Args {
    /// A command, or `exit-codes`
    pub topic: Vec<String>,
}

/// The list of exit codes.
pub struct ExitCodes;

impl Report for ExitCodes {
    fn text(&self, render: &Render) -> String {
        let rows: Vec<_> = EXIT_CODES
            .iter()
            .map(|(code, name, meaning)| vec![code.to_string(), (*name).to_owned(), (*meaning).to_owned()])
            .collect();
        let first = render.prose("Several at once: the first of 7, 4, 8, 6, 5 that applies.", 0);
        let exec = render.prose(
            "`exec` ends with the program's own code, 128+N for signal N, 126 not executable, 127 not found.",
            0,
        );
        format!("{}\n\n{first}\n{exec}", table::aligned(render, &COLUMNS, &rows))
    }

    fn json(&self) -> Value {
        let one = |(code, name, meaning): &(u8, &str, &str)| json!({ "code": code, "kind": name, "meaning": meaning });
        json!({ "exit_codes": EXIT_CODES.iter().map(one).collect::<Vec<_>>() })
    }
}
