//! Unix: the program replaces this process.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::system::process::exit_code::ExitCode;
use crate::system::variables::Variables;

/// Searches as `execvp` will; returns the program's name unchanged.
pub(super) fn find(program: &Path, variables: &Variables) -> io::Result<PathBuf> {
    if program.as_os_str().is_empty() || program.as_os_str().as_encoded_bytes().contains(&b'/') {
        return may_be_run(program).map(|()| program.into());
    }
    // Without a search path, the system has a default one.
    let Some(folders) = variables.path("PATH") else { return Ok(program.into()) };
    let mut refused = None;
    for folder in std::env::split_paths(&folders) {
        let candidate = folder.join(program);
        match may_be_run(&candidate).map_err(|e| (e.kind(), e)) {
            Ok(()) => return Ok(program.into()),
            // A folder that may not be searched is skipped, as every shell does.
            Err((io::ErrorKind::PermissionDenied, _)) if candidate.symlink_metadata().is_err() => {
                refused = refused.or_else(|| Some(rustix::io::Errno::NOENT.into()));
            }
            Err((io::ErrorKind::PermissionDenied, e)) => refused = Some(e),
            Err((io::ErrorKind::NotFound, e)) => refused = refused.or(Some(e)),
            // A path that is not a folder (a file, a loop of links) has no program.
            Err(_) => {}
        }
    }
    refused.map_or(Ok(program.into()), Err)
}

/// The program's file, as `execvp` will choose it; the name unchanged if there is none, so that starting it says why.
///
/// A program that the system has to search is started by a copy of this process, with its memory; a file is not.
pub(super) fn on_path(program: &str, folders: &OsStr) -> PathBuf {
    let is_path = program.is_empty() || program.contains('/');
    let mut files = std::env::split_paths(folders).map(|folder| folder.join(program));
    files.find(|file| !is_path && may_be_run(file).is_ok()).unwrap_or_else(|| program.into())
}

fn may_be_run(program: &Path) -> io::Result<()> {
    rustix::fs::access(program, rustix::fs::Access::EXEC_OK)?;
    if program.is_dir() { Err(rustix::io::Errno::ACCESS.into()) } else { Ok(()) }
}

/// Returns only an error.
pub(super) fn run(command: &mut Command) -> io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(command))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn of_the_programs_on_a_path_the_first_that_may_be_run_is_started() {
        let place = tempfile::tempdir().unwrap();
        let folders = ["none", "folder", "plain", "good", "later"].map(|name| place.path().join(name));
        for folder in &folders[1..] {
            fs::create_dir(folder).unwrap();
        }
        fs::create_dir(folders[1].join("tool")).unwrap();
        for (folder, mode) in [(2, 0o644), (3, 0o755), (4, 0o755)] {
            fs::write(folders[folder].join("tool"), "#!/bin/sh\n").unwrap();
            fs::set_permissions(folders[folder].join("tool"), fs::Permissions::from_mode(mode)).unwrap();
        }
        let path = std::env::join_paths(&folders).unwrap();
        assert_eq!(on_path("tool", &path), folders[3].join("tool"));
        let refused = std::env::join_paths(&folders[..3]).unwrap();
        for (program, path) in [("tool", &refused), ("other", &path), ("", &path), ("good/tool", &path)] {
            assert_eq!(on_path(program, path), Path::new(program));
        }
    }
}
