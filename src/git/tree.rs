//! Every file below some folders: hidden, ignored, untracked and binary ones too.

#![expect(clippy::disallowed_methods, reason = "the files of the tree are read here")]

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::Skipped;
use super::threads::{Shared, together};

/// The most bytes a file may have to be read.
const LARGEST: u64 = 4 * 1024 * 1024 * 1024;

/// What is handed on.
pub enum Seen<'a> {
    /// A file, its size, and its content to be read.
    File(&'a Path, u64, &'a mut dyn Read),
    /// What was not read.
    Skipped(Skipped),
}

/// Hands on every file below the roots, from several threads at once.
///
/// No symbolic link is followed, but a root may be one; a root inside another is not searched twice. Folders named
/// `.git` are left to the history; devices, pipes and sockets are passed over. Files of more than 4 GiB, and whatever
/// cannot be read, are named.
pub fn each_file(roots: &[PathBuf], visit: &(dyn Fn(Seen<'_>) + Sync)) {
    let below = |root| WalkDir::new(root).into_iter().filter_entry(|entry| !is_git_folder(entry));
    let walk = Shared::new(outermost(roots).flat_map(below));
    together(usize::MAX, || {
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) => file(&entry, visit),
                Err(error) => visit(Seen::Skipped(cannot_walk(&error))),
            }
        }
    });
}

/// The roots that are not reached from another one; what lies in a `.git` is not.
fn outermost(roots: &[PathBuf]) -> impl Iterator<Item = &PathBuf> {
    let places: Vec<_> =
        roots.iter().map(|root| fs::canonicalize(root).unwrap_or_else(|_| root.clone())).collect();
    let reaches = move |upper: usize, lower: usize| {
        places[lower].strip_prefix(&places[upper]).is_ok_and(|rest| {
            if rest.as_os_str().is_empty() { upper < lower } else { !rest.iter().any(|part| part == ".git") }
        })
    };
    let is_outer = move |at: &usize| (0..roots.len()).all(|other| !reaches(other, *at));
    (0..roots.len()).filter(is_outer).map(|at| &roots[at])
}

fn is_git_folder(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name() == ".git" && entry.file_type().is_dir()
}

fn file(entry: &DirEntry, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    let path = entry.path();
    let is_link = entry.depth() == 0 && entry.path_is_symlink();
    let is_file = entry.file_type().is_file() || (is_link && path.is_file());
    if !is_file {
        return;
    }
    let opened = File::open(path).and_then(|file| file.metadata().map(|about| (about.len(), file)));
    match opened {
        Ok((size, _)) if size > LARGEST => skip(path, "it is larger than 4 GiB", visit),
        Ok((size, mut file)) => visit(Seen::File(path, size, &mut file)),
        Err(error) => skip(path, &in_words(&error), visit),
    }
}

fn skip(path: &Path, why: &str, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    visit(Seen::Skipped(Skipped::new(path.display(), why)));
}

/// An error of the system as the rest of a sentence.
pub fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        kind => format!("it cannot be read: {kind}"),
    }
}

fn cannot_walk(error: &walkdir::Error) -> Skipped {
    let path = error.path().map(|path| path.display().to_string()).unwrap_or_default();
    Skipped::new(path, error.io_error().map_or_else(|| "it cannot be walked".to_owned(), in_words))
}
