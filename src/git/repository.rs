//! One repository: where its objects and its refs are.

use std::path::{Path, PathBuf};
use std::process::Command;

use gix_hash::Kind;
use walkdir::{DirEntry, WalkDir};

use super::program::{complaint, git, git_as_asked, run};
use crate::error::{Error, Result};

/// A repository that git found.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The folder it was looked for in; every path that git names is to be read from the work tree's top.
    pub folder: PathBuf,
    /// Where objects and refs are, shared by all work trees.
    pub common: PathBuf,
    /// How its objects are named.
    pub(super) hash: Kind,
}

impl Repository {
    /// The repository that a folder is in; `None` where it is in none.
    ///
    /// # Errors
    /// git is not there, or refuses to look.
    pub fn around(folder: &Path) -> Result<Option<Self>> {
        let arguments = ["rev-parse", "--git-common-dir", "--show-object-format"];
        let answer = run(git(folder, &arguments), b"")?;
        if answer.complaint.contains("not a git repository") {
            return Ok(None);
        }
        let text = answer.good()?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let (common, hash) = text.trim_end().rsplit_once('\n').ok_or_else(|| complaint("no answer"))?;
        let hash = match hash {
            "sha1" => Kind::Sha1,
            "sha256" => Kind::Sha256,
            other => return Err(Error::failure(format!("the repository names its objects by {other}"))),
        };
        Ok(Some(Self { folder: folder.to_path_buf(), common: folder.join(common), hash }))
    }

    /// A question about objects and refs, whatever work tree there is.
    pub(super) fn ask(&self, arguments: &[&str]) -> Command {
        git(&self.common, &[&["--git-dir=."], arguments].concat())
    }

    /// The top of the work tree; `None` in a bare repository.
    ///
    /// # Errors
    /// git is not there.
    pub fn top(&self) -> Result<Option<PathBuf>> {
        let answer = run(git_as_asked(&self.folder, &["rev-parse", "--show-toplevel"]), b"")?;
        let path = answer.out.strip_suffix(b"\n").unwrap_or(&answer.out);
        Ok((answer.code == Some(0)).then(|| super::path_of(path)))
    }

    /// The repositories of its submodules, which git keeps inside this one.
    pub fn submodules(&self) -> Vec<Self> {
        let walk = WalkDir::new(self.common.join("modules")).into_iter();
        let folders =
            walk.filter_entry(|entry| entry.file_name() != "objects").flatten().map(DirEntry::into_path);
        let repositories =
            folders.filter(|folder| folder.join("HEAD").is_file() && folder.join("objects").is_dir());
        repositories.map(|common| Self { folder: common.clone(), common, hash: self.hash }).collect()
    }
}
