//! Windows: the program runs as a child; its extension may be left out.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::system::process::exit_code::{self, ExitCode};
use crate::system::variables::{self, Variables};

/// The extensions that may be left out if `$PATHEXT` is not set.
const EXTENSIONS: &str = ".COM;.EXE;.BAT;.CMD";

/// The program's file: as named, or with one of the extensions that may be left out, `npm.cmd` for `npm`.
pub(super) fn find(program: &Path, variables: &Variables) -> io::Result<PathBuf> {
    let extensions = variables.text("PATHEXT").ok().flatten().unwrap_or(EXTENSIONS);
    let folders = variables.path("PATH").unwrap_or_default();
    let found = file(program, folders.as_os_str(), extensions);
    found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such program"))
}

/// The same in other folders. If there is none, a file that does not exist: for a bare name the system would search in
/// other places.
pub(super) fn on_path(program: &str, folders: &OsStr) -> PathBuf {
    let extensions = variables::program_endings();
    let extensions = extensions.as_deref().unwrap_or(EXTENSIONS);
    let nowhere = || std::env::split_paths(folders).next().unwrap_or_default().join(program);
    file(Path::new(program), folders, extensions).unwrap_or_else(nowhere)
}

fn file(program: &Path, folders: &OsStr, extensions: &str) -> Option<PathBuf> {
    let named = |file: &Path| {
        let with = |extension: &str| {
            let mut name = OsString::from(file);
            name.push(extension);
            PathBuf::from(name)
        };
        let whole = file.extension().map(|_| file.to_path_buf());
        whole.into_iter().chain(extensions.split(';').map(with)).find(|file| file.is_file())
    };
    if program.components().count() == 1 {
        std::env::split_paths(folders).find_map(|folder| named(&folder.join(program)))
    } else {
        named(program)
    }
}

/// Waits for the program's end; only the program decides what a Ctrl-C does.
pub(super) fn run(command: &mut Command) -> io::Result<ExitCode> {
    let _heard = tokio::signal::windows::ctrl_c()?;
    Ok(exit_code::of(command.status()?))
}
