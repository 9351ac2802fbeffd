//! The session files of coding agents that exist on this machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::regular_file;
use crate::model::transcripts::{Base, EDITORS, REMOTE_EDITORS, TABLE, matches};
use crate::system::Variables;

/// The existing files and folders, and those that the system does not show.
#[derive(Debug, Default)]
pub struct Transcripts {
    /// The agent's name, and one of its files or folders.
    pub kept: Vec<(&'static str, PathBuf)>,
    /// What may exist but cannot be inspected.
    pub refused: Vec<(PathBuf, io::Error)>,
}

/// Looks for the files of each agent in the table.
pub fn find(variables: &Variables, working_directory: &Path) -> Transcripts {
    let mut found = Transcripts::default();
    let home = variables.path("HOME").or_else(|| variables.path("USERPROFILE"));
    let home = home.filter(|home| home.is_absolute());
    for row in TABLE {
        let bases = bases(row.base, variables, home.as_deref(), working_directory);
        for (base, path) in bases.iter().flat_map(|base| row.paths.iter().map(move |path| (base, path))) {
            found.below(row.agent, base, path);
        }
    }
    found.kept.sort();
    found.kept.dedup();
    found
}

fn bases(base: Base, variables: &Variables, home: Option<&Path>, here: &Path) -> Vec<PathBuf> {
    let in_home = |name: &str| home.map(|home| home.join(name));
    let named = |name: &str| variables.path(name).map(|path| here.join(path));
    match base {
        Base::Named(variable, folder) => named(variable).into_iter().chain(in_home(folder)).collect(),
        Base::Home => home.map(Path::to_path_buf).into_iter().collect(),
        Base::Data => named("XDG_DATA_HOME").into_iter().chain(in_home(".local/share")).collect(),
        Base::Here => [here.to_path_buf()].into_iter().chain(home.map(Path::to_path_buf)).collect(),
        Base::Editors => {
            let settings = [
                named("XDG_CONFIG_HOME"),
                in_home(".config"),
                in_home("Library/Application Support"),
                named("APPDATA"),
                in_home("AppData/Roaming"),
            ];
            let local = settings.into_iter().flatten();
            let local =
                local.flat_map(|folder| EDITORS.iter().map(move |name| folder.join(name).join("User")));
            let remote = REMOTE_EDITORS.iter().filter_map(|name| Some(in_home(name)?.join("data/User")));
            local.chain(remote).collect()
        }
    }
}

impl Transcripts {
    /// The existing paths below a folder that match a path of the table.
    fn below(&mut self, agent: &'static str, base: &Path, path: &str) {
        let (name, rest) = path.split_once('/').map_or((path, None), |(name, rest)| (name, Some(rest)));
        if !name.contains('*') {
            let next = base.join(name);
            return match rest {
                Some(rest) => self.below(agent, &next, rest),
                None => self.keep(agent, next),
            };
        }
        let entries = match fs::read_dir(base) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(base, error),
        };
        for entry in entries {
            match entry {
                Err(error) => self.refuse(base, error),
                Ok(entry) if entry.file_name().to_str().is_some_and(|found| matches(name, found)) => {
                    match rest {
                        Some(rest) => self.below(agent, &entry.path(), rest),
                        None => self.keep(agent, entry.path()),
                    }
                }
                Ok(_) => {}
            }
        }
    }

    fn keep(&mut self, agent: &'static str, path: PathBuf) {
        if fs::metadata(&path).is_ok_and(|found| found.is_dir()) {
            return self.kept.push((agent, path));
        }
        match regular_file::open(&path) {
            Ok(_) => self.kept.push((agent, path)),
            Err(error) => self.refuse(&path, error),
        }
    }

    /// Only a missing file is not reported.
    fn refuse(&mut self, path: &Path, error: io::Error) {
        if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
            self.refused.push((path.to_path_buf(), error));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test writes the files")]
    fn what_is_here_is_found_below_the_variable_the_home_and_the_working_directory() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let files = [
            ".config/Code/User/workspaceStorage/0a/state.vscdb",
            ".config/Code/User/workspaceStorage/0a/workspace.json",
            "claude/history.jsonl",
            "here/.aider.input.history",
        ];
        for name in files {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), "x").unwrap();
        }
        fs::create_dir_all(at(".claude/projects")).unwrap();
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let (home, claude) = (text(at("")), text(at("claude")));
        let variables =
            Variables::from_iter([("HOME", home.as_str()), ("CLAUDE_CONFIG_DIR", claude.as_str())]);
        let found = find(&variables, &at("here"));
        let wanted = [
            ("aider", at("here/.aider.input.history")),
            ("claude-code", at(".claude/projects")),
            ("claude-code", at("claude/history.jsonl")),
            ("cursor", at(".config/Code/User/workspaceStorage/0a/state.vscdb")),
        ];
        assert_eq!(found.kept, wanted);
        assert!(found.refused.is_empty());
        let nowhere = find(&Variables::from_iter([("HOME", "")]), &at("nowhere"));
        assert!(nowhere.kept.is_empty() && nowhere.refused.is_empty());
    }
}
