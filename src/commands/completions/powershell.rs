//! PowerShell inserts a candidate unquoted, so names that it could execute are left out.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::env::{EnvCompleter, Powershell};

/// Completes for PowerShell.
pub(super) struct Inert;

/// The words are passed to the program literally: PowerShell evaluates nothing in the line.
const SCRIPT: &str = r#"# Completes the command lines of NAME. Comes from: NAME completions powershell
Register-ArgumentCompleter -Native -CommandName NAME -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $before = $env:VAR
    $env:VAR = 'powershell'
    try {
        $words = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
            ForEach-Object { if ($_.Value -is [string]) { $_.Value } else { $_.Extent.Text } })
        if ($wordToComplete -eq '') { $words += '' }
        & COMPLETER -- @words | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
        }
    } finally {
        if ($null -eq $before) { Remove-Item Env:VAR } else { $env:VAR = $before }
    }
}
"#;

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
        _: &str,
        completer: &str,
        text: &mut dyn Write,
    ) -> io::Result<()> {
        text.write_all(super::filled(SCRIPT, var, name, completer).as_bytes())
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
