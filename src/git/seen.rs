//! What a walk through files reports.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{Skipped, Why};
use crate::system::files::patient_file::PatientFile;

/// The most bytes of a file that is read.
pub const LARGEST: u64 = 4 * 1024 * 1024 * 1024;

/// What is passed on.
pub enum Seen<'a> {
    /// A file or folder, and its name below the root where it was found.
    Name(&'a Path, &'a Path),
    /// A file, its size, and its content to read.
    File(&'a Path, u64, &'a mut dyn Read),
    /// Something else than the user's own file: a file of git (its configuration, a message, a hook), or a link's
    /// target.
    Settings(&'a Path, u64, &'a mut dyn Read),
    /// What was not read.
    Skipped(Skipped),
}

/// Passes on an open file after the part that was already read, or why it is not read.
pub(super) fn opened(path: &Path, file: io::Result<(impl Read, File)>, visit: &(dyn Fn(Seen<'_>) + Sync)) {
    match file.and_then(|(start, file)| file.metadata().map(|about| (about, start, file))) {
        Ok((about, ..)) if about.len() > LARGEST => visit(Seen::Skipped(too_large(path))),
        // Such a file of the system is made while it is read, and some wait for what there is to say.
        Ok((about, start, file)) if about.is_file() && about.len() == 0 => {
            visit(Seen::File(path, 0, &mut start.chain(PatientFile(file))))
        }
        Ok((about, start, file)) => visit(Seen::File(path, about.len(), &mut start.chain(file))),
        Err(error) => visit(Seen::Skipped(Skipped::of(path, &error))),
    }
}

/// The message about a file, or the rest of a pipe, that is too large.
pub fn too_large(path: &Path) -> Skipped {
    Skipped::new(super::shown(path), Why::TooLarge, "it is larger than 4 GiB")
}
