//! One repository: where its objects and refs are.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use gix_hash::{Kind, ObjectId};

use super::git_folder::top_of;
use super::program::{Answer, complaint, git, git_as_asked, run};
use super::{object_folders, path_of, waiting};
use crate::error::{self, Error, Result};
use crate::hint::{quoted_path, suggest};
use crate::system::files::regular_file::{self, Trust};

const QUESTION: [&str; 3] = ["rev-parse", "--git-common-dir", "--show-object-format"];

/// A repository that git found.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The folder where the search began; paths that git prints are relative to the work tree's top.
    pub folder: PathBuf,
    /// Where objects and refs are, shared by all work trees.
    pub common: PathBuf,
    /// More folders of objects: those of a push that is not accepted yet.
    pub quarantine: Vec<PathBuf>,
    /// Whether the environment names it instead of a folder.
    pub(super) named: bool,
    /// Whether git does not read it: then only its objects and its own files are read.
    pub(super) refused: bool,
    /// The hash of its object ids.
    pub(super) hash: Kind,
}

impl Repository {
    /// The repository that contains a folder, whatever the environment names; `None` if there is none.
    ///
    /// # Errors
    /// git is missing, or refuses; it would wait for a file; a `.git` exists that git cannot read (5).
    pub fn around(folder: &Path) -> Result<Option<Self>> {
        waiting::refuse(folder)?;
        let answer = run(git(folder, &QUESTION), b"")?;
        if is_none(&answer) {
            return match top_of(&folder.join("-")) {
                Some(top) => Err(broken(&top.join(".git"))),
                None => Ok(None),
            };
        }
        Self::told(folder, answer, false).map(Some)
    }

    /// The repository whose files a folder is among, if git reads none there, or another one around it.
    ///
    /// Its objects are read all the same; its refs, which only git reads, are not.
    pub fn refused(folder: &Path, read: Option<&Self>) -> Option<Self> {
        // The question to git reports what git would wait for.
        let common = waiting::own_folders(folder).ok()?.pop()?;
        let objects = common.join("objects");
        let real = |path: &Path| path.canonicalize().ok();
        if !objects.is_dir() || read.is_some_and(|read| real(&read.common) == real(&common)) {
            return None;
        }
        let hash = object_folders::hash(&objects);
        Some(Self {
            folder: common.clone(),
            common,
            quarantine: Vec::new(),
            named: false,
            refused: true,
            hash,
        })
    }

    /// The repository in `GIT_DIR`, as in a hook; git prefers it to the one that contains a folder.
    ///
    /// # Errors
    /// The errors of [`Repository::around`]; `GIT_DIR` names none (5).
    pub fn named(folder: &Path) -> Result<Self> {
        let answer = run(git_as_asked(folder, &QUESTION), b"")?;
        if is_none(&answer) {
            let message = "GIT_DIR is set, and git finds no repository there";
            return Err(Error::new(error::Kind::Unchecked, message).hint(suggest::unset("GIT_DIR")));
        }
        Self::told(folder, answer, true)
    }

    /// The message about a repository that git skips for another one around it.
    pub fn is_no_repository(&self) -> Error {
        broken(&self.common)
    }

    fn told(folder: &Path, answer: Answer, named: bool) -> Result<Self> {
        // git says nothing more about it, so nothing in it was read.
        let unchecked = |error: Error| Error { kind: error::Kind::Unchecked, ..error };
        let text = answer.good().map_err(unchecked)?;
        let text = text.strip_suffix(b"\n").unwrap_or(&text);
        let end = text.iter().rposition(|b| *b == b'\n').ok_or_else(|| complaint("no answer"))?;
        let hash = match &text[end + 1..] {
            b"sha1" => Kind::Sha1,
            b"sha256" => Kind::Sha256,
            other => {
                let other = String::from_utf8_lossy(other);
                return Err(Error::failure(format!("the object format {other} is not supported")));
            }
        };
        let common = folder.join(path_of(&text[..end]));
        Ok(Self { folder: folder.to_path_buf(), common, quarantine: Vec::new(), named, refused: false, hash })
    }

    /// A question about objects and refs, independent of the work tree.
    pub(super) fn ask(&self, arguments: &[&str]) -> Command {
        ask_in(&self.common, arguments)
    }

    /// The top of the work tree; `None` in a bare repository.
    ///
    /// # Errors
    /// git is missing.
    pub fn top(&self) -> Result<Option<PathBuf>> {
        let question = ["rev-parse", "--show-toplevel"];
        let call =
            if self.named { git_as_asked(&self.folder, &question) } else { git(&self.folder, &question) };
        let answer = run(call, b"")?;
        let path = answer.out.strip_suffix(b"\n").unwrap_or(&answer.out);
        Ok((answer.code == Some(0)).then(|| path_of(path)))
    }

    /// The folder by which a person knows it: its work tree, or its own folder.
    pub fn place(&self) -> PathBuf {
        let common = self.common.canonicalize().unwrap_or_else(|_| self.common.clone());
        if common.ends_with(".git") { common.parent().unwrap_or(&common).to_path_buf() } else { common }
    }

    /// The same for a message.
    pub fn shown(&self) -> String {
        super::shown(&self.place())
    }

    /// The commits whose parents a shallow clone left out.
    pub(super) fn shallow(&self) -> HashSet<ObjectId> {
        // If it cannot be read, the missing parents are reported.
        let text =
            regular_file::read(&self.common.join("shallow"), 1 << 30, Trust::Anyones).unwrap_or_default();
        text.split(|b| *b == b'\n').filter_map(|line| ObjectId::from_hex(line).ok()).collect()
    }

    /// Where git-lfs keeps the objects of its pointers.
    pub fn lfs_objects(&self) -> PathBuf {
        // If git does not say, an object that is kept elsewhere is reported as not here.
        let ask = || run(self.ask(&["config", "--type=path", "--get", "lfs.storage"]), b"");
        let configured =
            if self.refused { Vec::new() } else { ask().map_or(Vec::new(), |answer| answer.out) };
        let configured = configured.strip_suffix(b"\n").unwrap_or(&configured);
        let storage = if configured.is_empty() { PathBuf::from("lfs") } else { path_of(configured) };
        self.common.join(storage).join("objects")
    }
}

/// A question about a folder of git itself, wherever its work tree is and whether it still exists.
pub(super) fn ask_in(own: &Path, arguments: &[&str]) -> Command {
    git(own, &[&["--git-dir=.", "--work-tree=."], arguments].concat())
}

fn is_none(answer: &Answer) -> bool {
    answer.complaint.contains("not a git repository")
}

/// git says the same about a damaged or unreadable repository as about none.
fn broken(place: &Path) -> Error {
    let message = format!("{} is there, and git cannot read it as a repository", super::shown(place));
    Error::new(error::Kind::Unchecked, message)
        .hint(format!("git -C {} status", quoted_path(place.parent().unwrap_or(place))))
}
