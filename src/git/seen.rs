//! What a walk through files reports.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{Skipped, Why};

/// The most bytes a file may have to be read.
pub const LARGEST: u64 = 4 * 1024 * 1024 * 1024;

/// What is handed on.
pub enum Seen<'a> {
    /// A file or folder, and its name below the root that it was found in.
    Name(&'a Path, &'a Path),
    /// A file, its size, and its content to be read.
    File(&'a Path, u64, &'a mut dyn Read),
    /// What is no file of the person's: one of git's own (its configuration, a message, a hook), or where a link leads.
    Settings(&'a Path, u64, &'a mut dyn Read),
    /// What was not read.
    Skipped(Skipped),
}

/// Hands on a file that is open, behind what was read of it, or why it is not.
pub(super) fn opened(path: &Path, file: io::Result<(impl Read, File)>, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    match file.and_then(|(start, file)| file.metadata().map(|about| (about.len(), start.chain(file)))) {
        Ok((size, _)) if size > LARGEST => visit(Seen::Skipped(too_large(path))),
        Ok((size, mut file)) => visit(Seen::File(path, size, &mut file)),
        Err(error) => visit(Seen::Skipped(Skipped::of(path, &error))),
    }
}

/// What is said of a file, or of the rest of a pipe, that is too large.
pub fn too_large(path: &Path) -> Skipped {
    Skipped::new(super::shown(path), Why::TooLarge, "it is larger than 4 GiB")
}
