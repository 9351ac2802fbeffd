//! Git's own files, except its history: configuration, hooks, lists, the patches of a rebase.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::git_folder::is_git_folder;
use super::seen::{Seen, opened};
use super::unread;
use super::{Skipped, path_of};
use crate::system::files::regular_file::{self, Trust};

/// A `.git` file says in one line where the folder is.
const LONGEST: u64 = 1 << 16;

/// Which files of a folder of git are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// Its configuration; the rest is about the history, whose objects are read themselves.
    Configuration,
    /// Every file but objects, lists of names, and commit messages, which belong to the history.
    Everything,
}

/// Passes on the files of git's folders, of their submodules and of their linked work trees, each once.
///
/// A `.git` file stands for the folder that it names. Files in `done` are left out.
pub fn each(folders: &[PathBuf], own: Own, mut done: BTreeSet<PathBuf>, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    let real = |folder: PathBuf| (folder.canonicalize().unwrap_or_else(|_| folder.clone()), folder);
    let mut found = Vec::new();
    for place in folders {
        match meant(place) {
            Ok(folder) => found.extend(folder.map(real)),
            Err(part) => visit(Seen::Skipped(part)),
        }
    }
    found.sort();
    for (real, folder) in found {
        if !real.ancestors().any(|upper| done.contains(upper)) {
            let is_done =
                |path: &Path| path.strip_prefix(&folder).is_ok_and(|below| done.contains(&real.join(below)));
            below(&folder, own, &is_done, visit);
            done.insert(real);
        }
    }
}

fn below(folder: &Path, own: Own, is_done: &dyn Fn(&Path) -> bool, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    let walk = WalkDir::new(folder).into_iter();
    for entry in walk.filter_entry(|entry| own.enters(entry) && !is_done(entry.path())) {
        match entry {
            Ok(entry) if entry.file_type().is_file() && own.has(&entry) => {
                let path = entry.path();
                opened(path, regular_file::open(path).map(|file| (io::empty(), file)), &|seen| match seen {
                    Seen::File(path, size, content) => visit(Seen::Settings(path, size, content)),
                    other => visit(other),
                });
            }
            // git reads it and may continue without it; errors are reported elsewhere.
            Ok(entry) if is_read_by_git(&entry) => {
                unread::refused(entry.path()).into_iter().for_each(|part| visit(Seen::Skipped(part)));
            }
            Ok(_) => {}
            Err(error) => visit(Seen::Skipped(Skipped::of_walk(&error))),
        }
    }
}

impl Own {
    fn enters(self, entry: &DirEntry) -> bool {
        // Refs and reflogs are read elsewhere, and unreadable ones are reported here.
        let known = ["modules", "worktrees", "refs", "logs"];
        let is_known = entry.depth() != 1
            || !entry.file_type().is_dir()
            || known.iter().any(|name| entry.file_name() == *name);
        match self {
            Self::Configuration => is_known && !(entry.file_name() == "objects" && is_of_the_history(entry)),
            Self::Everything => !is_of_the_history(entry),
        }
    }

    fn has(self, entry: &DirEntry) -> bool {
        let is_one_of = |names: &[&str]| names.iter().any(|name| entry.file_name() == *name);
        match self {
            Self::Configuration => is_one_of(&["config", "config.worktree"]),
            Self::Everything => {
                let is_told_there = is_one_of(&["index", "packed-refs", "COMMIT_EDITMSG"]);
                !(is_told_there && entry.path().parent().is_some_and(is_git_folder))
            }
        }
    }
}

/// Whether git opens a file by itself: a ref, or one of its own files in its own folder.
fn is_read_by_git(entry: &DirEntry) -> bool {
    let Some(folder) = entry.path().parent().filter(|_| !entry.file_type().is_dir()) else { return false };
    let is_named = unread::FILES.iter().any(|name| entry.file_name() == *name);
    let is_own = is_named && (is_git_folder(folder) || folder.join("commondir").exists());
    let is_ref = |part: &Path| unread::FOLDERS.iter().any(|name| part.ends_with(name));
    is_own || folder.ancestors().any(|part| is_ref(part) && part.parent().is_some_and(is_git_folder))
}

/// A folder of objects or reflogs, of git or git-lfs, and not a submodule of that name.
fn is_of_the_history(entry: &DirEntry) -> bool {
    let (is_objects, is_logs) = (entry.file_name() == "objects", entry.file_name() == "logs");
    let is_kept_by = |folder: &Path| {
        is_git_folder(folder)
            || is_objects && folder.ends_with("lfs")
            || is_logs && folder.join("HEAD").is_file()
    };
    (is_objects || is_logs)
        && entry.file_type().is_dir()
        && !is_git_folder(entry.path())
        && entry.path().parent().is_some_and(is_kept_by)
}

/// The folder itself, or the one that a `.git` file leads to: the shared one of all work trees. `None` if it leads to
/// no repository.
///
/// # Errors
/// What cannot be read on the way there.
fn meant(place: &Path) -> Result<Option<PathBuf>, Skipped> {
    if place.is_dir() {
        return Ok(Some(place.to_path_buf()));
    }
    let named = line(place, b"gitdir: ")?;
    let Some(folder) = named.and_then(|named| Some(place.parent()?.join(named))) else { return Ok(None) };
    let common = line(&folder.join("commondir"), b"")?.map(|common| folder.join(common));
    let common = common.map(|common| common.canonicalize().map_err(|why| Skipped::of(&common, &why)));
    Ok([common.transpose()?, Some(folder)].into_iter().flatten().find(|folder| is_git_folder(folder)))
}

/// The path in a file, after a word; `None` if there is no file, or it contains something else.
fn line(file: &Path, word: &[u8]) -> Result<Option<PathBuf>, Skipped> {
    match regular_file::read(file, LONGEST, Trust::Anyones) {
        Ok(text) => Ok(text.strip_prefix(word).map(|path| path_of(path.trim_ascii_end()))),
        Err(none) if matches!(none.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(why) => Err(Skipped::of(file, &why)),
    }
}
