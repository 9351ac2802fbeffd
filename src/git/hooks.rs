//! The pre-commit hook: put beside whatever hook is there, and taken away again.

#![expect(clippy::disallowed_methods, reason = "git's hooks are written here")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::program::{git, run};
use super::{Repository, path_of};
use crate::error::{Error, Result};
use crate::system::files::atomic_file::{self, Access};
use crate::system::files::regular_file::{self, Trust};

/// The text by which a hook of ours is known.
const OURS: &str = "# Written by `getimg-keys guard install`";
/// A hook is a script, or at most a program.
const LARGEST: u64 = 256 << 20;
/// What a hook that was there before is called while ours stands in its place.
const CHAINED: &str = "pre-commit.before-getimg-keys";
const TEMPLATE: &str = include_str!("pre-commit.sh");

/// The pre-commit hook of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The file that git runs: `core.hooksPath` and linked work trees are followed.
    pub path: PathBuf,
    /// What is there.
    pub holds: Holds,
    /// Whether another hook runs after ours.
    pub chained: bool,
    /// Whether `core.hooksPath` names a folder outside the repository, which others share.
    pub shared: bool,
}

/// What a hook's file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// There is none.
    Nothing,
    /// Ours, as this version writes it.
    Ours,
    /// Ours, as another version wrote it.
    OursOutdated,
    /// Somebody else's.
    Another,
}

impl Hook {
    /// The hook of a repository as it now is.
    ///
    /// # Errors
    /// git is not there, or the hook cannot be read.
    pub fn of(repository: &Repository) -> Result<Self> {
        let answer = run(git(&repository.folder, &["rev-parse", "--git-path", "hooks"]), b"")?.good()?;
        let folder = below(&repository.folder, &path_of(answer.strip_suffix(b"\n").unwrap_or(&answer)));
        let path = folder.join("pre-commit");
        let holds = match regular_file::read(&path, LARGEST, Trust::Anyones) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Holds::Nothing,
            Err(error) => return Err(Error::unreadable("read the hook", &path, &error)),
            Ok(text) if text == TEMPLATE.as_bytes() => Holds::Ours,
            Ok(text) if String::from_utf8_lossy(&text).contains(OURS) => Holds::OursOutdated,
            Ok(_) => Holds::Another,
        };
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let top = repository.top()?.unwrap_or_else(|| repository.common.clone());
        let shared =
            !real(&folder).starts_with(real(&top)) && !real(&folder).starts_with(real(&repository.common));
        let chained = folder.join(CHAINED).exists();
        Ok(Self { path, holds, chained, shared })
    }

    /// Writes our hook; one that is there is kept and runs after ours. `false` where nothing was to do.
    ///
    /// # Errors
    /// The hook cannot be written, or two hooks would have to be kept.
    pub fn install(&self) -> Result<bool> {
        match self.holds {
            Holds::Ours => return Ok(false),
            Holds::Another if self.chained && !self.is_kept() => {
                let both =
                    format!("both {} and {CHAINED} are there, and only one can be kept", self.path.display());
                return Err(
                    Error::failure(both).hint("merge the two by hand, then: getimg-keys guard install")
                );
            }
            // What a killed run has kept already is the same; our hook then takes its place at one blow.
            Holds::Another if !self.chained => {
                self.keep().map_err(|error| Error::unwritable("keep the hook", &self.path, &error))?
            }
            Holds::Another => {}
            Holds::Nothing | Holds::OursOutdated => {}
        }
        self.write().map_err(|error| Error::unwritable("write the hook", &self.path, &error)).inspect_err(
            |_| {
                if self.holds == Holds::Another {
                    let _ = fs::remove_file(self.beside());
                }
            },
        )?;
        Ok(true)
    }

    /// Takes our hook away and puts back the one that was there before. `false` where nothing was to do.
    ///
    /// # Errors
    /// The hook cannot be removed.
    pub fn uninstall(&self) -> Result<bool> {
        if !matches!(self.holds, Holds::Ours | Holds::OursOutdated) {
            return Ok(false);
        }
        let done = match self.chained {
            true => fs::rename(self.beside(), &self.path),
            false => fs::remove_file(&self.path),
        };
        done.map(|()| true).map_err(|error| Error::unwritable("remove the hook", &self.path, &error))
    }

    fn beside(&self) -> PathBuf {
        self.path.with_file_name(CHAINED)
    }

    /// Gives the hook that is there its second name, under which ours finds it.
    fn keep(&self) -> io::Result<()> {
        fs::hard_link(&self.path, self.beside()).or_else(|_| fs::copy(&self.path, self.beside()).map(drop))
    }

    fn is_kept(&self) -> bool {
        let read = |path: &Path| regular_file::read(path, LARGEST, Trust::Anyones);
        matches!((read(&self.path), read(&self.beside())), (Ok(one), Ok(other)) if one == other)
    }

    fn write(&self) -> io::Result<()> {
        atomic_file::make_folder(atomic_file::folder(&self.path))?;
        atomic_file::replace(&self.path, TEMPLATE.as_bytes(), Access::Program)
    }
}

/// A path from a folder, without the `..` it begins with.
fn below(folder: &Path, path: &Path) -> PathBuf {
    match (folder.parent(), path.strip_prefix("..")) {
        (Some(parent), Ok(rest)) => below(parent, rest),
        _ => folder.join(path),
    }
}
