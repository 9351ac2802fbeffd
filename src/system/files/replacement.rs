//! A new file takes another one's place: whole and on the disk, or not at all.

#![expect(clippy::disallowed_methods, reason = "this file is where a file takes another one's place")]

use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

/// Puts a written file of the same folder in a file's place: fsync, rename, fsync of the folder.
///
/// # Errors
/// Whatever the system says; the old file is then whole, and the new one deleted.
pub fn put_in_place(replacement: NamedTempFile, path: &Path) -> io::Result<()> {
    replacement.as_file().sync_all()?;
    rename(replacement, path)
}

/// The folder a file lies in.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn rename(replacement: NamedTempFile, path: &Path) -> io::Result<()> {
    replacement.persist(path).map_err(|e| e.error)?;
    std::fs::File::open(folder(path))?.sync_all()
}

/// Windows replaces no file that somebody has open. A prompt that reads it has it open for a moment.
#[cfg(windows)]
fn rename(mut replacement: NamedTempFile, path: &Path) -> io::Result<()> {
    use std::time::{Duration, Instant};
    let patience = Instant::now() + Duration::from_secs(5);
    loop {
        match replacement.persist(path).map(drop) {
            Err(e) if e.error.kind() == io::ErrorKind::PermissionDenied && Instant::now() < patience => {
                replacement = e.file;
                std::thread::sleep(Duration::from_millis(10));
            }
            done => return done.map_err(|e| e.error),
        }
    }
}
