//! Checks `.env` files: git must ignore them.

use std::path::Path;

use crate::error::{Error, Kind};
use crate::git::dotenv_files;
use crate::git::ignored::standing;
use crate::git::shown;
use crate::hint::suggest;
use crate::model::proposal;
use crate::output::checks::Check;
use crate::scan::is_placeholder;
use crate::system::files::dotenv::{self, Value as Given};

/// Whether git ignores the `.env` files below a folder.
pub(super) fn checks(folder: &Path, own: &[String]) -> Vec<Check> {
    let (files, unread) = dotenv_files::below(folder);
    let example = if folder.is_dir() { folder.join(".env") } else { folder.with_file_name(".env") };
    let mut checks: Vec<Check> = files.iter().filter_map(|file| exposed(file, own)).collect();
    // What could not be searched counts as neither ignored nor absent.
    checks.extend(unread.iter().map(|part| {
        Check::fail("dotenv", format!("{} was not searched: {}", part.path, part.message))
            .hint(suggest::look_at(&part.path))
            .kind(Kind::Unchecked)
    }));
    if checks.is_empty() {
        checks.push(match (files.len(), standing(&example)) {
            (0, Ok(git)) if git.in_repository && !git.ignored => {
                Check::warn("dotenv", "git would not ignore a .env file here")
                    .hint(suggest::ignore(example.strip_prefix(".").unwrap_or(&example)))
            }
            (0, Ok(_)) => Check::pass("dotenv", "there are no .env files here"),
            (0, Err(error)) => unanswered(error),
            (count, Ok(git)) if !git.in_repository => {
                Check::pass("dotenv", format!("no git repository holds the .env files here ({count})"))
            }
            (count, Ok(_)) => Check::pass("dotenv", format!("git ignores every .env file ({count})")),
            (_, Err(error)) => unanswered(error),
        });
    }
    checks
}

/// If git refuses, that is not an answer.
fn unanswered(error: Error) -> Check {
    Check::of_error("dotenv", error).kind(Kind::Unchecked)
}

/// What is wrong with one `.env` file, according to git.
fn exposed(file: &Path, own: &[String]) -> Option<Check> {
    let short = file.strip_prefix(".").unwrap_or(file);
    let path = shown(short);
    let fail = |what: &str, hint: String| {
        Check::fail("dotenv", format!("{path} {what}"))
            .hint(hint)
            .kind(Kind::Leak)
            .at(file, first_key(file, own))
    };
    match standing(file) {
        Err(error) => Some(unanswered(error)),
        Ok(git) if !git.in_repository => None,
        Ok(git) if (git.committed || git.staged) && holds_no_secret(file, own) => Some(
            Check::warn("dotenv", format!("{path} is tracked by git, and holds no secret now"))
                .hint(suggest::untrack(short)),
        ),
        Ok(git) if git.committed => {
            Some(fail("is committed", format!("{}  # then replace its keys", suggest::untrack(short))))
        }
        Ok(git) if git.staged => Some(fail("is staged", suggest::untrack(short))),
        Ok(git) if !git.ignored => Some(fail("is not ignored by git", suggest::ignore(short))),
        Ok(_) => None,
    }
}

/// Whether every value of a file is empty, short, encrypted or an address without credentials; no, if a line cannot be
/// read.
fn holds_no_secret(file: &Path, own: &[String]) -> bool {
    let Ok(text) = dotenv::read(file) else { return false };
    dotenv::assignments(&text, |_| true).iter().all(|found| match &found.value {
        Given::Reference => true,
        Given::Unreadable | Given::Within(_) => false,
        Given::Text(value) => {
            let is_encrypted = ["encrypted:", "ENC[", "-----BEGIN AGE ENCRYPTED FILE"];
            let is_short = value.len() < 16 && !proposal::is_key_variable(&found.variable, own);
            value.is_empty()
                || is_short
                || is_placeholder(value.as_bytes())
                || found.variable.contains("PUBLIC_KEY")
                || is_encrypted.iter().any(|begin| value.starts_with(begin))
                || (value.contains("://") && !value.contains('@'))
        }
    })
}

/// The line of a file's first variable for a key, counted from 1; the file alone is named where it cannot be read.
fn first_key(file: &Path, own: &[String]) -> Option<usize> {
    let text = dotenv::read(file).ok()?;
    let found = dotenv::assignments(&text, |name| proposal::is_key_variable(name, own));
    found.first().map(|found| found.lines.start + 1)
}
