//! Every file below some folders: hidden, ignored, untracked and binary ones too.

#![expect(clippy::disallowed_methods, reason = "the files of the tree are read here")]

use std::fs::{self, File};
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use walkdir::{DirEntry, WalkDir};

use super::Skipped;
use super::git_folder::is_git_folder;
use super::history::push;
use super::own_files::{self, Own};
use super::seen::{Seen, opened};
use super::threads::{Shared, together};
use crate::system::files::regular_file;

/// The parts of git that were met on the way.
pub struct Met {
    /// Folders that look like repositories without a work tree.
    pub bare: Vec<PathBuf>,
    /// The tops of work trees.
    pub work_trees: Vec<PathBuf>,
}

/// Passes on every file below the roots, from several threads at once; returns the parts of git that it met.
///
/// Follows no symbolic link, except that a root may be one, or a pipe; does not search a root inside another twice.
/// Git's objects are left to the history; devices, pipes and sockets below a root are skipped, because nothing is
/// stored in them. Files of more than 4 GiB, and whatever cannot be read, are reported.
pub fn each_file(roots: &[PathBuf], visit: &(dyn Fn(Seen<'_>) + Sync)) -> Met {
    let gits = GitFolders::default();
    let enters = |entry: &DirEntry| gits.enters(entry);
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
                Err(error) => visit(Seen::Skipped(Skipped::of_walk(&error))),
            }
        }
    });
    drop(walk);
    let inner = |list: Mutex<Vec<PathBuf>>| list.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (bare, git_folders) = (inner(gits.bare), inner(gits.git_folders));
    // What a `.git` named was read already; what has no real path could not be read.
    let named = roots.iter().filter_map(|root| fs::canonicalize(root).ok());
    let named = named.filter(|root| !git_folders.contains(root) && !bare.contains(root));
    let done =
        named.filter(|root| root.parent().is_some_and(|p| p.iter().any(|part| part == ".git"))).collect();
    own_files::each(&[&bare[..], &git_folders[..]].concat(), Own::Everything, done, visit);
    let work_trees = git_folders.iter().filter_map(|folder| folder.parent().map(Path::to_path_buf)).collect();
    Met { bare, work_trees }
}

/// The folders of git that a walk has met; it does not enter them.
#[derive(Default)]
struct GitFolders {
    /// What is named `.git`: a folder, or a file that names one.
    git_folders: Mutex<Vec<PathBuf>>,
    bare: Mutex<Vec<PathBuf>>,
}

impl GitFolders {
    /// Whether the walk goes on below an entry.
    fn enters(&self, entry: &DirEntry) -> bool {
        let is_folder = entry.file_type().is_dir() || entry.depth() == 0 && entry.path().is_dir();
        let is_git = entry.file_name() == ".git" && (entry.depth() > 0 || !is_folder);
        let path = || entry.path().to_path_buf();
        if is_git {
            push(&self.git_folders, path());
            return !is_folder;
        }
        let is_bare = is_folder && is_git_folder(entry.path());
        if is_bare {
            push(&self.bare, path());
        }
        !is_bare
    }
}

/// The roots that are not inside another one; a root inside a `.git` is kept.
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
    // What the user names is read whatever it is: `<(…)` is a pipe, `/dev/stdin` a link to one.
    if entry.depth() == 0 && !path.is_dir() {
        let file = regular_file::open_named(path);
        opened(path, file.map(|(start, file)| (Cursor::new(start), file)), visit);
    } else if entry.file_type().is_file() {
        opened(path, File::open(path).map(|file| (io::empty(), file)), visit);
    }
    if entry.path_is_symlink() {
        link(path, visit);
    }
}

/// A link's target is a text like any other: git stores it as the file's content.
fn link(path: &Path, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    match fs::read_link(path) {
        Ok(target) => {
            let mut text = target.as_os_str().as_encoded_bytes();
            visit(Seen::Settings(path, text.len() as u64, &mut text));
        }
        Err(error) => visit(Seen::Skipped(Skipped::of(path, &error))),
    }
}
