//! What git says about a file: ignored, tracked, staged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::git_folder::top_of;
use super::program::{complaint, git, run};
use super::rule_files::refuse_what_waits;
use super::{path_of, unread};
use crate::error::Result;

/// The prefix of a path that makes git take a colon in it literally.
const PLAIN: &[u8] = b"./";

/// What git says about one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Standing {
    /// Whether the file is in a work tree.
    pub in_repository: bool,
    /// Whether a rule ignores it, tracked or not.
    pub ignored: bool,
    /// Whether it is in the index.
    pub staged: bool,
    /// Whether it is in the last commit.
    pub committed: bool,
}

/// The files that git ignores; a tracked file is never one of them.
///
/// The files may be in several repositories, nested ones and submodules, or in none.
///
/// # Errors
/// git is missing.
pub fn among(paths: &[PathBuf]) -> Result<BTreeSet<PathBuf>> {
    let mut repositories: BTreeMap<PathBuf, Vec<&PathBuf>> = BTreeMap::new();
    for path in paths {
        if let Some(top) = top_of(&real(path)) {
            repositories.entry(top).or_default().push(path);
        }
    }
    let mut ignored = BTreeSet::new();
    for (top, paths) in repositories {
        let relative = |path: &Path| real(path).strip_prefix(&top).map(Path::to_path_buf).ok();
        let asked: BTreeMap<PathBuf, &PathBuf> =
            paths.iter().filter_map(|p| Some((relative(p)?, *p))).collect();
        let mut input = Vec::new();
        for path in asked.keys() {
            refuse_what_waits(&top, &top.join(path))?;
            input.extend_from_slice(PLAIN);
            input.extend_from_slice(path.as_os_str().as_encoded_bytes());
            input.push(0);
        }
        let answer = run(git(&top, &["check-ignore", "-z", "--stdin"]), &input)?;
        if !matches!(answer.code, Some(0 | 1)) {
            return Err(complaint(&answer.complaint));
        }
        let said = answer.out.split(|b| *b == 0).filter_map(|path| path.strip_prefix(PLAIN));
        ignored.extend(said.filter_map(|path| asked.get(&path_of(path)).map(|p| (*p).clone())));
    }
    Ok(ignored)
}

/// What git says about one file, which need not exist.
///
/// # Errors
/// git is missing, or does not answer: another user's repository (`safe.directory`), a damaged one.
pub fn standing(path: &Path) -> Result<Standing> {
    let path = real(path);
    let Some(top) = top_of(&path) else { return Ok(Standing::default()) };
    refuse_what_waits(&top, &path)?;
    unread::refuse(&top)?;
    let name = path.strip_prefix(&top).unwrap_or(&path);
    // A refusal by git, for example about another user's repository, is not an answer.
    let says = |arguments: &[&str], answers: &[i32]| {
        let mut call = git(&top, arguments);
        call.arg("--").arg(name);
        let answer = run(call, b"")?;
        if answer.code.is_some_and(|code| answers.contains(&code)) {
            Ok(answer)
        } else {
            Err(complaint(&answer.complaint))
        }
    };
    let ignored = says(&["check-ignore", "--quiet", "--no-index"], &[0, 1])?.code == Some(0);
    let staged = !says(&["--literal-pathspecs", "ls-files", "--cached", "-z"], &[0])?.out.is_empty();
    let head = run(git(&top, &["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]), b"")?;
    // Without any commit, git prints nothing.
    if head.code != Some(0) && !head.complaint.is_empty() {
        return Err(complaint(&head.complaint));
    }
    let has_commit = head.code == Some(0);
    let committed =
        has_commit && !says(&["--literal-pathspecs", "ls-tree", "-z", "HEAD"], &[0])?.out.is_empty();
    Ok(Standing { in_repository: true, ignored, staged, committed })
}

/// A file's path with every link to a folder followed: git follows none.
///
/// Windows returns a form that git does not understand.
fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    match (absolute.parent().filter(|_| cfg!(unix)).map(Path::canonicalize), absolute.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => absolute,
    }
}
