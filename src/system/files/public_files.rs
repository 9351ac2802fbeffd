//! Files that hold nothing of anybody's, for everyone to read.

#![expect(clippy::disallowed_methods, reason = "this file is where they are written")]

use std::fs;
use std::path::Path;

use super::whole_files::{self, Mode};
use crate::error::{Error, Result};

/// Writes a file into a folder, which is made if it is not there; whole, or not at all.
///
/// # Errors
/// The folder cannot be made or the file cannot be written; both are named.
pub fn write(folder: &Path, name: &str, content: &[u8]) -> Result<()> {
    let path = folder.join(name);
    fs::create_dir_all(folder)
        .and_then(|()| whole_files::replace(&path, content, Mode::AsBefore))
        .map_err(|e| Error::unwritable("write", &path, &e))
}
