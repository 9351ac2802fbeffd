//! The files of a repository that git opens by itself and this user may not read: at some of them git stops, at the
//! rest it continues as if they did not exist.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use walkdir::WalkDir;

use super::Skipped;
use super::waiting::own_folders;
use crate::error::{Error, Kind, Result};
use crate::hint::suggest;
use crate::system::files::regular_file;

/// The files, in a repository's own folder.
pub(super) const FILES: [&str; 6] = ["HEAD", "config", "config.worktree", "index", "packed-refs", "shallow"];
/// The folders in which every file counts.
pub(super) const FOLDERS: [&str; 2] = ["refs", "reftable"];

/// All such files in the repository that contains a folder; empty if there is none.
pub fn below(folder: &Path) -> Vec<Skipped> {
    let mut unread = Vec::new();
    let named = folder.ancestors().map(|upper| upper.join(".git")).find(|place| place.is_file());
    unread.extend(named.and_then(|file| refused(&file)));
    // What is not found here is a file of another kind, which the question to git reports.
    for own in own_folders(folder).unwrap_or_default() {
        match fs::read_dir(&own) {
            Err(why) if why.kind() != ErrorKind::NotFound => unread.push(Skipped::of(&own, &why)),
            _ => each(&own, &mut unread),
        }
    }
    unread
}

/// Refuses a repository in which anything may not be read.
///
/// # Errors
/// As described (5), with its name.
pub fn refuse(folder: &Path) -> Result<()> {
    match below(folder).into_iter().next() {
        None => Ok(()),
        Some(part) => {
            let message = format!("cannot read {}: {}", part.path, part.message);
            Err(Error::new(Kind::Unchecked, message).hint(suggest::look_at(&part.path)))
        }
    }
}

fn each(own: &Path, unread: &mut Vec<Skipped>) {
    unread.extend(FILES.iter().filter_map(|name| refused(&own.join(name))));
    for entry in FOLDERS.iter().flat_map(|name| WalkDir::new(own.join(name))) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => unread.extend(refused(entry.path())),
            Ok(_) => {}
            Err(why) if why.io_error().is_some_and(|why| why.kind() == ErrorKind::NotFound) => {}
            Err(why) => unread.push(Skipped::of_walk(&why)),
        }
    }
}

/// Why a file cannot be opened; `None` if it does not exist.
pub(super) fn refused(file: &Path) -> Option<Skipped> {
    let why = regular_file::open(file).err().filter(|why| why.kind() != ErrorKind::NotFound)?;
    (why.kind() != ErrorKind::NotADirectory).then(|| Skipped::of(file, &why))
}
