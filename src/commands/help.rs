//! `help [COMMAND | exit-codes]`.

use serde_json::{Value, json};

use crate::error::EXIT_CODES;
use crate::output::{Page, Report, table};

/// Print help for a command, or the list of exit codes
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A command, or `exit-codes`
    pub topic: Vec<String>,
}

/// The list of exit codes.
pub struct ExitCodes;

impl Report for ExitCodes {
    fn text(&self, page: &Page) -> String {
        let rows: Vec<_> = EXIT_CODES
            .iter()
            .map(|(code, name, meaning)| vec![code.to_string(), (*name).to_owned(), (*meaning).to_owned()])
            .collect();
        let rest = "Several at once: the first of 7, 4, 8, 6, 5 that applies.\n\
                    `exec` ends with the program's own code, 128+N for signal N, 126 not executable, 127 not found.";
        format!("{}\n\n{rest}", table::aligned(page, &["code", "name", "meaning"], &rows))
    }

    fn json(&self) -> Value {
        let one = |(code, name, meaning): &(u8, &str, &str)| json!({ "code": code, "kind": name, "meaning": meaning });
        json!({ "exit_codes": EXIT_CODES.iter().map(one).collect::<Vec<_>>() })
    }
}
