//! What git would wait for: it opens the files of a repository whatever they are, and a pipe without a writer never
//! ends. They are checked before git is asked.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::git_folder::is_git_folder;
use super::path_of;
use crate::error::{Error, Result};
use crate::system::files::regular_file::{self, Trust};

/// A file that names a folder is shorter than this.
const LONGEST: u64 = 64 * 1024;
/// Folders in which git opens no file by itself here: other repositories, hooks, and lists (see [`refuse_lists`]).
const OTHERS: [&str; 5] = ["modules", "hooks", "lfs", "annex", "info"];

/// Refuses the repository that contains a folder if anything in it is neither a file nor a folder.
///
/// # Errors
/// As described (1), with its name.
pub(super) fn refuse(folder: &Path) -> Result<()> {
    for own in own_folders(folder)? {
        walk(&own)?;
    }
    Ok(())
}

/// The same for the lists of what git ignores, and how it treats files.
///
/// # Errors
/// The errors of [`refuse`].
pub(super) fn refuse_lists(folder: &Path) -> Result<()> {
    for own in own_folders(folder)? {
        for name in ["exclude", "attributes", "sparse-checkout"] {
            refuse_other(&own.join("info").join(name))?;
        }
    }
    Ok(())
}

/// Refuses one file; if it does not exist or may not be read, git says so.
fn refuse_other(path: &Path) -> Result<()> {
    match regular_file::open(path) {
        Err(why) if why.kind() == ErrorKind::Other => Err(Error::unreadable("read", path, &why)),
        _ => Ok(()),
    }
}

/// A repository's own folders: two for a linked work tree.
pub(super) fn own_folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let Some(own) = folder.ancestors().find_map(own_folder) else { return Ok(Vec::new()) };
    let common = own.join("commondir");
    refuse_other(&common)?;
    let common = named(&common, b"").map(|path| own.join(path));
    Ok(std::iter::once(own).chain(common).collect())
}

fn own_folder(folder: &Path) -> Option<PathBuf> {
    let inside = folder.join(".git");
    match fs::metadata(&inside) {
        Ok(found) if found.is_dir() => Some(inside),
        Ok(found) if found.is_file() => named(&inside, b"gitdir: ").map(|path| folder.join(path)),
        _ => is_git_folder(folder).then(|| folder.to_path_buf()),
    }
}

/// The path in a file, after a word; `None` if it cannot be read, which git reports.
fn named(file: &Path, word: &[u8]) -> Option<PathBuf> {
    let text = regular_file::read(file, LONGEST, Trust::Anyones).ok()?;
    Some(path_of(text.strip_prefix(word)?.trim_ascii_end()))
}

fn walk(own: &Path) -> Result<()> {
    let mut folders = vec![own.to_path_buf()];
    while let Some(folder) = folders.pop() {
        // git reports a folder that may not be read.
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        // git does not open what the system does not list.
        for entry in entries.flatten() {
            let is_others = folder == own && OTHERS.iter().any(|name| entry.file_name() == *name);
            match entry.file_type() {
                _ if is_others => {}
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => {}
                _ => refuse_link_or_other(&entry.path())?,
            }
        }
    }
    Ok(())
}

/// A link to a folder or to nothing makes nobody wait.
fn refuse_link_or_other(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => refuse_other(path),
        _ => Ok(()),
    }
}
