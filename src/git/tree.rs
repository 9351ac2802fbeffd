//! Every file below some folders: hidden, ignored, untracked and binary ones too.

#![expect(clippy::disallowed_methods, reason = "the files of the tree are read here")]

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use walkdir::{DirEntry, WalkDir};

use super::repository::is_git_folder;
use super::threads::{Shared, together};
use super::{Skipped, Why};
use crate::system::files::regular_file;

/// The most bytes a file may have to be read.
pub const LARGEST: u64 = 4 * 1024 * 1024 * 1024;

/// Files of a `.git` folder that a person or a program writes keys into: addresses of remotes, headers.
const SETTINGS: [&str; 2] = ["config", "config.worktree"];

/// What is handed on.
pub enum Seen<'a> {
    /// A file or folder, and its name below the root that it was found in.
    Name(&'a Path, &'a Path),
    /// A file, its size, and its content to be read.
    File(&'a Path, u64, &'a mut dyn Read),
    /// A file of git's own that a person or a program writes keys into.
    Settings(&'a Path, u64, &'a mut dyn Read),
    /// What was not read.
    Skipped(Skipped),
}

/// Hands on every file below the roots, from several threads at once; the repositories without a work tree among them.
///
/// No symbolic link is followed, but a root may be one, and a pipe; a root inside another is not searched twice. What
/// git keeps for itself is left to the history, but for its configuration; devices, pipes and sockets below a root are
/// passed over, for nothing is stored in them. Files of more than 4 GiB, and whatever cannot be read, are named.
pub fn each_file(roots: &[PathBuf], visit: &(dyn Fn(Seen<'_>) + Sync)) -> Vec<PathBuf> {
    let (git_folders, bare) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let push = |list: &Mutex<Vec<PathBuf>>, entry: &DirEntry| {
        list.lock().unwrap_or_else(PoisonError::into_inner).push(entry.path().to_path_buf());
    };
    let enters = |entry: &DirEntry| {
        let is_folder = entry.file_type().is_dir() || entry.depth() == 0 && entry.path().is_dir();
        let list = match () {
            () if !is_folder => return true,
            () if entry.depth() > 0 && entry.file_name() == ".git" => &git_folders,
            () if is_git_folder(entry.path()) => &bare,
            () => return true,
        };
        push(list, entry);
        false
    };
    let below = |root: &PathBuf| {
        let root = root.clone();
        WalkDir::new(&root).into_iter().filter_entry(enters).map(move |entry| (root.clone(), entry))
    };
    let walk = Shared::new(outermost(roots).flat_map(below));
    together(usize::MAX, || {
        while let Some((root, entry)) = walk.next() {
            match entry {
                Ok(entry) => {
                    let name = entry.path().strip_prefix(&root).unwrap_or(Path::new(""));
                    let is_root = name.as_os_str().is_empty();
                    let name = if is_root { Path::new(entry.file_name()) } else { name };
                    visit(Seen::Name(entry.path(), name));
                    file(&entry, visit);
                }
                Err(error) => visit(Seen::Skipped(cannot_walk(&error))),
            }
        }
    });
    drop(walk);
    let inner = |list: Mutex<Vec<PathBuf>>| list.into_inner().unwrap_or_else(PoisonError::into_inner);
    let bare = inner(bare);
    inner(git_folders).iter().chain(&bare).for_each(|folder| settings(folder, visit));
    bare
}

/// Hands on the configuration in a folder of git's, and those of the submodules and work trees in it.
pub fn settings(folder: &Path, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    SETTINGS.iter().for_each(|name| setting(&folder.join(name), visit));
    for kept in ["modules", "worktrees"] {
        let walk = WalkDir::new(folder.join(kept)).max_depth(8).into_iter();
        let files = walk
            .filter_entry(|entry| !(entry.file_name() == "objects" && is_git_folder_of(entry.path())))
            .flatten()
            .filter(|entry| SETTINGS.iter().any(|name| entry.file_name() == *name));
        files.for_each(|entry| setting(entry.path(), visit));
    }
}

/// Whether a folder named `objects` is that of a repository, and no submodule of that name.
fn is_git_folder_of(objects: &Path) -> bool {
    !is_git_folder(objects) && objects.parent().is_some_and(is_git_folder)
}

fn setting(path: &Path, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    if path.symlink_metadata().is_ok_and(|about| about.is_file()) {
        opened(path, regular_file::open(path), &|seen| match seen {
            Seen::File(path, size, content) => visit(Seen::Settings(path, size, content)),
            other => visit(other),
        });
    }
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

fn file(entry: &DirEntry, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    let path = entry.path();
    // What a person names is read whatever it is: `<(…)` is a pipe, `/dev/stdin` a link to one.
    let is_named = entry.depth() == 0 && !path.is_dir();
    if is_named || entry.file_type().is_file() {
        opened(path, File::open(path), visit);
    }
}

fn opened(path: &Path, file: io::Result<File>, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    match file.and_then(|file| file.metadata().map(|about| (about.len(), file))) {
        Ok((size, _)) if size > LARGEST => visit(Seen::Skipped(too_large(path))),
        Ok((size, mut file)) => visit(Seen::File(path, size, &mut file)),
        Err(error) => visit(Seen::Skipped(Skipped::of(path, &error))),
    }
}

/// What is said of a file, or of the rest of a pipe, that is too large.
pub fn too_large(path: &Path) -> Skipped {
    Skipped::new(super::shown(path), Why::TooLarge, "it is larger than 4 GiB")
}

fn cannot_walk(error: &walkdir::Error) -> Skipped {
    let path = error.path().unwrap_or(Path::new(""));
    match error.io_error() {
        Some(error) => Skipped::of(path, error),
        None => Skipped::new(super::shown(path), Why::Unreadable, "it cannot be walked"),
    }
}
