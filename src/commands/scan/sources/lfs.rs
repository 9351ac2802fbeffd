//! What git-lfs keeps for a pointer, searched in the pointer's place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::super::finding::Source;
use super::Texts;
use crate::git::tree::{Seen, each_file};
use crate::git::{Repository, Skipped, lfs, shown};

/// The repositories of the folders that held a pointer, and the objects that were searched already.
#[derive(Default)]
pub(super) struct LfsObjects {
    repositories: Mutex<BTreeMap<PathBuf, Option<Repository>>>,
    searched: Mutex<BTreeSet<String>>,
}

impl LfsObjects {
    /// Searches what a file stands for; a file that is no pointer stands for nothing else.
    pub(super) fn of_file(&self, texts: &Texts<'_>, kind: Source, path: &Path, text: &[u8]) {
        let (Some(id), Some(folder)) = (lfs::pointer(text), path.parent()) else { return };
        let mut known = self.repositories.lock().unwrap_or_else(PoisonError::into_inner);
        let of_folder = known.entry(folder.to_path_buf());
        let repository = of_folder.or_insert_with(|| Repository::around(folder).ok().flatten()).clone();
        drop(known);
        if let Some(repository) = repository {
            self.object(texts, &repository, kind, path, &id);
        }
    }

    /// Searches the object of a pointer that git has, once.
    pub(super) fn of_blob(
        &self,
        texts: &Texts<'_>,
        repository: &Repository,
        kind: Source,
        path: &Path,
        text: &[u8],
    ) {
        let Some(id) = lfs::pointer(text) else { return };
        let is_new =
            self.searched.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{kind:?} {id}"));
        if is_new {
            self.object(texts, repository, kind, path, &id);
        }
    }

    fn object(&self, texts: &Texts<'_>, repository: &Repository, kind: Source, path: &Path, id: &str) {
        let file = match lfs::held(repository, &shown(path), id) {
            Ok(file) => file,
            Err(part) => return texts.into.skip([part]),
        };
        each_file(&[file], &|seen| match seen {
            Seen::File(_, size, content) => match texts.read(kind, path, size, content) {
                Ok(_) => {}
                Err(error) => texts.into.skip([Skipped::of(path, &error)]),
            },
            Seen::Skipped(part) => texts.into.skip([part]),
            Seen::Name(..) | Seen::Settings(..) => {}
        });
    }
}
