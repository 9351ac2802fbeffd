//! The words of a command line: the command they name, the values of flags, and which words may be repeated.

use std::ffi::OsString;

use clap::Command;
use zeroize::Zeroizing;

use crate::model::ApiKey;
use crate::model::key_shape::holds_key;

/// The command that a command line names, if any.
pub(super) fn named<'a>(arguments: &[OsString], commands: &'a Command) -> Option<&'a Command> {
    arguments.iter().skip(1).find_map(|word| commands.find_subcommand(word))
}

/// Whether the word after a flag is the flag's value.
pub(super) fn takes_value(word: &str, command: &Command) -> bool {
    let spells = |flag: &clap::Arg| {
        let long = flag.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long));
        long || flag
            .get_short()
            .is_some_and(|short| word.strip_prefix('-') == Some(short.to_string().as_str()))
    };
    command.get_arguments().any(|flag| flag.get_action().takes_values() && spells(flag))
}

/// A word of the command line that may be repeated in a message: not if it could be a key.
pub(super) fn shown(word: &str) -> String {
    let could_be_key = |w: &str| {
        holds_key(w)
            || (w.chars().any(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
                && !w.starts_with("--")
                && parses(w))
    };
    if could_be_key(word) { "[redacted]".to_owned() } else { word.to_owned() }
}

fn parses(word: &str) -> bool {
    ApiKey::parse(Zeroizing::new(word.to_owned())).is_ok()
}
