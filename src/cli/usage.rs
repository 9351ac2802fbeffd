//! The errors of a command line. They never repeat what could be a key.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Command};

use super::words::{named, shown};
use super::{exec_line, meant};
use crate::api::DEVELOPER_SETTINGS;
use crate::commands::NAMES_PROFILES;
use crate::error::{Error, Result};
use crate::hint::{Hint, quoted};
use crate::model::key_shape::holds_key;
use crate::model::profile_name::MalformedName;
use crate::model::{ProfileName, nearest};
use crate::shell::VariableName;

/// Refuses a command line that contains a key, anywhere before `--`.
///
/// # Errors
/// Exit 2; the key is not repeated, and the user is told that the shell's history contains it now.
pub fn refuse_keys(arguments: &[OsString]) -> Result<()> {
    let ours = arguments.iter().skip(1).take_while(|a| *a != "--").map(|a| a.to_string_lossy());
    let ours: Vec<_> = ours.collect();
    if !ours.iter().any(|a| holds_key(a)) {
        return Ok(());
    }
    let mut words = ours.iter().filter(|word| !word.starts_with('-'));
    let command = words.find(|word| ["add", "rotate"].contains(&&***word)).map_or("add", |word| &**word);
    let name = words.find(|word| !holds_key(word) && word.parse::<ProfileName>().is_ok());
    Err(Error::usage("a key on the command line is refused: it is now in the shell's history, and other programs could see it")
        .hint(Hint::run(command).arg(name.map_or("NAME", |name| &**name)).note("asks for the key without showing it"))
        .hint(Hint::advice(format!("delete it from the history, and replace the key: {DEVELOPER_SETTINGS}"))))
}

/// The error of a command line, in our own words.
pub fn explain(error: &clap::Error, arguments: &[OsString], command: &Command) -> Error {
    if let Some(no_dashes) = exec_line::explain(error, arguments, command) {
        return no_dashes;
    }
    if lacks_argument_of("exec", error, arguments, command) {
        return exec_line::no_program(arguments);
    }
    if matches!(
        error.kind(),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        return no_command(arguments, command);
    }
    let hint = intended(error, arguments, command).unwrap_or_else(|| help_command(arguments, command));
    Error::usage(what_is_wrong(error)).hint(hint)
}

/// Whether a line of that command lacks an argument.
fn lacks_argument_of(name: &str, error: &clap::Error, arguments: &[OsString], command: &Command) -> bool {
    error.kind() == ErrorKind::MissingRequiredArgument
        && named(arguments, command).is_some_and(|named| named.get_name() == name)
}

/// What the parser says of a part of the line; nothing of it that could be a key.
fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(shown(text)),
        Some(ContextValue::Strings(texts)) => {
            Some(texts.iter().map(|t| shown(t)).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

fn what_is_wrong(error: &clap::Error) -> String {
    let of = |kind| context(error, kind).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::InvalidSubcommand => format!("unknown command `{}`", of(ContextKind::InvalidSubcommand)),
        ErrorKind::UnknownArgument if argument.starts_with('-') => format!("unknown option `{argument}`"),
        ErrorKind::UnknownArgument => format!("unexpected argument `{argument}`"),
        ErrorKind::MissingRequiredArgument => format!("missing: {argument}"),
        ErrorKind::ArgumentConflict => {
            let other = context(error, ContextKind::PriorArg).unwrap_or_else(|| "the others".to_owned());
            format!("{argument} cannot be used with {other}")
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} needs a value"),
        ErrorKind::InvalidValue => format!("invalid value `{value}` for {argument}"),
        ErrorKind::ValueValidation => format!("{argument}: {}", source(error)),
        ErrorKind::InvalidUtf8 => "an argument is not valid UTF-8".to_owned(),
        _ => "the command line is invalid".to_owned(),
    }
}

/// The line that was probably meant, or the values that could stand in it.
fn intended(error: &clap::Error, arguments: &[OsString], command: &Command) -> Option<Hint> {
    let argument = context(error, ContextKind::InvalidArg).unwrap_or_default();
    let mistyped = context(error, ContextKind::InvalidSubcommand);
    let known_command = mistyped.and_then(|word| {
        let is_first = named(arguments, command).is_none();
        let meant = if is_first { meant::line(&word, arguments, command) } else { None };
        meant.or_else(|| nearest_command(&word, arguments, command))
    });
    let values = context(error, ContextKind::ValidValue).filter(|values| !values.is_empty());
    known_command
        .or_else(|| {
            let right = context(error, ContextKind::SuggestedArg)?;
            with_right_flag(&argument, &right, arguments, command)
        })
        .or_else(|| Some(format!("one of {}", values?).into()))
        .or_else(|| with_good_name(error, arguments))
        .or_else(|| {
            lacks_argument_of("add", error, arguments, command).then(|| with_a_name("add", arguments))
        })
        .or_else(|| {
            let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else { return None };
            with_the_name_alone(&argument, value, arguments)
        })
}

/// Refuses `--profile` if an argument of the command names another profile.
///
/// # Errors
/// As described (exit 2).
pub fn one_profile(matches: &ArgMatches, arguments: &[OsString]) -> Result<()> {
    let Some((_, below)) = matches.subcommand() else { return Ok(()) };
    let raw =
        |id| below.try_get_raw(id).ok().flatten().into_iter().flatten().map(|word| word.to_string_lossy());
    let flag = raw("profile").next_back();
    let mut named = NAMES_PROFILES.into_iter().flat_map(raw);
    match (flag, named.next()) {
        (Some(flag), Some(name)) if flag != name || named.any(|name| name != flag) => Err(Error::usage(
            format!("two profiles are given: `{flag}` by --profile, `{}` as the argument", shown(&name)),
        )
        .hint(without_profile(arguments))),
        _ => Ok(()),
    }
}

/// The only profile that a command's arguments name.
pub fn one_named(matches: &ArgMatches) -> Option<ProfileName> {
    let (_, below) = matches.subcommand()?;
    let raw = |id| below.try_get_raw(id).ok().flatten().into_iter().flatten();
    let mut named = NAMES_PROFILES.into_iter().flat_map(raw);
    let first = named.next()?.to_str()?.parse().ok()?;
    named.next().is_none().then_some(first)
}

/// The line without `--profile` and its value.
fn without_profile(arguments: &[OsString]) -> Hint {
    let words: Vec<_> = arguments.iter().skip(1).map(|word| word.to_string_lossy()).collect();
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let is_flag = |word: &str| word == "-p" || word == "--profile";
    let holds_both = |word: &str| word.starts_with("--profile=") || (word.starts_with("-p") && word != "-p");
    let stays = |at: usize| {
        at >= end || !(is_flag(&words[at]) || holds_both(&words[at]) || (at > 0 && is_flag(&words[at - 1])))
    };
    let kept = (0..words.len()).filter(|at| stays(*at)).map(|at| quoted(shown(&words[at])));
    Hint::run(&kept.collect::<Vec<_>>().join(" "))
}

/// The line with the command nearest to a mistyped word, if one is near enough; below the named command.
fn nearest_command(word: &str, arguments: &[OsString], command: &Command) -> Option<Hint> {
    let above = named(arguments, command);
    let known: Vec<_> = above.unwrap_or(command).get_subcommands().filter(|c| !c.is_hide_set()).collect();
    let meant = nearest(word, &known, |c| c.get_name())?;
    meant::with(word, meant.get_name(), arguments, command)
}

/// The same command line with the intended flag; `None` if that flag needs a value which is missing.
fn with_right_flag(wrong: &str, right: &str, arguments: &[OsString], command: &Command) -> Option<Hint> {
    let long = right.trim_start_matches("--");
    let flags = named(arguments, command).unwrap_or(command).get_arguments();
    let wants_value = flags.chain(command.get_arguments()).find(|flag| flag.get_long() == Some(long));
    let wants_value = wants_value.is_some_and(|flag| flag.get_action().takes_values());
    let mut after = arguments.iter().skip_while(|word| *word != wrong).skip(1);
    let has_value = after.next().is_some_and(|word| !word.to_string_lossy().starts_with('-'));
    (has_value || !wants_value).then(|| corrected(arguments, wrong, right))
}

/// The same command line with the nearest valid name in place of a malformed one.
fn with_good_name(error: &clap::Error, arguments: &[OsString]) -> Option<Hint> {
    let malformed = std::error::Error::source(error)?.downcast_ref::<MalformedName>()?;
    let (nearest, Some(ContextValue::String(wrong))) =
        (malformed.nearest.as_ref()?, error.get(ContextKind::InvalidValue))
    else {
        return None;
    };
    // A name that the line already contains would be renamed to itself.
    let taken = arguments.iter().any(|word| *word == *nearest.as_str());
    let right = if taken { format!("{nearest}-2") } else { nearest.to_string() };
    Some(corrected(arguments, wrong, &right))
}

/// The same command line with a profile's name after the command.
fn with_a_name(command: &str, arguments: &[OsString]) -> Hint {
    let mut words: Vec<_> =
        arguments.iter().skip(1).map(|word| quoted(shown(&word.to_string_lossy()))).collect();
    let after = words.iter().position(|word| word == command).map_or(words.len(), |at| at + 1);
    words.insert(after, "dev".to_owned());
    Hint::run(&words.join(" ")).note("or another name")
}

/// The same command line with only the variable's name, if its value was given too.
fn with_the_name_alone(argument: &str, value: &str, arguments: &[OsString]) -> Option<Hint> {
    let (name, _) = value.split_once('=')?;
    let is_a_name = argument.starts_with("--from-env") && name.parse::<VariableName>().is_ok();
    is_a_name.then(|| corrected(arguments, value, name))
}

/// The same command line with one word replaced.
fn corrected(arguments: &[OsString], wrong: &str, right: &str) -> Hint {
    let words = arguments.iter().skip(1).map(|a| a.to_string_lossy());
    let words = words.map(|w| match w.strip_prefix(wrong) {
        Some("") => right.to_owned(),
        Some(value) if value.starts_with('=') => quoted(shown(&format!("{right}{value}"))),
        _ if w.ends_with(&format!("={wrong}")) => quoted(shown(&w.replace(wrong, right))),
        _ => quoted(shown(&w)),
    });
    Hint::run(&words.collect::<Vec<_>>().join(" "))
}

/// Where to read on: the help of the intended command, if there is one.
fn help_command(arguments: &[OsString], command: &Command) -> Hint {
    named(arguments, command)
        .map_or_else(|| Hint::run("--help"), |meant| Hint::run("help").arg(meant.get_name()))
}

fn no_command(arguments: &[OsString], command: &Command) -> Error {
    let (mut path, mut last) = (Vec::new(), command);
    for word in arguments.iter().skip(1) {
        if let Some(below) = last.find_subcommand(word) {
            path.push(below.get_name());
            last = below;
        }
    }
    if !path.is_empty() && last.is_subcommand_required_set() {
        let below = last.get_subcommands().map(Command::get_name).filter(|below| *below != "help");
        let (path, below) = (path.join(" "), below.collect::<Vec<_>>().join(", "));
        return Error::usage(format!("`{path}` needs a subcommand: {below}"))
            .hint(Hint::run("help").flag(&path));
    }
    Error::usage("no command given").hint(help_command(arguments, command))
}

/// Whether the only error of a command line is that it names no command.
pub fn is_bare(error: &clap::Error, arguments: &[OsString], command: &Command) -> bool {
    use ErrorKind::{DisplayHelpOnMissingArgumentOrSubcommand, MissingSubcommand};
    matches!(error.kind(), MissingSubcommand | DisplayHelpOnMissingArgumentOrSubcommand)
        && named(arguments, command).is_none_or(|named| !named.is_subcommand_required_set())
}

fn source(error: &clap::Error) -> String {
    std::error::Error::source(error).map_or_else(|| "it cannot be understood".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(arguments: &[&str]) -> bool {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        refuse_keys(&arguments).is_err()
    }

    #[test]
    fn a_key_is_refused_wherever_it_stands_before_the_double_dash() {
        let key = format!("sk_{}", "aB3".repeat(10));
        assert!(refused(&["getimg-keys", "add", "prod", &key]));
        assert!(refused(&["getimg-keys", "add", &key]));
        assert!(refused(&["getimg-keys", "add", "--note", &format!("was {key}")]));
        assert!(refused(&["getimg-keys", &format!("--profile={key}")]));
        assert!(refused(&["getimg-keys", "add", &format!("key-{}", "a1".repeat(48))]));
        assert!(!refused(&["getimg-keys", "exec", "--", "curl", &key]));
        assert!(!refused(&["getimg-keys", "add", "risk_of_the_new_feature_x"]));
    }

    #[test]
    fn a_malformed_name_is_mended_in_the_hint() {
        let arguments = ["getimg-keys", "add", "My Key", "--no-verify"].map(OsString::from);
        let error = crate::cli::command().try_get_matches_from(&arguments).unwrap_err();
        assert_eq!(
            explain(&error, &arguments, &crate::cli::command()).hints,
            [Hint::run("add my-key --no-verify")]
        );
    }

    #[test]
    fn a_key_of_another_shape_is_not_repeated() {
        let other = "Zz9".repeat(10);
        let error =
            crate::cli::command().try_get_matches_from(["getimg-keys", "add", "prod", &other]).unwrap_err();
        let told = explain(&error, &[], &crate::cli::command());
        assert!(!format!("{told:?}").contains(&other), "{told:?}");
    }
}
