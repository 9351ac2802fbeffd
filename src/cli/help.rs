//! The help: the list of commands by group, and one command's options and examples.

use clap::Command;

use super::words;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::system::Variables;
use crate::system::terminal::{self, Stream, wrapped};

/// The widest column to which sentences are wrapped.
const WIDEST: usize = 100;
/// The text below the list of commands.
const MORE: &str = "`getimg-keys help COMMAND` shows a command's options and examples, `getimg-keys help exit-codes` the exit codes.";

/// The group in which `--help` lists a command: the command's display order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Used every day. Clap numbers a command without a group from 0.
    Everyday = 1000,
    /// Shows the state of keys.
    Checking,
    /// Replaces a key.
    Rotating,
    /// Changes a profile, but not its key.
    Profiles,
    /// Used once.
    SettingUp,
}

impl Group {
    /// In the order of the help.
    pub const ALL: [Self; 5] =
        [Self::Everyday, Self::Checking, Self::Rotating, Self::Profiles, Self::SettingUp];

    /// The heading above its commands.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everyday => "Everyday",
            Self::Checking => "Checking",
            Self::Rotating => "Rotating",
            Self::Profiles => "Profiles",
            Self::SettingUp => "Setting up",
        }
    }

    /// The visible commands of this group, in the order in which they are declared.
    pub fn commands(self, all: &Command) -> impl Iterator<Item = &Command> {
        let ours = move |one: &&Command| one.get_display_order() == self as usize && !one.is_hide_set();
        all.get_subcommands().filter(ours)
    }
}

/// The help of one command, or of all.
///
/// # Errors
/// There is no such command (2).
pub fn of(topic: &[String], mut command: Command) -> Result<String> {
    let width = width();
    if topic.is_empty() {
        return Ok(overview(command.term_width(width), width));
    }
    let mut found = &mut command;
    for word in topic {
        found = found.find_subcommand_mut(word).ok_or_else(|| {
            Error::usage(format!("there is no help for `{}`", words::shown(word)))
                .hint(Hint::run("help"))
                .hint(Hint::run("help exit-codes"))
        })?;
    }
    Ok(render(found.clone().term_width(width)))
}

/// The width of the terminal at standard output, 80 if there is none.
fn width() -> usize {
    terminal::width(Stream::Out, &Variables::of_this_process()).min(WIDEST)
}

fn overview(mut command: Command, width: usize) -> String {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let usage = command.render_usage();
    let names = command.get_subcommands().filter(|one| !one.is_hide_set()).map(|one| one.get_name().len());
    let column = names.max().unwrap_or(0) + 4;
    let mut parts = vec![wrapped(&about, width, 0), usage.to_string()];
    for group in Group::ALL {
        let lines = group.commands(&command).map(|one| line(one, column, width));
        parts.push(format!("{}:\n{}", group.title(), lines.collect::<Vec<_>>().join("\n")));
    }
    let mut shown = command.help_template("{options}").mut_args(|arg| match arg.get_id().as_str() {
        "help" => arg.help("Print help"),
        _ => arg,
    });
    parts.push(format!("Global options:\n{}", shown.render_help().to_string().trim_end()));
    parts.push(wrapped(MORE, width, 0));
    parts.join("\n\n")
}

/// A command's name and description, wrapped below its beginning.
fn line(command: &Command, column: usize, width: usize) -> String {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let aliases: Vec<_> = command.get_visible_aliases().map(|alias| format!(" [alias: {alias}]")).collect();
    let text = format!("  {:column$}{about}{}", command.get_name(), aliases.concat(), column = column - 2);
    wrapped(&text, width, column)
}

/// One command: what it does, its own options, its examples, and one line about the global options.
fn render(mut command: Command) -> String {
    let about = command.get_long_about().or(command.get_about()).cloned().unwrap_or_default();
    let usage = command.render_usage().to_string().trim_start_matches("Usage: ").to_owned();
    let globals: Vec<_> = command.get_arguments().filter(|arg| arg.is_global_set()).collect();
    let spelt = globals.iter().map(|arg| match (arg.get_short(), arg.get_long()) {
        (Some(short), _) => format!("-{short}"),
        (None, long) => format!("--{}", long.unwrap_or_default()),
    });
    let globals =
        format!("Global options:\n  {} (see `getimg-keys help`)", spelt.collect::<Vec<_>>().join(", "));
    let examples = command.get_after_help().map(|examples| format!("{examples}\n\n")).unwrap_or_default();
    let shown = command.override_usage(usage).about(about.clone()).long_about(about);
    let mut shown = shown.after_help(format!("{examples}{globals}")).mut_args(|arg| {
        if arg.get_id() == "help" {
            arg.help("Print help")
        } else {
            let global = arg.is_global_set();
            arg.hide(global)
        }
    });
    shown.render_help().to_string()
}

/// The command whose help a line with `--help` asks for: the words that name one, without flags and their values.
pub(super) fn topic(arguments: &[std::ffi::OsString], command: &Command) -> Vec<String> {
    let mut topic = Vec::new();
    let mut at = command;
    let mut words =
        arguments.iter().skip(1).map(|word| word.to_string_lossy()).take_while(|word| word != "--");
    while let Some(word) = words.next() {
        if words::takes_value(&word, at) {
            words.next();
        } else if let Some(found) = at.find_subcommand(word.as_ref()) {
            topic.push(found.get_name().to_owned());
            at = found;
        }
    }
    topic
}
