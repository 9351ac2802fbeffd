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

/// The system searches in the search path that the program gets.
pub(super) fn on_path(program: &str, _: &OsStr) -> PathBuf {
    program.into()
}

fn may_be_run(program: &Path) -> io::Result<()> {
    rustix::fs::access(program, rustix::fs::Access::EXEC_OK)?;
    if program.is_dir() { Err(rustix::io::Errno::ACCESS.into()) } else { Ok(()) }
}

/// Returns only an error.
pub(super) fn run(command: &mut Command) -> io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(command))
}
