//! Reflogs: every commit that a ref once pointed to, and how it got there.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use gix_hash::ObjectId;
use walkdir::WalkDir;

use super::program::run;
use super::repository::ask_in;
use super::{Repository, shown, shown_bytes};
use crate::error::{Error, Result};
use crate::system::files::regular_file::{self, Trust};

/// A larger file is not a reflog.
const LONGEST: u64 = 1 << 30;

/// One line of a reflog.
pub(super) struct Entry<'a> {
    /// The ref's name.
    pub(super) name: &'a str,
    /// Its commits before and after.
    pub(super) ids: [Option<ObjectId>; 2],
    /// What was done, in git's words.
    message: &'a [u8],
}

/// The repository's own folder and that of each linked work tree.
///
/// # Errors
/// The list of the work trees cannot be read.
pub(super) fn folders(common: &Path) -> Result<Vec<PathBuf>> {
    let trees = common.join("worktrees");
    let listed = fs::read_dir(&trees).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let linked: Vec<PathBuf> = match listed {
        Err(none) if none.kind() == ErrorKind::NotFound => Vec::new(),
        listed => listed.map_err(|why| Error::unreadable("read", &trees, &why))?,
    };
    Ok([common.to_path_buf()].into_iter().chain(linked).collect())
}

/// Passes on every line of every reflog, those of linked work trees too.
///
/// # Errors
/// git is missing, or a reflog cannot be read.
pub(super) fn each(repository: &Repository, visit: &mut dyn FnMut(Entry<'_>)) -> Result<()> {
    let is_table = repository.common.join("reftable").is_dir();
    folders(&repository.common)?
        .iter()
        .try_for_each(|folder| if is_table { in_table(folder, visit) } else { in_files(folder, visit) })
}

fn in_files(folder: &Path, visit: &mut dyn FnMut(Entry<'_>)) -> Result<()> {
    let logs = folder.join("logs");
    for entry in WalkDir::new(&logs) {
        let entry = match entry {
            Ok(entry) if entry.file_type().is_file() => entry,
            Ok(_) => continue,
            Err(why) if why.io_error().is_none_or(|why| why.kind() == ErrorKind::NotFound) => continue,
            Err(why) => {
                let path = why.path().unwrap_or(&logs).to_path_buf();
                let why = why.into_io_error().unwrap_or_else(|| ErrorKind::Other.into());
                return Err(Error::unreadable("read", &path, &why));
            }
        };
        let name = shown(entry.path().strip_prefix(&logs).unwrap_or(entry.path()));
        let log = regular_file::read(entry.path(), LONGEST, Trust::Anyones);
        let log = log.map_err(|error| Error::unreadable("read", entry.path(), &error))?;
        for line in log.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            let tab = line.iter().position(|b| *b == b'\t').unwrap_or(line.len());
            let mut words = line[..tab].split(|b| *b == b' ').map(id);
            let ids = [words.next().flatten(), words.next().flatten()];
            visit(Entry { name: &name, ids, message: line.get(tab + 1..).unwrap_or_default() });
        }
    }
    Ok(())
}

/// If refs are kept in git's reftable, git is asked.
fn in_table(folder: &Path, visit: &mut dyn FnMut(Entry<'_>)) -> Result<()> {
    let ask = |arguments: &[&str]| ask_in(folder, arguments);
    let names = run(ask(&["reflog", "list"]), b"")?.good()?;
    if names.is_empty() {
        return Ok(());
    }
    let lines =
        ask(&["log", "--walk-reflogs", "--no-show-signature", "--format=%H%x09%gD%x09%gs", "--stdin"]);
    let lines = run(lines, &names)?.good()?;
    for line in lines.split(|b| *b == b'\n') {
        let mut parts = line.splitn(3, |b| *b == b'\t');
        let (Some(new), Some(name), message) = (parts.next(), parts.next(), parts.next()) else { continue };
        let end = name.windows(2).rposition(|pair| pair == b"@{").unwrap_or(name.len());
        let name = shown_bytes(&name[..end]);
        visit(Entry { name: &name, ids: [None, id(new)], message: message.unwrap_or_default() });
    }
    Ok(())
}

fn id(hex: &[u8]) -> Option<ObjectId> {
    ObjectId::from_hex(hex).ok().filter(|id| !id.is_null())
}

impl Entry<'_> {
    fn starts(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.message.starts_with(word.as_bytes()))
    }

    fn has(&self, words: &[&str]) -> bool {
        words.iter().any(|word| memchr::memmem::find(self.message, word.as_bytes()).is_some())
    }

    /// Whether its new commit came from another repository.
    pub(super) fn came(&self) -> bool {
        let is_own = self.has(&[" . ", " .:"]);
        let is_whole = self.has(&["ast-forward", "storing"]);
        self.starts(&["clone:"]) || !is_own && is_whole && self.starts(&["fetch", "pull"])
    }

    /// Whether the commit was made here, not only checked out.
    pub(super) fn was_made(&self) -> bool {
        let moves = ["clone:", "fetch", "checkout:", "branch:", "reset:", "update by push"];
        let steps = ["ast-forward", "(start)", "(finish)", "finished:", ": checkout", "storing"];
        !self.message.is_empty() && !self.starts(&moves) && !self.has(&steps)
    }
}
