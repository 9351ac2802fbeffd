//! PowerShell puts a candidate into the command line as it is: names in which something could run are left out.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::env::{EnvCompleter, Powershell};

/// Completes for PowerShell.
pub(super) struct Inert;

impl EnvCompleter for Inert {
    fn name(&self) -> &'static str {
        Powershell.name()
    }

    fn is(&self, name: &str) -> bool {
        Powershell.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        text: &mut dyn Write,
    ) -> io::Result<()> {
        Powershell.write_registration(var, name, bin, completer, text)
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        here: Option<&Path>,
        text: &mut dyn Write,
    ) -> io::Result<()> {
        let mut all = Vec::new();
        Powershell.write_complete(command, words, here, &mut all)?;
        let all = String::from_utf8_lossy(&all);
        let is_inert = |line: &&str| {
            let word = line.split('\t').next().unwrap_or_default();
            word.chars().all(|c| c.is_alphanumeric() || "-_./\\:=".contains(c))
        };
        all.lines().filter(is_inert).try_for_each(|line| writeln!(text, "{line}"))
    }
}
