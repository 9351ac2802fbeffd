//! The `.env` files below a folder.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::{Skipped, index};

/// Endings of files that are meant to be committed: they hold names without values.
const EXAMPLES: [&str; 5] = ["example", "sample", "template", "dist", "defaults"];

/// Folders that are not searched.
const PASSED: [&str; 2] = [".git", "node_modules"];

/// Every `.env` file below a folder, with any ending, ignored ones too; example files are left out.
///
/// Includes files in git's index that no longer exist: a commit still contains them. Also returns the folders that
/// could not be searched, each with the reason.
pub fn below(folder: &Path) -> (Vec<PathBuf>, Vec<Skipped>) {
    let enters =
        |entry: &DirEntry| entry.depth() == 0 || !PASSED.iter().any(|name| entry.file_name() == *name);
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for entry in WalkDir::new(folder).into_iter().filter_entry(enters) {
        match entry {
            Err(error) => unread.push(Skipped::of_walk(&error)),
            Ok(entry) if !entry.file_type().is_file() => {}
            Ok(entry) if is_dotenv(&entry.file_name().to_string_lossy()) => found.push(entry.into_path()),
            Ok(_) => {}
        }
    }
    // If git does not answer here, its answer about each file will say why.
    let indexed = index::names_below(folder, ".env").unwrap_or_default();
    let passed = |path: &Path| path.iter().any(|part| PASSED.iter().any(|name| part == *name));
    found.extend(indexed.into_iter().filter(|path| {
        !passed(path) && path.file_name().is_some_and(|name| is_dotenv(&name.to_string_lossy()))
    }));
    found.sort();
    found.dedup();
    (found, unread)
}

/// `.env`, followed by anything but a letter or digit: `.envrc` belongs to another program.
fn is_dotenv(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let Some(rest) = name.strip_prefix(".env") else { return false };
    let mut parts = rest.split(|c: char| !c.is_ascii_alphanumeric());
    parts.next() == Some("") && !parts.any(|part| EXAMPLES.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::is_dotenv;

    #[test]
    fn examples_are_spared() {
        for name in [".env", ".env.local", ".env.production", ".env-prod", ".env_2", ".env~", ".ENV"] {
            assert!(is_dotenv(name), "{name}");
        }
        for name in [
            ".env.example",
            ".env.local.sample",
            ".env-example",
            ".env.Example",
            ".envrc",
            "env",
            ".environment",
        ] {
            assert!(!is_dotenv(name), "{name}");
        }
    }
}
