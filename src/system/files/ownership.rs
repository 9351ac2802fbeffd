//! Who owns a file or folder, and whether others can access it.

use std::fs;
use std::io;
use std::path::Path;

#[cfg(windows)]
use super::access_list;
use crate::error::{Error, Result, in_words};
use crate::hint::suggest;

/// Makes a folder that only the owner can use; an existing one keeps its mode, because it may serve others too.
///
/// # Errors
/// A folder that is a symbolic link, belongs to another user, can be written to by others, or cannot be created.
pub fn folder(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Err(absent) if absent.kind() == io::ErrorKind::NotFound => {
            builder().create(path).map_err(|e| Error::unwritable("create", path, &e))
        }
        Err(other) => Err(Error::unwritable("open", path, &other)),
        Ok(found) => {
            own(path, &found)?;
            if !found.is_dir() {
                return Err(Error::failure(format!("{} is not a folder", path.display()))
                    .hint(suggest::look_at(path.display())));
            }
            closed(path, &found)
        }
    }
}

/// Refuses a folder that others can write to: they could put any file into it, or remove ours.
#[cfg(unix)]
fn closed(path: &Path, found: &fs::Metadata) -> Result<()> {
    let mode = std::os::unix::fs::MetadataExt::mode(found) & 0o7777;
    if mode & 0o022 == 0 {
        return Ok(());
    }
    let message = format!("others can write to the folder {} (mode {mode:04o})", path.display());
    Err(Error::failure(message).hint(format!("chmod go-w {}", crate::hint::quoted_path(path))))
}

#[cfg(not(unix))]
fn closed(_: &Path, _: &fs::Metadata) -> Result<()> {
    Ok(())
}

/// Refuses a file that is a symbolic link or belongs to another user; corrects its mode, and says so.
///
/// # Errors
/// As described; a missing file is not an error.
pub fn inspect(path: &Path) -> Result<Option<String>> {
    match fs::symlink_metadata(path) {
        Err(absent) if absent.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(other) => Err(Error::unwritable("open", path, &other)),
        Ok(found) => {
            own(path, &found)?;
            if !found.is_file() {
                return Err(Error::failure(format!("{} is not a regular file", path.display()))
                    .hint(suggest::look_at(path.display())));
            }
            Ok(mend(path, &found))
        }
    }
}

/// What is wrong with a file's owner or mode; `None` if nothing is, or the file does not exist.
pub fn complaint(path: &Path) -> Option<String> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(none) if matches!(none.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return None;
        }
        Err(why) => return Some(format!("{} cannot be looked at: {}", path.display(), in_words(&why))),
    };
    if let Err(refused) = own(path, &found) {
        return Some(refused.message);
    }
    #[cfg(unix)]
    let how = others_mode(&found).map(|mode| format!("can be used by others (mode {mode:04o})"));
    #[cfg(windows)]
    let how = access_list::complaint(access_list::of_path(path));
    how.map(|how| format!("{} {how}", path.display()))
}

/// Why a folder cannot be written to, for example on a read-only disk; `None` if it can, or does not exist.
pub fn unwritable(path: &Path) -> Option<String> {
    #[cfg(unix)]
    let why = rustix::fs::access(path, rustix::fs::Access::WRITE_OK).err().map(io::Error::from);
    #[cfg(windows)]
    let why = None::<io::Error>;
    let why = why.filter(|why| why.kind() != io::ErrorKind::NotFound)?;
    Some(format!("{} cannot be written: {}", path.display(), in_words(&why)))
}

/// Why an open file is not private: it belongs to another user, or others may read it; `None` if it is private.
///
/// # Errors
/// Any error of the system.
pub fn disclosed(file: &fs::File) -> io::Result<Option<String>> {
    #[cfg(unix)]
    {
        let found = file.metadata()?;
        let is_mine = std::os::unix::fs::MetadataExt::uid(&found) == rustix::process::geteuid().as_raw();
        let how = |mode| format!("may be read by others (mode {mode:04o}, wanted 0600)");
        Ok(if is_mine { others_mode(&found).map(how) } else { Some("belongs to another user".to_owned()) })
    }
    #[cfg(windows)]
    Ok(access_list::complaint(access_list::of_file(file)))
}

/// The mode, if it gives group or others any permission.
#[cfg(unix)]
fn others_mode(found: &fs::Metadata) -> Option<u32> {
    let mode = std::os::unix::fs::MetadataExt::mode(found) & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

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
            .hint(suggest::look_at(path.display())));
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::uid(found) != rustix::process::geteuid().as_raw() {
        return Err(Error::failure(format!(
            "{} belongs to another user; it is not written to",
            path.display()
        ))
        .hint(suggest::look_at(path.display())));
    }
    Ok(())
}

/// `doctor` names what cannot be corrected.
#[cfg(unix)]
fn mend(path: &Path, found: &fs::Metadata) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return None;
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).ok()?;
    Some(format!("{} had mode {mode:04o}; it is 0600 now", path.display()))
}

#[cfg(not(unix))]
fn mend(_: &Path, _: &fs::Metadata) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use super::complaint;

    #[test]
    #[cfg(unix)]
    fn what_cannot_be_looked_at_is_not_called_good_and_what_is_not_there_is_not_called_bad() {
        let folder = tempfile::tempdir().unwrap();
        let circle = folder.path().join("circle");
        std::os::unix::fs::symlink("circle", &circle).unwrap();
        assert!(complaint(&circle.join("file")).is_some_and(|why| why.contains("cannot be looked at")));
        assert_eq!(complaint(&folder.path().join("file")), None);
    }
}
