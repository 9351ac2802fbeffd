//! Where a repository's objects are: its own folder and those it borrows from.

#![expect(clippy::disallowed_methods, reason = "git's files are read here")]

use std::fs;
use std::path::{Path, PathBuf};

use super::{Skipped, path_of};

/// The folder and every alternate, and the alternates' alternates.
pub(super) fn of(objects: &Path, skipped: &mut Vec<Skipped>) -> Vec<PathBuf> {
    let mut folders = vec![objects.to_path_buf()];
    let mut next = 0;
    while let Some(folder) = folders.get(next).cloned() {
        next += 1;
        for alternate in alternates(&folder) {
            if !alternate.is_dir() {
                skipped.push(Skipped::new(
                    alternate.display(),
                    "the repository borrows from it and it is not there",
                ));
            } else if !folders.contains(&alternate) {
                folders.push(alternate);
            }
        }
    }
    folders
}

fn alternates(folder: &Path) -> Vec<PathBuf> {
    let text = fs::read(folder.join("info/alternates")).unwrap_or_default();
    let lines = text.split(|b| *b == b'\n').filter(|line| !line.is_empty() && line[0] != b'#');
    lines
        .map(|line| folder.join(path_of(line.trim_ascii_end())))
        .map(|path| path.canonicalize().unwrap_or(path))
        .collect()
}

/// The indexes of a folder's packs; a pack without one is named.
pub(super) fn packs(folder: &Path, skipped: &mut Vec<Skipped>) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder.join("pack")) else { return Vec::new() };
    let mut indexes = Vec::new();
    for path in entries.filter_map(|entry| entry.ok().map(|e| e.path())) {
        if path.extension().is_some_and(|e| e == "pack") {
            let index = path.with_extension("idx");
            if index.is_file() {
                indexes.push(index);
            } else {
                skipped.push(Skipped::new(path.display(), "the pack has no index"));
            }
        }
    }
    indexes.sort();
    indexes
}

/// The files of a folder's loose objects.
pub(super) fn loose(folder: &Path) -> Vec<PathBuf> {
    let is_hex = |path: &PathBuf| {
        path.file_name().is_some_and(|name| {
            name.len() == 2 && name.to_string_lossy().bytes().all(|b| b.is_ascii_hexdigit())
        })
    };
    let list = |path: &Path| {
        let entries = fs::read_dir(path).into_iter().flatten();
        entries.filter_map(|entry| entry.ok().map(|e| e.path())).collect::<Vec<_>>()
    };
    let folders = list(folder).into_iter().filter(is_hex);
    folders.flat_map(|folder| list(&folder)).filter(|path| !is_temporary(path)).collect()
}

fn is_temporary(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.to_string_lossy().starts_with("tmp_obj_"))
}
