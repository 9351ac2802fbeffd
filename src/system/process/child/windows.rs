//! On Windows a program runs beside this process, and its file's extension may be left out.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::system::process::exit_code::{self, ExitCode};
use crate::system::variables::Variables;

/// What may be left out where `$PATHEXT` does not say.
const EXTENSIONS: &str = ".COM;.EXE;.BAT;.CMD";

/// The program's file: as it is named, or with one of the extensions that may be left out, `npm.cmd` for `npm`.
pub(super) fn find(program: &Path, variables: &Variables) -> io::Result<PathBuf> {
    let extensions = variables.text("PATHEXT").ok().flatten().unwrap_or(EXTENSIONS);
    let named = |file: &Path| {
        let with = |extension: &str| {
            let mut name = OsString::from(file);
            name.push(extension);
            PathBuf::from(name)
        };
        let whole = file.extension().map(|_| file.to_path_buf());
        whole.into_iter().chain(extensions.split(';').map(with)).find(|file| file.is_file())
    };
    let found = if program.components().count() == 1 {
        let folders = variables.path("PATH").unwrap_or_default();
        std::env::split_paths(&folders).find_map(|folder| named(&folder.join(program)))
    } else {
        named(program)
    };
    found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such program"))
}

/// Waits for the program's end, which a Ctrl-C is the program's to decide.
pub(super) fn run(command: &mut Command) -> io::Result<ExitCode> {
    let _heard = tokio::signal::windows::ctrl_c()?;
    Ok(exit_code::of(command.status()?))
}
