//! The repository's files as text, and Rust source without comments and tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One file: its path from the repository's root, with `/`, and its content.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file that git tracks or would add.
pub(crate) fn tracked() -> Vec<File> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap_or_else(|e| panic!("git is needed to list the files: {e}"));
    assert!(listed.status.success(), "git: {}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    names
        .split_terminator('\0')
        .filter_map(|path| Some(File { path: path.to_owned(), text: text(path)? }))
        .collect()
}

/// Every Rust file below a folder of the repository, in order.
pub(crate) fn rust(folder: &str) -> Vec<File> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort();
    let files: Vec<_> = found
        .iter()
        .map(|path| path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/"))
        .filter_map(|path| Some(File { text: text(&path)?, path }))
        .collect();
    assert!(!files.is_empty(), "there is no Rust in {folder}");
    files
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn text(path: &str) -> Option<String> {
    String::from_utf8(fs::read(root().join(path)).ok()?).ok()
}

impl File {
    /// Whether the whole file is tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with("_tests.rs")
            || self.path.ends_with("/test_support.rs")
    }

    /// The code that is shipped: no comments, and nothing from the first `#[cfg(test)] mod … {` on.
    pub(crate) fn shipped(&self) -> String {
        if self.is_test() {
            return String::new();
        }
        let lines: Vec<&str> = self.text.lines().collect();
        let tests_begin = |at: usize| {
            lines[at].trim() == "#[cfg(test)]"
                && lines.get(at + 1).is_some_and(|l| l.trim_start().starts_with("mod ") && l.ends_with('{'))
        };
        let end = (0..lines.len()).find(|&at| tests_begin(at)).unwrap_or(lines.len());
        lines[..end].iter().map(|line| without_comment(line)).collect::<Vec<_>>().join("\n")
    }
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") { "" } else { line.split(" // ").next().unwrap_or(line) }
}
