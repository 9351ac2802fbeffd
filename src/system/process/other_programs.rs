//! Starts programs without a key.

#![expect(clippy::disallowed_methods, reason = "this file is where they are started")]

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::child;
use crate::system::variables::{self, Variables};

/// A call of a program by its name, which is searched only in the absolute folders of `$PATH`: a program in
/// the working directory is not run, not even by the called program.
pub fn command(program: &str) -> Command {
    let folders = trusted(variables::search_path());
    let mut command = Command::new(child::on_path(program, &folders));
    // If a child's PATH is set, the program itself is searched there too.
    command.env("PATH", folders);
    command
}

/// Whether the working directory decides which program is meant: neither a bare name nor an absolute path.
pub fn depends_on_the_folder(program: &str) -> bool {
    let is_path = program.contains('/') || (cfg!(windows) && program.contains(['\\', ':']));
    is_path && !Path::new(program).is_absolute()
}

/// The same with no variable of this process's environment but the search path, to which one folder is added in front.
pub fn in_bare_environment(program: &str, first: &Path) -> Command {
    let mut folders = vec![first.to_path_buf()];
    let usual = trusted(variables::search_path());
    folders.extend(std::env::split_paths(&usual));
    // A folder that a search path cannot express is left out, and programs in it are not found.
    let folders = std::env::join_paths(folders).unwrap_or(usual);
    let mut command = Command::new(child::on_path(program, &folders));
    command.env_clear().env("PATH", folders).envs(variables::of_the_system());
    command
}

/// The absolute folders of a search path. Without any, the usual ones: an empty value would mean the working directory.
fn trusted(path: Option<OsString>) -> OsString {
    let folders: Vec<PathBuf> =
        path.iter().flat_map(std::env::split_paths).filter(|folder| folder.is_absolute()).collect();
    const USUAL: &str =
        if cfg!(windows) { r"C:\Windows\System32;C:\Windows" } else { "/usr/local/bin:/usr/bin:/bin" };
    let joined = std::env::join_paths(folders).unwrap_or_default();
    if joined.is_empty() { USUAL.into() } else { joined }
}

/// Looks for a program where [`command`] will.
///
/// # Errors
/// There is no such program, or it may not be run.
pub fn find(program: &str, variables: &Variables) -> io::Result<()> {
    if Path::new(program).components().count() != 1 {
        return child::find(Path::new(program), variables).map(drop);
    }
    let path = trusted(variables::search_path());
    let mut refused = io::Error::from(io::ErrorKind::NotFound);
    for folder in std::env::split_paths(&path) {
        match child::find(&folder.join(program), variables) {
            Ok(_) => return Ok(()),
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => refused = e,
            Err(_) => {}
        }
    }
    Err(refused)
}

/// Opens an address in the user's browser; returns whether there was one.
pub fn open_browser(address: &str) -> bool {
    let (opener, before): (_, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        // `explorer` always reports failure.
        "windows" => ("rundll32", &["url.dll,FileProtocolHandler"]),
        _ => ("xdg-open", &[]),
    };
    output(opener, &[before, &[address]].concat()).is_some()
}

/// The output of a program, trimmed, if it can be started and succeeds.
pub fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_search_path_only_whole_paths_are_kept() {
        for (path, kept) in [
            ("/usr/bin:.:/bin::bin:../x", "/usr/bin:/bin"),
            ("", "/usr/local/bin:/usr/bin:/bin"),
            (".", "/usr/local/bin:/usr/bin:/bin"),
        ] {
            assert_eq!(trusted(Some(path.into())), kept, "{path}");
        }
        assert_eq!(trusted(None), "/usr/local/bin:/usr/bin:/bin");
    }
}
