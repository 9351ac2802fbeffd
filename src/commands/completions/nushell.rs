//! Nushell asks one program for the candidates of every command; ours answers for its own name only.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::env::EnvCompleter;
use serde_json::json;

/// Completes for Nushell.
pub(super) struct Nushell;

const SCRIPT: &str = r#"# Completes the command lines of NAME. Comes from: NAME completions nushell
let NAME_before = $env.config.completions?.external?.completer?
$env.config.completions.external.completer = {|spans|
    if $spans.0 == "NAME" {
        with-env {VAR: nushell} { ^COMPLETER -- ...$spans } | from json
    } else if $NAME_before != null {
        do $NAME_before $spans
    }
}
"#;

impl EnvCompleter for Nushell {
    fn name(&self) -> &'static str {
        "nushell"
    }

    fn is(&self, name: &str) -> bool {
        name == self.name()
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        _: &str,
        completer: &str,
        text: &mut dyn Write,
    ) -> io::Result<()> {
        let variable = name.replace('-', "_");
        let script = SCRIPT.replace("NAME_before", &format!("{variable}_before"));
        text.write_all(super::filled(&script, var, name, completer).as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        here: Option<&Path>,
        text: &mut dyn Write,
    ) -> io::Result<()> {
        let last = words.len().saturating_sub(1);
        let found = clap_complete::engine::complete(command, words, last, here)?;
        let one = |c: &clap_complete::CompletionCandidate| {
            json!({
                "value": word(&c.get_value().to_string_lossy()),
                "description": c.get_help().map(ToString::to_string),
            })
        };
        write!(text, "{}", found.iter().map(one).collect::<serde_json::Value>())
    }
}

/// A candidate as it is put into the command line, quoted so that nothing in it runs.
fn word(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || "-_./:=".contains(c));
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
