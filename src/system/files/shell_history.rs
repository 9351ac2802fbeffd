//! The history files of shells.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::system::Variables;

/// The existing history files, and those that cannot be read: a pipe, a link to nothing, a folder
/// without permission in the path.
#[derive(Debug, Default)]
pub struct Histories {
    /// Regular files, in order.
    pub files: Vec<PathBuf>,
    /// The others, with the reason.
    pub unread: Vec<(PathBuf, io::Error)>,
}

/// The history files of bash, zsh, fish and PowerShell's PSReadLine.
pub fn find(variables: &Variables) -> Histories {
    let mut found = Histories::default();
    for path in candidates(variables) {
        match kind(&path) {
            Ok(true) => found.files.push(path),
            Ok(false) => {}
            Err(why) => found.unread.push((path, why)),
        }
    }
    found
}

/// Whether it is a history; a folder or a device (`/dev/null`, for users who want none) is not.
fn kind(path: &Path) -> io::Result<bool> {
    let nothing = |why: &io::Error| [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&why.kind());
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(true),
        Ok(found) if found.is_dir() || is_device(&found) => Ok(false),
        Ok(_) => Err(io::Error::other("it is not a regular file")),
        Err(why) if nothing(&why) && std::fs::symlink_metadata(path).is_err() => Ok(false),
        Err(why) => Err(why),
    }
}

#[cfg(unix)]
fn is_device(found: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_char_device(&found.file_type())
}

#[cfg(not(unix))]
fn is_device(_: &std::fs::Metadata) -> bool {
    false
}

fn candidates(variables: &Variables) -> Vec<PathBuf> {
    let home = variables.path("HOME").or_else(|| variables.path("USERPROFILE")).unwrap_or_default();
    let data = variables.path("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share"));
    let zdotdir = variables.path("ZDOTDIR").unwrap_or_else(|| home.clone());
    let named = variables.path("HISTFILE").map(|path| home.join(path));
    let in_home = [".bash_history", ".zsh_history", ".zhistory", ".histfile", ".sh_history", ".history"];
    let readline = "PSReadLine/ConsoleHost_history.txt";
    let powershell =
        variables.path("APPDATA").map(|folder| folder.join("Microsoft/Windows/PowerShell").join(readline));
    let mut files: Vec<PathBuf> = in_home.iter().map(|name| home.join(name)).collect();
    files.extend([
        zdotdir.join(".zsh_history"),
        data.join("fish/fish_history"),
        data.join("powershell").join(readline),
    ]);
    files.extend(powershell.into_iter().chain(named));
    files.retain(|path| path.is_absolute());
    files.sort();
    files.dedup();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test writes the files")]
    fn every_shells_file_is_known_and_only_those_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap();
        let paths = [
            ".bash_history",
            ".local/share/fish/fish_history",
            ".local/share/powershell/PSReadLine/ConsoleHost_history.txt",
            ".zsh_history",
            "elsewhere",
        ];
        for path in paths {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "ls\n").unwrap();
        }
        let histfile = format!("{home}/elsewhere");
        let variables = Variables::from_iter([("HOME", home), ("HISTFILE", histfile.as_str())]);
        assert_eq!(find(&variables).files, paths.map(|path| folder.path().join(path)));
        assert!(find(&variables).unread.is_empty());
        assert_eq!(find(&Variables::from_iter([("HOME", "")])).files, Vec::<PathBuf>::new());
    }

    #[test]
    #[cfg(unix)]
    fn what_is_there_and_no_file_is_named_but_for_folders_and_devices() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink("/nowhere", at(".bash_history")).unwrap();
        std::os::unix::fs::symlink("/dev/null", at(".zsh_history")).unwrap();
        std::fs::create_dir(at(".history")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at(".histfile")).unwrap();
        let found = find(&Variables::from_iter([("HOME", folder.path().to_str().unwrap())]));
        assert_eq!(found.files, Vec::<PathBuf>::new());
        let unread: Vec<_> = found.unread.into_iter().map(|(path, _)| path).collect();
        assert_eq!(unread, [at(".bash_history"), at(".histfile")]);
    }
}
