//! Where a repository's objects are: in its own folder, and in those it borrows from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gix_hash::Kind;

use super::{Skipped, Why, path_of};
use crate::system::files::regular_file::{self, Trust};

/// The folder, every alternate, and their alternates.
pub(super) fn of(objects: &Path, skipped: &mut Vec<Skipped>) -> Vec<PathBuf> {
    let mut folders = vec![objects.to_path_buf()];
    let mut next = 0;
    while let Some(folder) = folders.get(next).cloned() {
        next += 1;
        for alternate in alternates(&folder, skipped) {
            if !alternate.is_dir() {
                let message = "the repository borrows objects from it and it is not there";
                skipped.push(Skipped::new(super::shown(&alternate), Why::Missing, message));
            } else if !folders.contains(&alternate) {
                folders.push(alternate);
            }
        }
    }
    folders
}

fn alternates(folder: &Path, skipped: &mut Vec<Skipped>) -> Vec<PathBuf> {
    let path = folder.join("info/alternates");
    let text = regular_file::read(&path, 1 << 20, Trust::Anyones).unwrap_or_else(|error| {
        if error.kind() != io::ErrorKind::NotFound {
            skipped.push(Skipped::of(&path, &error));
        }
        Vec::new()
    });
    let lines = text.split(|b| *b == b'\n').filter(|line| !line.is_empty() && line[0] != b'#');
    lines
        .map(|line| folder.join(path_of(line.trim_ascii_end())))
        .map(|path| path.canonicalize().unwrap_or(path))
        .collect()
}

/// The hash of a folder's objects, by the length of the first name; nothing else says so if the
/// configuration cannot be read.
pub(super) fn hash(objects: &Path) -> Kind {
    // What cannot be read here is reported when the objects themselves are read.
    let folders = of(objects, &mut Vec::new());
    let files = folders.iter().flat_map(|folder| {
        [packs(folder, &mut Vec::new()), loose(folder, &mut Vec::new())].into_iter().flatten()
    });
    let is_long = |path: PathBuf| path.file_stem().is_some_and(|name| name.len() > "pack-".len() + 40);
    if files.take(1).any(is_long) { Kind::Sha256 } else { Kind::Sha1 }
}

/// The content of a folder; a missing one is empty, an unreadable one is reported.
fn list(folder: &Path, skipped: &mut Vec<Skipped>) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    read.unwrap_or_else(|error| {
        if error.kind() != io::ErrorKind::NotFound {
            skipped.push(Skipped::of(folder, &error));
        }
        Vec::new()
    })
}

/// The indexes of a folder's packs; reports a pack without an index, and an index without a pack.
pub(super) fn packs(folder: &Path, skipped: &mut Vec<Skipped>) -> Vec<PathBuf> {
    let files = list(&folder.join("pack"), skipped);
    let mut indexes = Vec::new();
    for path in &files {
        let is = |extension: &str| path.extension().is_some_and(|e| e == extension);
        if is("pack") && !files.contains(&path.with_extension("idx")) {
            skipped.push(Skipped::new(super::shown(path), Why::Missing, "the pack has no index"));
        } else if is("idx") && !files.contains(&path.with_extension("pack")) {
            skipped.push(Skipped::new(super::shown(path), Why::Missing, "the index has no pack"));
        } else if is("pack") {
            indexes.push(path.with_extension("idx"));
        }
    }
    indexes.sort();
    indexes
}

/// The files of a folder's loose objects.
pub(super) fn loose(folder: &Path, skipped: &mut Vec<Skipped>) -> Vec<PathBuf> {
    let is_hex = |path: &PathBuf| {
        path.file_name().is_some_and(|name| {
            name.len() == 2 && name.to_string_lossy().bytes().all(|b| b.is_ascii_hexdigit())
        })
    };
    let folders: Vec<_> = list(folder, skipped).into_iter().filter(is_hex).collect();
    let files = folders.iter().flat_map(|folder| list(folder, skipped));
    files.filter(|path| !is_temporary(path)).collect()
}

fn is_temporary(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.to_string_lossy().starts_with("tmp_obj_"))
}
