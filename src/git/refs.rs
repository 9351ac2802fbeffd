//! Branches, tags and remote-tracking branches, and what reflogs remember of them.

use std::collections::HashSet;

use gix_hash::ObjectId;
use walkdir::WalkDir;

use super::Repository;
use super::program::run;
use crate::error::{Error, Result};
use crate::system::files::regular_file::{self, Trust};

/// Where remote-tracking branches are.
const REMOTES: &str = "refs/remotes/";

/// A reflog of more bytes is none.
const LONGEST_LOG: u64 = 1 << 30;

/// Every ref with what it points at, and every commit that a reflog names.
pub(super) struct Refs {
    tips: Vec<(ObjectId, String)>,
    /// What any reflog names.
    pub(super) logged: HashSet<ObjectId>,
    /// What a remote-tracking branch once pointed at: it was on the remote.
    pub(super) once_pushed: HashSet<ObjectId>,
}

impl Refs {
    /// The refs of a repository, shared by all its work trees, and each work tree's HEAD.
    ///
    /// # Errors
    /// git is not there, or a reflog cannot be read.
    pub(super) fn of(repository: &Repository) -> Result<Self> {
        let listed =
            run(repository.ask(&["for-each-ref", "--format=%(objectname) %(refname)"]), b"")?.good()?;
        let lines = listed.split(|b| *b == b'\n').filter_map(|line| {
            let (id, name) = line.split_at_checked(line.iter().position(|b| *b == b' ')?)?;
            Some((ObjectId::from_hex(id).ok()?, super::shown_bytes(&name[1..])))
        });
        let mut refs = Self { tips: lines.collect(), logged: HashSet::new(), once_pushed: HashSet::new() };
        let common = &repository.common;
        for folder in [common.join("logs"), common.join("worktrees")] {
            for entry in WalkDir::new(folder).into_iter().flatten().filter(|e| e.file_type().is_file()) {
                let relative = entry.path().strip_prefix(common).unwrap_or(entry.path());
                if relative.iter().any(|part| part == "logs") {
                    let is_remote = relative.starts_with("logs/refs/remotes");
                    let log = regular_file::read(entry.path(), LONGEST_LOG, Trust::Anyones);
                    let log = log.map_err(|error| Error::unreadable("read", entry.path(), &error))?;
                    refs.read_log(&log, is_remote);
                }
            }
        }
        Ok(refs)
    }

    fn read_log(&mut self, log: &[u8], is_remote: bool) {
        for line in log.split(|b| *b == b'\n') {
            for id in line.split(|b| *b == b' ').take(2).filter_map(|id| ObjectId::from_hex(id).ok()) {
                if !id.is_null() {
                    self.logged.insert(id);
                    if is_remote {
                        self.once_pushed.insert(id);
                    }
                }
            }
        }
    }

    /// What each ref points at, a tag among them, with the ref's name.
    pub(super) fn tips(&self) -> impl Iterator<Item = (&ObjectId, &str)> {
        self.tips.iter().map(|(id, name)| (id, name.as_str()))
    }
}

/// The full name of every ref, and whether a remote has one of that name.
///
/// # Errors
/// git is not there.
pub fn names(repository: &Repository) -> Result<Vec<(Vec<u8>, bool)>> {
    let listed = run(repository.ask(&["for-each-ref", "--format=%(refname)"]), b"")?.good()?;
    let names = listed.split(|b| *b == b'\n').filter(|name| !name.is_empty());
    Ok(names.map(|name| (name.to_vec(), name.starts_with(REMOTES.as_bytes()))).collect())
}

/// Whether a ref tells what a remote has.
pub(super) fn is_remote(name: &str) -> bool {
    name.starts_with(REMOTES)
}
