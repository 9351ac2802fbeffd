//! The submodules of a repository, wherever git keeps them.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::git_folder::is_git_folder;
use super::program::{git, run};
use super::unread::refused;
use super::{Repository, Skipped, Why, path_of, waiting};
use crate::error::Result;
use crate::hint::quoted_path;
use crate::system::files::regular_file::{self, Trust};

/// How deep submodules of submodules are followed.
const DEEPEST: usize = 32;
/// The mode of a submodule in the index, where each mode has four bytes.
const LINK: u32 = 0o160_000;
/// A file that names a folder is shorter than this.
const LONGEST: u64 = 1 << 16;

/// Every submodule, including those of linked work trees and those with a `.git` folder of their own; and those that
/// are registered but missing, or that git cannot read.
pub fn of(repository: &Repository) -> (Vec<Repository>, Vec<Skipped>) {
    let (mut found, mut absent): (Vec<Repository>, Vec<_>) = (Vec::new(), Vec::new());
    let mut waiting = vec![(repository.clone(), 0)];
    while let Some((parent, depth)) = waiting.pop() {
        let (below, missing) = of_one(&parent);
        absent.extend(missing);
        for sub in below {
            if !found.iter().chain([repository]).any(|known| is_same(known, &sub)) {
                waiting.extend((depth < DEEPEST).then(|| (sub.clone(), depth + 1)));
                found.push(sub);
            }
        }
    }
    (found, absent)
}

/// Whether a work tree may have submodules: it has a list of them, or its index names one, is split (its extension
/// `link`), or cannot be read. Only then git is asked.
pub fn may_be_in(top: &Path) -> bool {
    if !regular_file::is_absent(&top.join(".gitmodules")) {
        return true;
    }
    let Some(own) = waiting::own_folders(top).ok().and_then(|own| own.into_iter().next()) else {
        return true;
    };
    match regular_file::read(&own.join("index"), 1 << 30, Trust::Anyones) {
        Ok(index) => {
            let has = |bytes: &[u8]| memchr::memmem::find(&index, bytes).is_some();
            !index.starts_with(b"DIRC") || has(&LINK.to_be_bytes()) || has(b"link")
        }
        Err(why) => why.kind() != ErrorKind::NotFound,
    }
}

fn is_same(one: &Repository, other: &Repository) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    real(&one.common) == real(&other.common)
}

fn of_one(parent: &Repository) -> (Vec<Repository>, Vec<Skipped>) {
    let (mut folders, mut unread) = (Vec::new(), Vec::new());
    kept_in(&parent.common.join("modules"), &mut folders, &mut unread, DEEPEST);
    let linked_trees = subfolders(&parent.common.join("worktrees"), &mut unread);
    for work_tree in &linked_trees {
        kept_in(&work_tree.join("modules"), &mut folders, &mut unread, DEEPEST);
    }
    let kept: Vec<Repository> = folders
        .into_iter()
        .map(|common| Repository {
            folder: common.clone(),
            common,
            quarantine: Vec::new(),
            named: false,
            refused: false,
            hash: parent.hash,
        })
        .collect();
    let tops: Vec<_> = linked_trees.iter().filter_map(|own| top_of_linked(own, &mut unread)).collect();
    let (mut found, mut absent) = (kept.clone(), unread);
    if parent.refused {
        return (found, absent);
    }
    let own = parent.top().unwrap_or_else(|error| {
        absent.push(Skipped::told(&parent.place(), &error));
        None
    });
    for top in own.into_iter().chain(tops) {
        match linked(&top) {
            Ok(links) => in_work_tree(&top, links, &kept, &mut found, &mut absent),
            Err(error) => absent.push(Skipped::told(&top.join(".git"), &error)),
        }
    }
    (found, absent)
}

/// The top of a linked work tree, from git's record of it; `None` if the tree is gone, or the record cannot be read,
/// which is reported.
fn top_of_linked(own: &Path, unread: &mut Vec<Skipped>) -> Option<PathBuf> {
    let gitdir = own.join("gitdir");
    unread.extend(refused(&gitdir));
    let named = regular_file::read(&gitdir, LONGEST, Trust::Anyones).ok()?;
    let file = own.join(path_of(named.trim_ascii_end()));
    unread.extend(refused(&file));
    file.parent().filter(|_| file.is_file()).map(Path::to_path_buf)
}

/// Adds the submodules of a work tree.
fn in_work_tree(
    top: &Path,
    links: Vec<(PathBuf, Option<PathBuf>)>,
    kept: &[Repository],
    found: &mut Vec<Repository>,
    absent: &mut Vec<Skipped>,
) {
    for (path, name) in links {
        let folder = top.join(&path);
        if folder.join(".git").exists() {
            match Repository::around(&folder) {
                Ok(own) => found.extend(own),
                Err(error) => absent.push(Skipped::told(&folder, &error)),
            }
        } else if !kept.iter().any(|sub| name.as_ref().is_some_and(|name| sub.common.ends_with(name))) {
            let hint = format!("git -C {} submodule update --init --recursive", quoted_path(top));
            let message = "the submodule is not here";
            absent.push(Skipped::new(super::shown(&folder), Why::SubmoduleMissing, message).hint(hint));
        }
    }
}

/// The git folders below one of `modules`: a submodule's name may contain slashes, and be the name of a file of git.
fn kept_in(folder: &Path, found: &mut Vec<PathBuf>, unread: &mut Vec<Skipped>, depth: usize) {
    for below in subfolders(folder, unread) {
        if is_git_folder(&below) {
            found.push(below);
        } else if depth > 0 {
            kept_in(&below, found, unread, depth - 1);
        }
    }
}

/// The subfolders of one; an existing one that cannot be read is reported.
fn subfolders(folder: &Path, unread: &mut Vec<Skipped>) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).and_then(|entries| {
        let found = entries.map(|entry| entry.and_then(|entry| Ok((entry.file_type()?, entry.path()))));
        found.collect::<io::Result<Vec<_>>>()
    });
    match listed {
        Ok(found) => found.into_iter().filter(|(kind, _)| kind.is_dir()).map(|(_, path)| path).collect(),
        Err(none) if none.kind() == ErrorKind::NotFound => Vec::new(),
        Err(why) => {
            unread.push(Skipped::of(folder, &why));
            Vec::new()
        }
    }
}

/// The path of every submodule in the index, and its name if `.gitmodules` has one.
fn linked(top: &Path) -> Result<Vec<(PathBuf, Option<PathBuf>)>> {
    let index = run(git(top, &["ls-files", "-z", "--stage"]), b"")?.good()?;
    let paths: Vec<PathBuf> = index
        .split(|b| *b == 0)
        .filter(|entry| entry.starts_with(b"160000 "))
        .filter_map(|entry| Some(path_of(&entry[entry.iter().position(|b| *b == b'\t')? + 1..])))
        .collect();
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let keys = r"^submodule\..*\.path$";
    let names = run(git(top, &["config", "-z", "-f", ".gitmodules", "--get-regexp", keys]), b"")?.out;
    let named = |path: &Path| {
        names.split(|b| *b == 0).find_map(|entry| {
            let end = entry.iter().position(|b| *b == b'\n')?;
            let name = entry[..end].strip_prefix(b"submodule.")?.strip_suffix(b".path")?;
            (path_of(&entry[end + 1..]) == path).then(|| path_of(name))
        })
    };
    Ok(paths.into_iter().map(|path| (path.clone(), named(&path))).collect())
}
