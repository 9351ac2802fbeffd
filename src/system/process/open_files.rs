//! Whether another program has a file open.

use std::io;
use std::path::Path;

/// Whether another program has a file open, as far as this user may see.
///
/// # Errors
/// It is unknown: the system shows no processes, or has no program that does.
#[cfg(target_os = "linux")]
pub fn is_open(path: &Path) -> io::Result<bool> {
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    let wanted = fs::metadata(path).map(|found| (found.dev(), found.ino()))?;
    let mut is_shown = false;
    for process in fs::read_dir("/proc")? {
        let process = process?;
        if !process.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        is_shown = true;
        // Processes of other users, and those that cannot be inspected, such as an ssh agent.
        let Ok(files) = fs::read_dir(process.path().join("fd")) else { continue };
        let is_wanted = |file: fs::DirEntry| {
            fs::metadata(file.path()).is_ok_and(|found| (found.dev(), found.ino()) == wanted)
        };
        // Closed since it was listed.
        if files.flatten().any(is_wanted) {
            return Ok(true);
        }
    }
    if is_shown { Ok(false) } else { Err(io::Error::other("/proc shows no processes")) }
}

/// Whether another program has a file open, according to `lsof`.
///
/// # Errors
/// It is unknown: there is no `lsof`, or its answer is unexpected.
#[cfg(all(unix, not(target_os = "linux")))]
pub fn is_open(path: &Path) -> io::Result<bool> {
    let output = super::other_programs::command("lsof").args(["-t", "--"]).arg(path).output()?;
    match (output.status.code(), output.stdout.is_empty(), output.stderr.is_empty()) {
        (_, false, _) => Ok(true),
        (Some(1), true, true) => Ok(false),
        _ => Err(io::Error::other("lsof does not say")),
    }
}

/// Whether another program has a file open: opens it without sharing.
///
/// # Errors
/// It is unknown: the system refuses for another reason.
#[cfg(windows)]
#[expect(clippy::disallowed_methods, reason = "opened to ask who else has it open")]
pub fn is_open(path: &Path) -> io::Result<bool> {
    use std::os::windows::fs::OpenOptionsExt;
    /// `ERROR_SHARING_VIOLATION`.
    const SHARED: i32 = 32;
    match std::fs::OpenOptions::new().read(true).share_mode(0).open(path) {
        Ok(_) => Ok(false),
        Err(error) if error.raw_os_error() == Some(SHARED) => Ok(true),
        Err(error) => Err(error),
    }
}
