//! The folder of the encrypted files: who may own it, and how its files are replaced under a lock.

use std::fs::{self, File, Metadata, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::StoreError;
use crate::system::files::atomic_file::{self, Access};
use crate::system::files::{ownership, regular_file};

/// None of our files is nearly this large; a larger one is not ours.
const LARGEST: u64 = 64 * 1024;
/// How long a writer waits for another one, which needs a few milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);
const LOCK: &str = ".lock";

/// A folder that only its owner can read, whose files are replaced whole or not at all.
pub(super) struct Folder {
    path: PathBuf,
}

/// The only way to change a folder; one writer at a time holds it.
pub(super) struct Writer<'a> {
    folder: &'a Folder,
    /// Unlocked when dropped.
    _lock: File,
}

impl Folder {
    pub(super) fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder and missing folders above it with mode 0700; refuses one that others can write to.
    pub(super) fn make(&self) -> Result<(), StoreError> {
        ownership::folder(&self.path).map_err(|refused| StoreError::Failed(refused.message))
    }

    /// Whether the folder has a file of this name. What may not be looked at counts as none: whoever reads or writes it
    /// is told.
    pub(super) fn has(&self, name: &str) -> bool {
        self.path.join(name).is_file()
    }

    /// Whether the folder has a file of this name that is not a link and belongs to the user. A file whose metadata cannot
    /// be read cannot be replaced either.
    pub(super) fn has_own(&self, name: &str) -> bool {
        fs::symlink_metadata(self.path.join(name)).is_ok_and(|found| found.is_file() && is_mine(&found))
    }

    /// The content of one file; `None` if it does not exist.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path.join(name);
        let read = || -> io::Result<_> {
            let mut bytes = Vec::new();
            regular_file::open(&path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        match read() {
            Ok(bytes) if bytes.len() as u64 > LARGEST => Err(StoreError::Damaged(format!(
                "{} is larger than any file of this program",
                path.display()
            ))),
            Ok(bytes) => Ok(Some(bytes)),
            Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
            Err(why) => Err(failed("read", &path, &why)),
        }
    }

    /// The names of all files, ours or not; empty if there is no folder.
    pub(super) fn names(&self) -> Result<Vec<String>, StoreError> {
        let entries = match fs::read_dir(&self.path) {
            Err(why) if why.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|why| failed("read", &self.path, &why))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|why| failed("read", &self.path, &why))?;
            // None of our files has a name that is not UTF-8.
            names.extend(entry.file_name().into_string());
        }
        Ok(names)
    }

    /// Waits for the lock, and removes what killed writers left behind.
    pub(super) fn writer(&self) -> Result<Writer<'_>, StoreError> {
        self.make()?;
        let path = self.path.join(LOCK);
        ours(&path, Metadata::is_file, "file")?;
        let file = regular_file::open_to_write(&path, false).map_err(|why| failed("open", &path, &why))?;
        wait_for(&file, &path)?;
        let writer = Writer { folder: self, _lock: file };
        writer.sweep()?;
        Ok(writer)
    }

    /// Removes the permissions of group and others from the files; returns the files that it changed.
    #[cfg(unix)]
    pub(super) fn mend_modes(&self) -> Result<Vec<PathBuf>, StoreError> {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let inside = self.names()?.into_iter().map(|name| self.path.join(name));
        let mut mended = Vec::new();
        // A folder keeps its mode, because it may serve others too; one that they can write to is refused.
        for path in inside {
            // Gone since it was listed.
            let Ok(found) = fs::symlink_metadata(&path) else { continue };
            let link_or_foreign = found.is_symlink() || found.uid() != me();
            if link_or_foreign || found.mode() & 0o077 == 0 {
                continue;
            }
            let mode = fs::Permissions::from_mode(found.mode() & 0o700);
            fs::set_permissions(&path, mode).map_err(|why| failed("mend", &path, &why))?;
            mended.push(path);
        }
        Ok(mended)
    }

    /// On Windows, files are private through the profile folder that they are in.
    #[cfg(not(unix))]
    pub(super) fn mend_modes(&self) -> Result<Vec<PathBuf>, StoreError> {
        Ok(Vec::new())
    }
}

impl Writer<'_> {
    /// Puts a file in place: completely and on the disk, or not at all.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.folder.path.join(name);
        ours(&path, Metadata::is_file, "file")?;
        // What killed writers left was removed before this one got the lock.
        atomic_file::replace_swept(&path, bytes, Access::Private).map_err(|why| failed("write", &path, &why))
    }

    /// Deletes a file; a missing one is not an error.
    pub(super) fn delete(&self, name: &str) -> Result<(), StoreError> {
        let path = self.folder.path.join(name);
        match atomic_file::delete(&path) {
            Err(why) if why.kind() == ErrorKind::NotFound => Ok(()),
            done => done.map_err(|why| failed("delete", &path, &why)),
        }
    }

    /// Nobody else writes while we hold the lock, so any unfinished file was left by a killed run.
    fn sweep(&self) -> Result<(), StoreError> {
        let unfinished = self.folder.names()?.into_iter().filter(|name| atomic_file::is_unfinished(name));
        unfinished.into_iter().try_for_each(|name| self.delete(&name))
    }
}

fn wait_for(file: &File, path: &Path) -> Result<(), StoreError> {
    let patience = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if Instant::now() < patience => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => return Err(StoreError::NoAnswer(PATIENCE.as_secs())),
            Err(TryLockError::Error(why)) => return Err(failed("lock", path, &why)),
        }
    }
}

/// Refuses what could redirect our writing: a symbolic link, another kind of entry, a foreign owner.
fn ours(path: &Path, is_right: fn(&Metadata) -> bool, kind: &str) -> Result<(), StoreError> {
    let refuse =
        |what: &str| Err(StoreError::Failed(format!("{} {what}; nothing was written", path.display())));
    match fs::symlink_metadata(path) {
        Err(why) if why.kind() == ErrorKind::NotFound && kind == "file" => Ok(()),
        Err(why) => Err(failed("read", path, &why)),
        Ok(found) if found.is_symlink() => refuse("is a symbolic link"),
        Ok(found) if !is_right(&found) => refuse(&format!("is not a {kind}")),
        Ok(found) if !is_mine(&found) => refuse("belongs to another user"),
        Ok(_) => Ok(()),
    }
}

/// Whether it belongs to the caller; on Windows the profile folder ensures that.
#[cfg(unix)]
fn is_mine(found: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(found) == me()
}

#[cfg(not(unix))]
fn is_mine(_: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn failed(verb: &str, path: &Path, why: &io::Error) -> StoreError {
    StoreError::Failed(format!("cannot {verb} {}: {}", path.display(), reason(why)))
}

/// The system's words without Rust's `(os error 13)`.
pub(super) fn reason(why: &io::Error) -> String {
    let text = why.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
