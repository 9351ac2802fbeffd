//! The only way to write a file: replaced as a whole or not at all by a temporary file, fsync, rename, fsync of the folder.

#![expect(clippy::disallowed_methods, reason = "this file is the one place that writes files")]

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// The suffix of an unfinished file, after the file's own name: a rule such as `.env.*` ignores it too.
const TEMPORARY: &str = ".getimg-keys-tmp-";

/// Who may do what with the new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only its owner may read and write it.
    Private,
    /// The mode, group, access list and attributes of the file before; if there was none, those that new files have
    /// here.
    Public,
    /// Everyone may run it.
    Program,
}

/// Replaces a file's content atomically: a new file takes its place.
///
/// Deletes what a killed run left unfinished beside it; nobody else may replace the same file at the same time.
///
/// # Errors
/// Any error of the system; the file is then unchanged, and no temporary file is left.
pub fn replace(path: &Path, content: &[u8], access: Access) -> io::Result<()> {
    sweep(path);
    replace_swept(path, content, access)
}

/// The same for a folder that was already swept: does not look through it.
///
/// # Errors
/// As [`replace`].
pub fn replace_swept(path: &Path, content: &[u8], access: Access) -> io::Result<()> {
    // A missing file has no mode to keep; if its metadata cannot be read, writing fails with an error.
    let before = fs::metadata(path).ok().filter(|_| access == Access::Public);
    let prefix = prefix(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    if access != Access::Private && before.is_none() {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder(path))?;
    file.write_all(content)?;
    match &before {
        Some(before) => {
            own_as(file.as_file(), before)?;
            #[cfg(unix)]
            copy_attributes(path, file.as_file())?;
        }
        None => run_by_everyone(file.as_file(), access)?,
    }
    put_in_place(file, path)
}

/// Replaces a file's content by equivalent content, as [`replace`] does; its times do not change either.
///
/// `is_still` is called at the last moment; if it fails, the file stays unchanged.
///
/// # Errors
/// As [`replace`], and the errors of `is_still`.
pub fn rewrite(path: &Path, content: &[u8], is_still: &dyn Fn() -> io::Result<()>) -> io::Result<()> {
    sweep(path);
    let before = fs::metadata(path)?;
    let mut file = tempfile::Builder::new().prefix(&prefix(path)).tempfile_in(folder(path))?;
    file.write_all(content)?;
    own_as(file.as_file(), &before)?;
    #[cfg(unix)]
    copy_attributes(path, file.as_file())?;
    let times = fs::FileTimes::new().set_modified(before.modified()?);
    // Not every file system records when a file was read.
    file.as_file().set_times(before.accessed().map_or(times, |at| times.set_accessed(at)))?;
    is_still()?;
    put_in_place(file, path)
}

/// The folder of a file.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a folder that everyone can read, and missing folders above it.
///
/// # Errors
/// Any error of the system.
pub fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Deletes a file, for good: without the fsync of its folder a power failure may bring it back.
///
/// # Errors
/// Any error of the system; [`io::ErrorKind::NotFound`] if there is none.
pub fn delete(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    sync_folder(path)
}

/// Moves a file to another name in its folder, in place of what has that name.
///
/// # Errors
/// Any error of the system.
pub fn move_to(path: &Path, new: &Path) -> io::Result<()> {
    fs::rename(path, new)?;
    sync_folder(new)
}

/// Copies a file with its mode.
///
/// # Errors
/// Any error of the system.
pub fn copy(path: &Path, to: &Path) -> io::Result<()> {
    fs::copy(path, to).map(drop)
}

/// Moves a written file of the same folder to a file's place: fsync, rename, fsync of the folder.
fn put_in_place(replacement: NamedTempFile, path: &Path) -> io::Result<()> {
    replacement.as_file().sync_all()?;
    rename(replacement, path)
}

#[cfg(unix)]
fn rename(replacement: NamedTempFile, path: &Path) -> io::Result<()> {
    replacement.persist(path).map_err(|e| e.error)?;
    sync_folder(path)
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

/// Windows has no such call for a folder.
#[cfg(windows)]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Windows cannot replace a file that is open. A shell prompt that reads it opens it for a moment.
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

fn own_as(file: &File, before: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        if file.metadata()?.gid() != before.gid() {
            fchown(file, None, Some(before.gid()))?;
        }
    }
    file.set_permissions(before.permissions())
}

/// This includes the access list: without it, the mode's group bits would apply to others than before.
#[cfg(unix)]
fn copy_attributes(from: &Path, to: &File) -> io::Result<()> {
    use xattr::FileExt;
    let names = match xattr::list(from) {
        Err(e) if e.kind() == io::ErrorKind::Unsupported => return Ok(()),
        other => other?,
    };
    for name in names {
        let Some(value) = xattr::get(from, &name)? else { continue };
        let copied = to.set_xattr(&name, &value);
        // The system sets the rest, such as security labels.
        if ["system.", "user."].iter().any(|kind| name.as_encoded_bytes().starts_with(kind.as_bytes())) {
            copied?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn run_by_everyone(file: &File, access: Access) -> io::Result<()> {
    if access != Access::Program {
        return Ok(());
    }
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

#[cfg(not(unix))]
fn run_by_everyone(_: &File, _: Access) -> io::Result<()> {
    Ok(())
}

/// Whether a file of this name was left unfinished by a killed run.
pub fn is_unfinished(name: &str) -> bool {
    name.contains(TEMPORARY)
}

/// Deletes the unfinished files that killed runs left of a file; nobody else may be writing it.
pub fn sweep(path: &Path) {
    // If the folder cannot be read, it cannot be written either, and the caller gets that error. What cannot be
    // deleted stays until the next run, and is never read.
    let Ok(entries) = fs::read_dir(folder(path)) else { return };
    let begin = prefix(path);
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&begin) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn prefix(path: &Path) -> String {
    format!("{}{TEMPORARY}", path.file_name().unwrap_or_default().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn the_mode_is_the_one_before_or_the_one_asked_for() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let usual = folder.path().join("usual");
        fs::write(&usual, "x").unwrap();
        let table = [
            ("new", Access::Public, mode(&usual)),
            ("private", Access::Private, 0o600),
            ("run", Access::Program, 0o755),
        ];
        for (name, how, wanted) in table {
            let path = folder.path().join(name);
            replace(&path, b"1", how).unwrap();
            assert_eq!((mode(&path), fs::read(&path).unwrap()), (wanted, b"1".to_vec()), "{name}");
        }
        fs::set_permissions(&usual, fs::Permissions::from_mode(0o640)).unwrap();
        replace(&usual, b"2", Access::Public).unwrap();
        assert_eq!((mode(&usual), fs::read(&usual).unwrap()), (0o640, b"2".to_vec()));
    }

    #[test]
    fn what_a_killed_run_left_of_the_same_file_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.getimg-keys-tmp-x", "b.getimg-keys-tmp-x"] {
            fs::write(folder.path().join(name), "half").unwrap();
        }
        replace(&folder.path().join("a"), b"1", Access::Private).unwrap();
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["a", "b.getimg-keys-tmp-x"]);
    }
}
