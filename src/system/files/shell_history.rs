//! Where shells keep what was typed.

use std::path::PathBuf;

use crate::system::Variables;

/// The history files that are there: bash, zsh, fish and PowerShell's PSReadLine.
pub fn files(variables: &Variables) -> Vec<PathBuf> {
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
    files.retain(|path| path.is_absolute() && path.is_file());
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
        assert_eq!(files(&variables), paths.map(|path| folder.path().join(path)));
        assert_eq!(files(&Variables::from_iter([("HOME", "")])), Vec::<PathBuf>::new());
    }
}
