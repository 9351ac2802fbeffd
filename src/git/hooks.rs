//! Adds our lines to the hooks before a commit, and removes them again.

mod language;
mod lines;
mod managers;
mod proof;
mod trust;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::program::{git, run};
use super::{Repository, path_of};
use crate::error::{Error, Result};
use crate::hint::{Hint, quoted, quoted_path};
use crate::system::files::atomic_file::{self, Access};
use crate::system::files::regular_file::{self, Trust};

pub use managers::Manager;
pub use proof::{Proof, prove};

/// A hook is a script, or at most a program.
const LARGEST: u64 = 256 << 20;
/// The suffix of an original hook that cannot contain our lines, while our hook takes its place.
const CHAINED: &str = ".before-getimg-keys";

/// The hooks that git runs before it makes a commit: by hand, and of a merge.
pub const NAMES: [&str; 2] = ["pre-commit", "pre-merge-commit"];

/// One hook of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The file that contains our lines, or would: git's own, the team's hook in husky, or a manager's list.
    pub path: PathBuf,
    /// What the file contains.
    pub holds: Holds,
    /// Whether another hook runs after ours.
    pub chained: bool,
    /// Whether `core.hooksPath` names a folder outside the repository, which others share.
    pub shared: bool,
    /// The program that writes the hook which git runs, and would overwrite our lines in it.
    pub manager: Option<Manager>,
    /// The top of the work tree, where git runs the hook.
    pub top: PathBuf,
    /// Its name.
    pub name: &'static str,
    /// The file that git runs.
    run: PathBuf,
    is_husky: bool,
    text: Vec<u8>,
}

/// The content of a hook's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// There is no file.
    Nothing,
    /// Our lines.
    Ours,
    /// Only somebody else's lines.
    Another,
}

impl Hook {
    /// The hooks that run before a commit here; husky runs none that it has not made.
    ///
    /// # Errors
    /// The errors of [`Hook::of`].
    pub fn all(repository: &Repository) -> Result<Vec<Self>> {
        let top = top(repository)?;
        let hooks = NAMES.iter().map(|name| Self::at(repository, &top, name)).collect::<Result<Vec<_>>>()?;
        // A manager has one list for both.
        if let [first, ..] = &*hooks
            && first.manager.is_some()
        {
            return Ok(vec![first.clone()]);
        }
        let runs = |hook: &Self| hook.name == NAMES[0] || !hook.is_husky || hook.run.exists();
        Ok(hooks.into_iter().filter(runs).collect())
    }

    /// A hook of a repository as it now is.
    ///
    /// # Errors
    /// git is missing, would run no hook here, or the hook cannot be read.
    pub fn of(repository: &Repository, name: &'static str) -> Result<Self> {
        Self::at(repository, &top(repository)?, name)
    }

    fn at(repository: &Repository, top: &Path, name: &'static str) -> Result<Self> {
        let run = place(top, name)?;
        let is_husky = run.parent().is_some_and(|folder| folder.ends_with("_") && folder.join("h").is_file());
        let path = match run.parent().and_then(Path::parent) {
            Some(husky) if is_husky => husky.join(name),
            _ => run.clone(),
        };
        let found = (!is_husky).then(|| Manager::of(&run, name == NAMES[0], top)).transpose()?.flatten();
        let path = found.map_or(path, |manager| manager.list(top));
        let text = text_of(&path)?;
        let holds = match text.is_empty() {
            true if found.is_some() || path.symlink_metadata().is_err() => Holds::Nothing,
            _ if lines::are_in(&text) => Holds::Ours,
            _ => Holds::Another,
        };
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let folder = real(atomic_file::folder(&path));
        let shared = !folder.starts_with(real(top)) && !folder.starts_with(real(&repository.common));
        let kept = kept(&path).symlink_metadata().is_ok();
        let chained = holds == Holds::Ours
            && found.is_none()
            && (kept || lines::without(&text).is_some_and(|rest| !lines::is_empty(&rest)));
        let top = top.to_path_buf();
        Ok(Self { path, holds, chained, shared, manager: found, top, name, run, is_husky, text })
    }

    /// Adds our lines, with the path of this program; returns `false` if nothing was to do.
    ///
    /// They come first in a script for a shell, Python, node, Perl or Ruby, which so keeps its name and place. Any other
    /// script or program, a link, or a file that git does not run is kept under another name and run after them.
    ///
    /// # Errors
    /// The hook cannot be written, another program writes it, or two hooks would have to be kept.
    pub fn install(&self, program: &Path) -> Result<bool> {
        if let Some(manager) = self.manager {
            let text = manager.within(&self.top, &self.text).ok_or_else(|| manager.refusal(&self.run))?;
            return self.change(&text, Access::Public);
        }
        let is_kept = kept(&self.path).symlink_metadata().is_ok();
        let own = lines::without(&self.text);
        if !self.is_husky
            && runs_as_it_is(&self.path)
            && let Some(text) = language::within(own.as_deref().unwrap_or(&self.text), program, self.name)
        {
            return self.change(&text, Access::Public);
        }
        let is_script = self.is_husky || (lines::can_be_in(&self.text) && runs_as_it_is(&self.path));
        let chain = (self.holds == Holds::Ours && is_kept) || (self.holds == Holds::Another && !is_script);
        let lines = lines::of(program, self.name, chain);
        let text = match self.holds {
            Holds::Another if chain => lines::script(&lines),
            Holds::Nothing if !self.is_husky => lines::script(&lines),
            _ => lines::within(&self.text, &lines),
        };
        if self.holds == Holds::Another && chain {
            self.keep()?;
        }
        let access = if self.holds == Holds::Nothing || chain { Access::Program } else { Access::Public };
        self.change(&text, access)
    }

    fn change(&self, text: &[u8], access: Access) -> Result<bool> {
        if self.holds == Holds::Ours && text == self.text {
            return Ok(false);
        }
        self.write(text, access).map_err(|error| Error::unwritable("write the hook", &self.path, &error))?;
        Ok(true)
    }

    /// Refuses a manager whose list a program cannot extend.
    ///
    /// # Errors
    /// As described (1), with the lines to add to its list.
    pub fn refuse_managed(&self) -> Result<()> {
        match self.manager {
            Some(manager) if manager.within(&self.top, &self.text).is_none() => {
                Err(manager.refusal(&self.run))
            }
            _ => Ok(()),
        }
    }

    /// Removes our lines, and restores the hook that they replaced. Returns `false` if nothing was to do.
    ///
    /// # Errors
    /// The hook cannot be removed, or lines were added to our hook that replaced another.
    pub fn uninstall(&self) -> Result<bool> {
        let Some(rest) = lines::without(&self.text) else { return Ok(false) };
        let kept = kept(&self.path);
        let (is_kept, is_empty) = (kept.symlink_metadata().is_ok(), lines::is_empty(&rest));
        if is_kept && !is_empty {
            let both = format!(
                "{} has lines of its own, and {} would come back in its place",
                self.path.display(),
                kept.display()
            );
            return Err(Error::failure(both)
                .hint(format!("rm {}  # once its lines are moved", quoted_path(&self.path))));
        }
        let done = match (is_kept, is_empty) {
            (true, _) => atomic_file::move_to(&kept, &self.path),
            (_, true) => atomic_file::delete(&self.path),
            (_, false) => self.write(&rest, Access::Public),
        };
        done.map(|()| true).map_err(|error| Error::unwritable("remove the hook", &self.path, &error))
    }

    /// Renames the existing hook to the name under which ours calls it; a copy kept by a killed run has the same name.
    fn keep(&self) -> Result<()> {
        let second = kept(&self.path);
        if second.symlink_metadata().is_ok() {
            let same =
                matches!(regular_file::read(&second, LARGEST, Trust::Anyones), Ok(text) if text == self.text);
            let both = || {
                format!(
                    "both {} and {} are there, and only one can be kept",
                    self.path.display(),
                    second.display()
                )
            };
            return if same {
                Ok(())
            } else {
                Err(Error::failure(both())
                    .hint(Hint::run("guard install").note("once you have merged the two by hand")))
            };
        }
        fs::hard_link(&self.path, &second)
            .or_else(|_| atomic_file::copy(&self.path, &second))
            .map_err(|error| Error::unwritable("keep the hook", &self.path, &error))
    }

    fn write(&self, text: &[u8], access: Access) -> io::Result<()> {
        atomic_file::make_folder(atomic_file::folder(&self.path))?;
        // A file that stays is changed in place; a link to it stays a link, and a link to nothing is replaced.
        let found = self.path.canonicalize().ok().filter(|_| access == Access::Public);
        atomic_file::replace(found.as_deref().unwrap_or(&self.path), text, access)
    }
}

fn text_of(path: &Path) -> Result<Vec<u8>> {
    match regular_file::read(path, LARGEST, Trust::Anyones) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(|error| Error::unreadable("read the hook", path, &error)),
    }
}

fn kept(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(CHAINED);
    path.with_file_name(name)
}

/// The top of the work tree, from which the repository can be found and git runs hooks: our lines start there.
fn top(repository: &Repository) -> Result<PathBuf> {
    let answer = run(git(&repository.folder, &["rev-parse", "--show-toplevel"]), b"")?;
    let path = path_of(answer.out.strip_suffix(b"\n").unwrap_or(&answer.out));
    let own = super::shown(&repository.common);
    if answer.code != Some(0) {
        let message = format!("{own} has no work tree of its own, so a hook there would find no repository");
        return Err(Error::failure(message).hint("cd  # into a work tree, then run the command again"));
    }
    let real = |path: &Path| path.canonicalize().ok();
    let found = Repository::around(&path)?.and_then(|found| real(&found.common));
    if found.is_some() && found == real(&repository.common) {
        return refuse_without_hooks(&path).map(|()| path);
    }
    let message =
        format!("the work tree {} does not lead to {own}, so a hook would not find it", super::shown(&path));
    Err(Error::failure(message).hint(format!("git -C {} worktree list", quoted(&own))))
}

/// Refuses a folder where git runs no hook.
fn refuse_without_hooks(top: &Path) -> Result<()> {
    let configured = run(git(top, &["config", "--get", "core.hooksPath"]), b"")?;
    if configured.code != Some(0) || (configured.out != b"\n" && configured.out != b"/dev/null\n") {
        return Ok(());
    }
    let which = String::from_utf8_lossy(&configured.out).trim().to_owned();
    Err(Error::failure(format!("core.hooksPath is '{which}': git runs no hook here"))
        .hint("git config --show-origin --get core.hooksPath  # then unset it there"))
}

/// The file that git would run.
fn place(top: &Path, name: &str) -> Result<PathBuf> {
    let answer = run(git(top, &["rev-parse", "--git-path", &format!("hooks/{name}")]), b"")?.good()?;
    Ok(top.join(path_of(answer.strip_suffix(b"\n").unwrap_or(&answer))))
}

/// Whether git runs the file, under the name that it has there.
fn runs_as_it_is(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_file() && is_executable(&found))
}

#[cfg(unix)]
fn is_executable(found: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    true
}
