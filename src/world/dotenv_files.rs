//! The `.env` files below a folder.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// Endings of files that are meant to be committed: they hold names, no values.
const EXAMPLES: [&str; 5] = ["example", "sample", "template", "dist", "defaults"];

/// Every `.env` and `.env.*` file below a folder, ignored ones too; examples are left out.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let walk = WalkDir::new(folder).into_iter();
    let mut found: Vec<PathBuf> = walk
        .filter_entry(|entry| {
            entry.depth() == 0 || (entry.file_name() != ".git" && entry.file_name() != "node_modules")
        })
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .filter(|entry| is_dotenv(&entry.file_name().to_string_lossy()))
        .map(DirEntry::into_path)
        .collect();
    found.sort();
    found
}

fn is_dotenv(name: &str) -> bool {
    name == ".env"
        || name
            .strip_prefix(".env.")
            .is_some_and(|rest| !rest.split('.').any(|part| EXAMPLES.contains(&part)))
}

#[cfg(test)]
mod tests {
    use super::is_dotenv;

    #[test]
    fn examples_are_spared() {
        for name in [".env", ".env.local", ".env.production"] {
            assert!(is_dotenv(name), "{name}");
        }
        for name in [".env.example", ".env.local.sample", ".envrc", "env", ".environment"] {
            assert!(!is_dotenv(name), "{name}");
        }
    }
}
