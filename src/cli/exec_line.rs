//! Corrects a line of `exec` that lacks the `--` before the program.

use std::ffi::OsString;

use clap::Command;
use clap::error::ContextKind;

use super::words::{named, shown, takes_value};
use crate::backend::local::profiles_file;
use crate::error::Error;
use crate::hint::{Hint, quoted};
use crate::system::{Places, Variables};

/// The error for an `exec` line that only lacks `--`, with the corrected line; `None` for any other line.
pub(super) fn explain(error: &clap::Error, arguments: &[OsString], command: &Command) -> Option<Error> {
    let wrong = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    let exec = named(arguments, command).filter(|named| named.get_name() == "exec")?;
    let words: Vec<String> = arguments.iter().skip(1).map(|a| a.to_string_lossy().into_owned()).collect();
    let words = corrected(&words, &wrong, exec, is_profile)?;
    let words: Vec<_> = words.iter().map(|word| quoted(shown(word))).collect();
    let line = format!("{} {}", super::NAME, words.join(" "));
    Some(Error::usage("the program to run comes after `--`").hint(line))
}

/// The error for an `exec` line without a program, with the line that has one.
pub(super) fn no_program(arguments: &[OsString]) -> Error {
    let words = arguments.iter().skip(1).map(|word| word.to_string_lossy());
    let words: Vec<_> = words.filter(|word| word != "--").map(|word| quoted(shown(&word))).collect();
    Error::usage("the program to run is missing; it comes after `--`")
        .hint(Hint::run(&words.join(" ")).flag("-- CMD…"))
}

/// An `exec` line with `--` before its program; `None` if it is not such a line, has a `--`, or has no program.
pub(super) fn with_dashes(words: &[String], command: &Command) -> Option<Vec<String>> {
    let exec = words.iter().find_map(|word| command.find_subcommand(word))?;
    (exec.get_name() == "exec").then(|| corrected(words, "", exec, is_profile))?
}

/// Whether a profile of that name exists; no, if the profiles cannot be read.
fn is_profile(word: &str) -> bool {
    let places = Places::find(&Variables::of_this_process());
    let profiles = places.and_then(|places| profiles_file::read(&places.profiles()));
    profiles.is_ok_and(|profiles| profiles.all.iter().any(|profile| profile.name.as_str() == word))
}

/// The line with `--` added, name and flags kept; `None` if it has one, or no program.
///
/// The first word counts as the profile if one of that name exists.
fn corrected(
    words: &[String],
    wrong: &str,
    exec: &Command,
    is_profile: impl Fn(&str) -> bool,
) -> Option<Vec<String>> {
    let named = words.iter().position(|word| word == exec.get_name())?;
    if words.iter().any(|word| word == "--") {
        return None;
    }
    let mut program = first_word(words, named + 1, exec)?;
    if is_profile(&words[program]) {
        program = first_word(words, program + 1, exec)?;
    }
    // A wrong flag of ours is another error.
    if words[named..program].iter().any(|word| word.starts_with('-') && word.split('=').next() == Some(wrong))
    {
        return None;
    }
    let dashes = ["--".to_owned()];
    Some([&words[..program], &dashes, &words[program..]].concat())
}

/// The first word after that position that is neither a flag nor a flag's value.
fn first_word(words: &[String], from: usize, exec: &Command) -> Option<usize> {
    let mut at = from;
    while words.get(at)?.starts_with('-') {
        at += if takes_value(&words[at], exec) { 2 } else { 1 };
    }
    words.get(at).map(|_| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_flags_are_kept_and_what_follows_is_the_program_s() {
        let table = [
            ("exec python3 x.py", Some("exec -- python3 x.py")),
            ("exec dev npm run build -p 80", Some("exec dev -- npm run build -p 80")),
            ("-q exec --mask -p dev python3 -c x", Some("-q exec --mask -p dev -- python3 -c x")),
            ("exec --profile=dev ./x", Some("exec --profile=dev -- ./x")),
            ("exec dev --force npm start", Some("exec dev --force -- npm start")),
            ("exec npm", Some("exec -- npm")),
            ("exec dev", None),
            ("exec --mask", None),
            ("exec a b -- c", None),
            ("exec --maks npm start", None),
        ];
        let command = crate::cli::command();
        let exec = command.find_subcommand("exec").unwrap();
        for (line, right) in table {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let found = corrected(&words, "--maks", exec, |word| word == "dev");
            assert_eq!(found.map(|words| words.join(" ")).as_deref(), right, "{line}");
        }
    }
}
