//! Files that only their owner may read, written whole or not at all.

#![expect(clippy::disallowed_methods, reason = "this file is where private files are written")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::error::{Error, Result, typed};
use crate::system::files::replacement::put_in_place;

/// Makes a folder for the owner alone; mends the mode of one that is there, and says so.
///
/// # Errors
/// A folder that is a symbolic link or belongs to somebody else, or cannot be made.
pub fn folder(path: &Path) -> Result<Option<String>> {
    match fs::symlink_metadata(path) {
        Err(absent) if absent.kind() == io::ErrorKind::NotFound => {
            builder().create(path).map_err(|e| Error::unwritable("create", path, &e))?;
            Ok(None)
        }
        Err(other) => Err(Error::unwritable("open", path, &other)),
        Ok(found) => {
            own(path, &found)?;
            if !found.is_dir() {
                return Err(Error::failure(format!("{} is not a folder", path.display())));
            }
            Ok(mend(path, &found, 0o700))
        }
    }
}

/// Refuses a file that is a symbolic link or somebody else's; mends its mode, and says so.
///
/// # Errors
/// As said; a file that is not there is none.
pub fn inspect(path: &Path) -> Result<Option<String>> {
    match fs::symlink_metadata(path) {
        Err(absent) if absent.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(other) => Err(Error::unwritable("open", path, &other)),
        Ok(found) => {
            own(path, &found)?;
            Ok(mend(path, &found, 0o600))
        }
    }
}

/// Replaces a file's content at one blow: temporary file, fsync, rename, fsync of the folder.
///
/// # Errors
/// Whatever the system says; the old file is then whole, and no temporary file is left.
pub fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let written = (|| {
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
        file.write_all(content)?;
        put_in_place(file, path)
    })();
    written.map_err(|e| Error::unwritable("write", path, &e))
}

/// Reads a file of at most so many bytes; never waits on a named pipe.
///
/// # Errors
/// Whatever the system says; something else than a file, or a larger one.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let read = || {
        let found = fs::metadata(path)?;
        if !found.is_file() || found.len() > most {
            return Err(io::Error::other("it is not a file of ours"));
        }
        fs::read(path)
    };
    read().map_err(|e| Error::unreadable("read", path, &e))
}

/// What is wrong with a file's owner or mode; `None` where nothing is, or nothing is there.
pub fn complaint(path: &Path) -> Option<String> {
    let found = fs::symlink_metadata(path).ok()?;
    if let Err(refused) = own(path, &found) {
        return Some(refused.message);
    }
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&found) & 0o777;
        if mode & 0o077 != 0 {
            return Some(format!("{} can be used by others (mode {mode:04o})", path.display()));
        }
    }
    None
}

/// Deletes temporary files that a killed run left in a folder; nobody else may be writing there.
pub fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(TEMPORARY.as_bytes()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Opens a private file to be locked or appended to; made if it is not there.
///
/// # Errors
/// Whatever the system says.
pub fn open(path: &Path, append: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).read(true).append(append).write(!append);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options.open(path)
}

const TEMPORARY: &str = ".getimg-keys-tmp-";

fn builder() -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn own(path: &Path, found: &fs::Metadata) -> Result<()> {
    if found.file_type().is_symlink() {
        return Err(Error::failure(format!("{} is a symbolic link; it is not written to", path.display()))
            .hint(typed::look_at(path.display())));
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::uid(found) != rustix::process::geteuid().as_raw() {
        return Err(Error::failure(format!(
            "{} belongs to another user; it is not written to",
            path.display()
        ))
        .hint(typed::look_at(path.display())));
    }
    Ok(())
}

#[cfg(unix)]
fn mend(path: &Path, found: &fs::Metadata, wanted: u32) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return None;
    }
    fs::set_permissions(path, fs::Permissions::from_mode(wanted)).ok()?;
    Some(format!("{} had mode {mode:04o}; it is {wanted:04o} now", path.display()))
}

#[cfg(not(unix))]
fn mend(_: &Path, _: &fs::Metadata, _: u32) -> Option<String> {
    None
}
