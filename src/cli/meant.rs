//! Suggests our command for a word of another program: `run` is `exec`.

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{exec_line, words};
use crate::hint::{Hint, quoted};

/// What the words of gh, Vault, AWS, pass, npm and kubectl mean here.
const WORDS: &[(&str, &[&str])] = &[
    ("add", &["new", "set", "create", "login", "save", "put", "insert", "register", "init", "generate"]),
    ("env", &["get", "print", "export", "reveal", "dump", "read", "load", "cat"]),
    ("exec", &["run", "with", "spawn", "start"]),
    ("use", &["switch", "select", "checkout", "activate", "default", "choose"]),
    ("remove", &["delete", "del", "logout", "erase", "destroy", "forget", "drop"]),
    ("status", &["show", "whoami", "info", "which", "view", "describe", "inspect"]),
    ("list", &["profiles", "keys", "all"]),
    ("rename", &["mv", "move"]),
    ("rotate", &["renew", "replace", "update", "change", "roll", "regenerate", "refresh"]),
    ("verify", &["test", "validate", "ping", "probe", "try"]),
    ("compromised", &["revoke", "leaked", "block", "disable"]),
    ("log", &["history", "audit", "events"]),
    ("doctor", &["diagnose", "health", "troubleshoot"]),
    ("check", &["lint"]),
    ("scan", &["search", "find", "detect", "grep"]),
    ("unset", &["clear", "unload", "deactivate"]),
    ("store", &["keychain", "keyring", "stores"]),
    ("store migrate", &["migrate"]),
    ("store adopt", &["adopt"]),
    ("guard install", &["install"]),
    ("guard uninstall", &["uninstall"]),
    ("current", &["active", "name"]),
    ("allow", &["trust"]),
    ("deny", &["untrust", "distrust"]),
    ("note", &["comment", "label"]),
    ("help", &["usage", "commands"]),
    ("--version", &["version"]),
];

/// The line with our word in place of another program's; `None` if that word means nothing here.
pub(super) fn line(word: &str, arguments: &[OsString], command: &Command) -> Option<Hint> {
    let (ours, _) = WORDS.iter().find(|(_, theirs)| theirs.contains(&word))?;
    with(word, ours, arguments, command)
}

/// The line with our word in place of a wrong one; placeholders stand for missing arguments.
pub(super) fn with(word: &str, ours: &str, arguments: &[OsString], command: &Command) -> Option<Hint> {
    let ours: Vec<String> = ours.split(' ').map(str::to_owned).collect();
    let words: Vec<String> =
        arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let at = words.iter().position(|found| found == word)?;
    let (before, after) = (&words[..at], &words[at + 1..]);
    let as_typed = [before, &ours, after].concat();
    let of_profile = [before, &ours, &["-p".to_owned()], after].concat();
    let tried = [as_typed.clone(), of_profile, [before, &ours].concat(), ours];
    exec_line::with_dashes(&as_typed, command)
        .or_else(|| tried.into_iter().find_map(|words| completed(words, command)))
        .map(|words| shown(&words))
}

/// The line if it parses, with placeholders for missing arguments.
fn completed(mut words: Vec<String>, command: &Command) -> Option<Vec<String>> {
    let whole = std::iter::once(super::NAME).chain(words.iter().map(String::as_str));
    match command.clone().try_get_matches_from(whole) {
        Ok(_) => Some(words),
        Err(error) if error.kind() == ErrorKind::DisplayVersion => Some(words),
        Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => {
            if let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) {
                words.extend(missing.iter().map(|lacks| placeholder(lacks)));
            }
            Some(words)
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Some(words),
        Err(_) => None,
    }
}

fn placeholder(missing: &str) -> String {
    let name: String = missing.chars().filter(|c| c.is_ascii_uppercase()).collect();
    if name == "CMD" { "-- CMD".to_owned() } else { name }
}

fn shown(words: &[String]) -> Hint {
    let is_ours = |word: &&String| *word == "-- CMD";
    let words =
        words.iter().map(|word| if is_ours(&word) { word.clone() } else { quoted(words::shown(word)) });
    Hint::run(&words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_programs_word_is_answered_with_the_whole_line() {
        let table = [
            ("show", "status"),
            ("show dev", "status -p dev"),
            ("get dev", "env dev"),
            ("login", "add NAME"),
            ("logout dev", "remove dev"),
            ("run", "exec -- CMD"),
            ("run npm start", "exec -- npm start"),
            ("-q run -- npm start", "-q exec -- npm start"),
            ("delete", "remove NAME"),
            ("switch prod", "use prod"),
            ("set dev", "add dev"),
            ("new", "add NAME"),
            ("print", "env"),
            ("export dev --format json", "env dev --format json"),
            ("mv a b", "rename a b"),
            ("mv", "rename OLD NEW"),
            ("show a b", "status"),
            ("keychain", "store"),
        ];
        let command = crate::cli::command();
        for (typed, meant) in table {
            let words: Vec<OsString> =
                [super::super::NAME].into_iter().chain(typed.split(' ')).map(OsString::from).collect();
            let word = typed.split(' ').find(|word| !word.starts_with('-')).unwrap();
            assert_eq!(line(word, &words, &command), Some(Hint::run(meant)), "{typed}");
        }
        assert_eq!(line("frobnicate", &["x".into(), "frobnicate".into()], &command), None);
    }

    #[test]
    fn no_word_is_a_command_of_ours_or_stands_twice() {
        let command = crate::cli::command();
        let mut seen = std::collections::BTreeSet::new();
        for (ours, theirs) in WORDS {
            let found = ours.split(' ').try_fold(&command, |at, word| at.find_subcommand(word));
            assert!(found.is_some() || *ours == "--version", "{ours}");
            for word in *theirs {
                assert!(command.find_subcommand(word).is_none() && seen.insert(word), "{word}");
            }
        }
    }
}
