//! Every file below some folders: hidden, ignored, untracked and binary ones too.

#![expect(clippy::disallowed_methods, reason = "the files of the tree are read here")]

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::Skipped;

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
/// No symbolic link is followed, but a root may be one. Folders named `.git` are left to the history; devices,
/// pipes and sockets are passed over. Files of more than 4 GiB, and whatever cannot be read, are named.
pub fn each_file(roots: &[PathBuf], visit: &(dyn Fn(Seen<'_>) + Sync)) {
    let Some((first, others)) = roots.split_first() else { return };
    let mut walk = WalkBuilder::new(first);
    others.iter().for_each(|root| {
        walk.add(root);
    });
    walk.standard_filters(false).follow_links(false).threads(super::walk::threads());
    walk.filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git" || !entry.path().is_dir());
    walk.build_parallel().run(|| {
        Box::new(|entry| {
            match entry {
                Ok(entry) => file(&entry, visit),
                Err(error) => visit(Seen::Skipped(cannot_walk(&error))),
            }
            WalkState::Continue
        })
    });
}

fn file(entry: &DirEntry, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    let path = entry.path();
    let is_link = entry.depth() == 0 && entry.path_is_symlink();
    let is_file = entry.file_type().is_some_and(|kind| kind.is_file()) || (is_link && path.is_file());
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

fn cannot_walk(error: &ignore::Error) -> Skipped {
    let path = path_in(error).map(|path| path.display().to_string()).unwrap_or_default();
    Skipped::new(path, error.io_error().map_or_else(|| "it cannot be walked".to_owned(), in_words))
}

fn path_in(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_in(err),
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::Partial(errors) => errors.iter().find_map(path_in),
        _ => None,
    }
}
