//! The command reference, written from the command line's own description.

use std::fmt::Write;

use clap::{Arg, ArgAction, Command};
use getimg_keys::cli::help::Group;

/// The first lines of the file, which say how it is made.
const HEAD: &str = "# Commands\n\n\
<!-- Written by the tests from the program's own help. To write it again: UPDATE=1 cargo test docs -->\n\n\
What every command shares stands at the end, under [global options](#global-options) and \
[exit codes](#exit-codes).\n";

/// The whole of docs/commands.md.
pub(crate) fn markdown(command: Command) -> String {
    let mut text = HEAD.to_owned();
    for group in Group::ALL {
        group.commands(&command).for_each(|command| section(&mut text, command));
    }
    text.push_str("\n## Global options\n\nEvery command takes them.\n\n");
    options(&mut text, command.get_arguments().filter(|a| a.is_global_set()));
    text.push_str("\n## Exit codes\n\n| code | name | meaning |\n|---|---|---|\n");
    for (code, name, meaning) in getimg_keys::error::EXIT_CODES {
        line(&mut text, &format!("| {code} | `{name}` | {meaning} |"));
    }
    text.push_str("\nSeveral at once: the first of 7, 4, 8, 6, 5 that applies.\n");
    text
}

/// The README's table of commands.
pub(crate) fn table(command: &Command) -> String {
    let mut text = "\n| command | what it does |\n|---|---|\n".to_owned();
    for group in Group::ALL {
        line(&mut text, &format!("| **{}** | |", group.title()));
        for command in group.commands(command) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            line(&mut text, &format!("| `{}` | {} |", command.get_name(), about.replace('|', "\\|")));
        }
    }
    text.push('\n');
    text
}

fn section(text: &mut String, command: &Command) {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let mut command = command.clone();
    let usage = command.render_usage().to_string();
    line(text, &format!("\n## {}\n", command.get_name()));
    line(text, about.trim_end());
    line(text, &format!("\n```\n{}\n```", usage.trim_start_matches("Usage: ").trim_end()));
    let aliases: Vec<_> = command.get_visible_aliases().map(|a| format!("`{a}`")).collect();
    if !aliases.is_empty() {
        line(text, &format!("\nAlso: {}.", aliases.join(", ")));
    }
    let mut own = command.get_arguments().filter(|a| !a.is_global_set() && a.get_id() != "help").peekable();
    if own.peek().is_some() {
        text.push('\n');
        options(text, own);
    }
    examples(text, &command);
    subcommands(text, &command, command.get_name());
}

/// The subcommands of a command, and theirs.
fn subcommands(text: &mut String, command: &Command, name: &str) {
    for below in command.get_subcommands().filter(|c| c.get_name() != "help") {
        let about = below.get_long_about().or(below.get_about()).map(ToString::to_string).unwrap_or_default();
        let name = format!("{name} {}", below.get_name());
        line(text, &format!("\n### {name}\n\n{}\n", about.trim_end()));
        options(text, below.get_arguments().filter(|a| !a.is_global_set() && a.get_id() != "help"));
        examples(text, below);
        subcommands(text, below, &name);
    }
}

fn examples(text: &mut String, command: &Command) {
    let Some(examples) = command.get_after_help().map(ToString::to_string) else { return };
    let lines: Vec<_> = examples.lines().skip(1).map(str::trim).collect();
    line(text, &format!("\n```sh\n{}\n```", lines.join("\n")));
}

fn options<'a>(text: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    for argument in arguments.filter(|a| !a.is_hide_set()) {
        let help =
            argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
        line(text, &format!("- `{}` – {help}{}", spelled(argument), choices(argument)));
    }
}

fn spelled(argument: &Arg) -> String {
    let value = argument
        .get_value_names()
        .map(|names| names.iter().map(|n| n.to_string()).collect::<Vec<_>>().join(" "))
        .unwrap_or_default();
    let several = if matches!(argument.get_action(), ArgAction::Append) { "…" } else { "" };
    let (short, long) = (argument.get_short(), argument.get_long());
    let flag = match (short, long) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (None, Some(long)) => format!("--{long}"),
        (Some(short), None) => format!("-{short}"),
        (None, None) if argument.is_required_set() => return format!("{value}{several}"),
        (None, None) => return format!("[{value}]{several}"),
    };
    if argument.get_action().takes_values() { format!("{flag} {value}{several}") } else { flag }
}

/// The possible values, if there are few.
fn choices(argument: &Arg) -> String {
    if !argument.get_action().takes_values() {
        return String::new();
    }
    let values = argument.get_possible_values();
    if values.is_empty() {
        return String::new();
    }
    let names: Vec<_> =
        values.iter().filter(|v| !v.is_hide_set()).map(|v| format!("`{}`", v.get_name())).collect();
    format!(" ({})", names.join(", "))
}

fn line(text: &mut String, what: &str) {
    let _ = writeln!(text, "{what}");
}
